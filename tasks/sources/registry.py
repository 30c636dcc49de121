"""Finds the source files: the project's own, then the user's, who wins on the same name."""

import difflib
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import BaseModel, ValidationError

from tasks.articles.errors import SourceError
from tasks.sources.schema import KINDS, SitemapList, Source

OWN_FOLDER = Path(__file__).parent


def load_sources(user_folder: Path | None = None) -> dict[str, Source]:
    """Return every declared source by name. Raises SourceError for a file that cannot be used."""
    folders = [OWN_FOLDER] if user_folder is None else [OWN_FOLDER, user_folder]
    for folder in folders:
        if not folder.is_dir():
            raise SourceError(
                f"The folder of sources {folder} does not exist; make it or name another."
            )
    paths = [path for folder in folders for path in sorted(folder.glob("*.toml"))]
    return {source.name: source for source in map(load_source, paths)}


def load_source(path: Path) -> Source:
    """Read one source file. Raises SourceError that names the file, the key and what to write."""
    try:
        declared = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SourceError(f"{path}: cannot be read as TOML: {error}") from error
    if declared.setdefault("name", path.stem) != path.stem:
        raise SourceError(
            f"{path}: name = {declared['name']!r} must be {path.stem!r}, as the file."
        )
    try:
        return Source.model_validate(declared)
    except ValidationError as error:
        raise SourceError("\n".join(_sentences(path, error))) from None


def choose(sources: Mapping[str, Source], names: Iterable[str]) -> list[Source]:
    """Return the sources with these names, in this order, each once. Raises SourceError."""
    chosen = []
    for name in dict.fromkeys(names):
        if name not in sources:
            known = difflib.get_close_matches(name, sources, n=1)
            hint = f"did you mean {known[0]!r}?" if known else f"there are: {', '.join(sources)}."
            raise SourceError(f"There is no source {name!r}; {hint}")
        chosen.append(sources[name])
    return chosen


def source_of(url: str, sources: Mapping[str, Source]) -> Source:
    """Return the declared source whose site this address is on, else one that knows nothing."""
    host = (urlsplit(url).hostname or "page.invalid").removeprefix("www.")
    for source in sources.values():
        if host == (urlsplit(source.home).hostname or "").removeprefix("www."):
            return source
    home = f"https://{host}/"
    return Source(
        name="undeclared",
        title=host,
        publisher=host,
        home=home,
        languages=(),
        lists=(SitemapList(kind="sitemap", url=f"{home}sitemap.xml"),),
    )


def _sentences(path: Path, error: ValidationError) -> Iterable[str]:
    problems = error.errors()
    for problem in problems:
        keys = [str(part) for part in problem["loc"]]
        where = ".".join(key for key in keys if key not in KINDS)
        if problem["type"] == "extra_forbidden":
            known = list(_model_of(keys[:-1]).model_fields)
            near = difflib.get_close_matches(keys[-1], known, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known)}."
            yield f"{path}: there is no key {where!r}; {hint}"
        elif problem["type"].startswith("union_tag"):
            yield f"{path}: {where}: kind must be one of: {', '.join(KINDS)}."
        elif keys != ["lists"] or len(problems) == 1:  # else it only follows from another
            yield f"{path}: {where}: {problem['msg'].removeprefix('Value error, ')}"


def _model_of(section: list[str]) -> type[BaseModel]:
    """Return the model of a section; that of a list ends in its kind, as in lists, 0, feed."""
    if not section:
        return Source
    if section[-1] in KINDS:
        return KINDS[section[-1]]
    model = Source.model_fields[section[0]].annotation
    assert isinstance(model, type)
    return model
