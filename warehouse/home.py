"""Where everything of one warehouse lies: the folder and the names in it."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Home:
    """The folder of one warehouse. It need not exist yet: the first writer makes it."""

    root: Path

    @property
    def live(self) -> Path:
        """The database that the pipeline writes; nobody else opens it."""
        return self.root / "live.duckdb"

    @property
    def news(self) -> Path:
        """The published copy that people query; replaced whole, never changed."""
        return self.root / "news.duckdb"

    @property
    def archive(self) -> Path:
        """The folder of raw pages."""
        return self.root / "archive"

    @property
    def lock(self) -> Path:
        """The file whose lock makes writers take turns."""
        return self.root / "writer.lock"

    @property
    def holder(self) -> Path:
        """The file in which the writer at work leaves its process id, for those who wait."""
        return self.root / "writer.pid"
