"""Says what is wrong in a source file: a sentence for each mistake, with what to write instead."""

import difflib
from collections.abc import Iterator, Sequence
from typing import Any, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from tasks.sources.schema import KINDS, Source

# What a person is told for pydantic's own kinds of errors; for others, its message stands.
_TOLD = {
    "tuple_type": "must be a list in square brackets, such as [{input!r}]",
    "string_type": "must be text in quotes",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "mapping_type": 'must be pairs such as {{ key = "value" }}',
    "model_type": "must be a section: write [{where}] on a line of its own, its keys below",
}
# What fields with a pattern hold.
_HELD = {
    "name": "is the file's name: small letters, digits and dashes, such as my-source.toml",
    "publisher": "must be the publisher's domain in small letters, such as example.com",
    "home": "must be an address that begins with http:// or https://",
    "url": "must be an address that begins with http:// or https://",
}


def sentences(error: ValidationError) -> Iterator[str]:
    """Yield a sentence for each mistake, with the key and the nearest right one."""
    problems = error.errors()
    typos = {_near(problem) for problem in problems if problem["type"] == "extra_forbidden"}
    for problem in problems:
        place = _keys(problem)
        if problem["type"] == "missing" and place in typos:
            continue  # the sentence about the typo says it
        if place == ("lists",) and problem["type"] == "too_short" and len(problems) > 1:
            continue  # it only follows from a list that is wrong
        yield _sentence(problem)


def _sentence(problem: ErrorDetails) -> str:
    where, kind = ".".join(_shown(problem)), problem["type"]
    if kind == "extra_forbidden":
        return f"there is no key {where!r}; {_hint(problem)}"
    if kind == "missing":
        return f"the key {where!r} is missing."
    if kind.startswith("union_tag"):
        return f"{where}: {_about_kind(problem)}"
    if where == "lists" and isinstance(problem["input"], dict):
        return "lists: write [[lists]], in double brackets, above each list."
    if kind == "string_pattern_mismatch":
        return f"{where}: {problem['input']!r} {_HELD[_keys(problem)[-1]]}."
    told = _TOLD.get(kind, problem["msg"].removeprefix("Value error, "))
    if kind in _TOLD:
        told = told.format(input=problem["input"], where=where)
    return f"{where}: {told}."


def _about_kind(problem: ErrorDetails) -> str:
    kinds = f"kind must be one of: {', '.join(KINDS)}"
    said = str((problem.get("ctx") or {}).get("tag", ""))
    near = difflib.get_close_matches(said, KINDS, n=1)
    return f"{kinds}; did you mean {near[0]!r}?" if near else f"{kinds}."


def _hint(problem: ErrorDetails) -> str:
    *section, key = _keys(problem)
    known = list(_model_at(section).model_fields)
    if near := difflib.get_close_matches(key, known, n=1):
        return f"did you mean {near[0]!r}?"
    if home := _home_of(key):
        return f"it belongs {home}."
    return f"known: {', '.join(known)}."


def _home_of(key: str) -> str:
    """Say where a key would be right: TOML puts all keys under a header into its section."""
    if key in Source.model_fields:
        return "to the top of the file, above the first header in brackets"
    for name in Source.model_fields:
        if name != "lists" and key in _fields_of(Source, name):
            return f"under [{name}]"
    for kind, model in KINDS.items():
        if key in model.model_fields:
            return f'under a [[lists]] with kind = "{kind}"'
    return ""


def _near(problem: ErrorDetails) -> tuple[str, ...]:
    """Return the keys of what a mistyped key was meant to be, as far as they are near."""
    *section, key = _keys(problem)
    near = difflib.get_close_matches(key, _model_at(section).model_fields, n=1)
    return (*section, *near) if near else ()


def _keys(problem: ErrorDetails) -> tuple[str, ...]:
    return tuple(str(part) for part in problem["loc"])


def _shown(problem: ErrorDetails) -> list[str]:
    """Return the keys as the file has them: without the kind that pydantic puts between."""
    keys = _keys(problem)
    return [key for n, key in enumerate(keys) if not (n == 2 and keys[0] == "lists")]  # noqa: PLR2004


def _model_at(section: Sequence[str]) -> type[BaseModel]:
    """Return the model of a section; that of a list ends in its kind, as in lists, 0, feed."""
    if not section:
        return Source
    if section[0] == "lists":
        return KINDS[section[-1]]
    model = Source.model_fields[section[0]].annotation
    assert isinstance(model, type)
    assert issubclass(model, BaseModel)
    return model


def _fields_of(model: type[BaseModel], name: str) -> dict[str, Any]:
    section = model.model_fields[name].annotation
    if get_origin(section) is None and isinstance(section, type) and issubclass(section, BaseModel):
        return dict(section.model_fields)
    return {}
