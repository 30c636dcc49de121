"""Telling: a paragraph that only begins like a promotion stays, one that goes on as one goes."""

import pytest

from tasks.extraction.lines import clean_lines


@pytest.mark.parametrize(
    "paragraph",
    [
        "Read more closely, the filing is bleak. Costs rose to $81 million in the third quarter.",
        "Sign up for our newsletter, he urged. The hall in Ostend seats 412 people, or 30 buses.",
        "Jetzt testen die Partner den Betrieb. Die Mitglieder stimmen am 9. und 10. Dezember ab.",
        "Continua após a publicidade das taxas a disputa. O banco calcula que R$ 19 bilhões mudem.",
        "Suscríbete quien quiera. La horquilla, entre 12 y 14,5 euros, valora el grupo en 720.",
        "Iscriviti chi vuole. Il prezzo, fra 12 e 14 euro, valuta il gruppo 720 milioni.",
    ],
)
def test_a_paragraph_that_goes_on_to_tell_stays(paragraph: str) -> None:
    """A later sentence with a figure, a date or a speaker makes it the story's."""
    assert clean_lines([paragraph, "The end."]) == [paragraph, "The end."]


@pytest.mark.parametrize(
    "paragraph",
    [
        "Subscribe to our newsletter. It brings you 5 ideas every morning at 7.",
        "Subscribe to our newsletter. Our analysts have picked 12 stocks since 2019.",
        "Jetzt kostenlos testen. Sie sparen 30 Prozent und erhalten 4 Ausgaben.",
        "Iscriviti alla newsletter. Ogni giorno alle 7 i nostri esperti ne scelgono 3.",
        "Sign up for our newsletter. © 2026 Harbor Quotes Limited, all rights reserved.",
    ],
)
def test_a_paragraph_that_goes_on_to_advertise_goes(paragraph: str) -> None:
    """Figures of an offer, which speaks to readers or for the publisher, tell nothing."""
    assert clean_lines([paragraph, "The end."]) == ["The end."]
