"""Authors as bylines print them, and the names that they must become."""

import pytest

from tasks.extraction.names import clean_authors


@pytest.mark.parametrize(
    ("printed", "names"),
    [
        ("By Jane Doe – Nov 12, 2026 at 7:30PM", ("Jane Doe",)),
        ("Jane Doe, Senior Reporter, and John Smith", ("Jane Doe", "John Smith")),
        ("Reporting by Jane Doe in London; Editing by J. Smith", ("Jane Doe", "J. Smith")),
        ("di Maria Rossi e Luca Bianchi", ("Maria Rossi", "Luca Bianchi")),
        ("Por Ana Pérez | 12 noviembre", ("Ana Pérez",)),
        ("José Ortega y Gasset", ("José Ortega y Gasset",)),
        ("Benzinga Newsdesk", ("Benzinga Newsdesk",)),
    ],
)
def test_bylines_become_names(printed: str, names: tuple[str, ...]) -> None:
    """Dates, places, jobs and the words that join names are no part of them."""
    assert clean_authors([printed], is_byline=True) == names
