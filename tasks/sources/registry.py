"""Finds the source files: the project's own, then the user's, who wins on the same name."""

import difflib
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import ValidationError

from tasks.articles.errors import SourceError
from tasks.sources.mistakes import sentences
from tasks.sources.schema import SitemapList, Source

OWN_FOLDER = Path(__file__).parent


class Sources(dict[str, Source]):
    """The declared sources by name, and what is wrong with the files that cannot be used."""

    def __init__(self) -> None:
        super().__init__()
        self.broken: dict[str, str] = {}  # by name, a sentence for each mistake

    @property
    def left_out(self) -> list[str]:
        """Say in a sentence each which sources cannot be used; `newsledger sources` says why."""
        return [
            f"The file of the source {name!r} cannot be used; newsledger sources says why."
            for name in self.broken
        ]

    def require_all(self) -> None:
        """Raise SourceError where one cannot be used: for what must know them all."""
        if self.broken:
            raise SourceError("\n".join(self.broken.values()))


def load_sources(user_folder: Path | None = None) -> Sources:
    """Return every declared source by name; a file that cannot be used stops only its own.

    Raises SourceError for a folder that is not there.
    """
    folders = [OWN_FOLDER] if user_folder is None else [OWN_FOLDER, user_folder]
    for folder in folders:
        if not folder.is_dir():
            raise SourceError(
                f"The folder of sources {folder} does not exist; make it or name another."
            )
    sources = Sources()
    for path in (path for folder in folders for path in sorted(folder.glob("*.toml"))):
        try:
            sources[path.stem] = load_source(path)
        except SourceError as error:
            sources.pop(path.stem, None)  # that it was to replace: not what its user wants
            sources.broken[path.stem] = str(error)
    return sources


def load_source(path: Path) -> Source:
    """Read one source file. Raises SourceError with a sentence for each of its mistakes."""
    try:
        text = path.read_bytes().decode("utf-8")
    except OSError as error:
        raise SourceError(f"{path}: cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise SourceError(f"{path}: line {line} is not UTF-8; save the file as UTF-8.") from error
    return read_source(text, path)


def read_source(text: str, path: Path) -> Source:
    """Read the text of a source file that is, or will be, at ``path``. Raises SourceError."""
    try:
        declared = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise SourceError(f"{path}: cannot be read as TOML: {error}.") from error
    declared.setdefault("name", path.stem)
    try:
        source = Source.model_validate(declared)
    except ValidationError as error:
        raise SourceError("\n".join(f"{path}: {told}" for told in sentences(error))) from None
    if source.name != path.stem:
        raise SourceError(f"{path}: name = {source.name!r} must be {path.stem!r}, as the file.")
    return source


def choose(sources: Mapping[str, Source], names: Iterable[str]) -> list[Source]:
    """Return the sources with these names, in this order, each once.

    Raises SourceError for a name that there is not, or whose file cannot be used.
    """
    chosen = []
    broken = sources.broken if isinstance(sources, Sources) else {}
    for name in dict.fromkeys(names):
        if name in broken:
            raise SourceError(broken[name])
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
