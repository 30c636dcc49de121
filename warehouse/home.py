"""Where everything of one warehouse lies: the folder and the names in it."""

from dataclasses import dataclass
from pathlib import Path

from warehouse.addresses import archive_of


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
        """The folder of raw pages: within this one, unless the home says where else it lies."""
        return archive_of(self.root)

    @property
    def lock(self) -> Path:
        """The file whose lock makes writers take turns."""
        return self.root / "writer.lock"

    @property
    def holder(self) -> Path:
        """The file in which the writer at work leaves its process id, for those who wait."""
        return self.root / "writer.pid"

    @property
    def server(self) -> Path:
        """The file in which a server says at which port, with which key, it gives turns."""
        return self.root / "server.json"

    @property
    def search_index(self) -> Path:
        """The index for searching words; it may be removed, the next upkeep makes another."""
        return self.root / "search.duckdb"

    @property
    def topic_model(self) -> Path:
        """The model that `newsledger topics train` made; where there is none, rules stand alone."""
        return self.root / "topic-model.npz"

    @property
    def checked_knowledge(self) -> Path:
        """The version of the tagging rules that were read without a mistake."""
        return self.root / "knowledge.version"

    @property
    def differences(self) -> Path:
        """The folder of what reprocessing changed, or would change: a file for each run."""
        return self.root / "reprocess"

    @property
    def exports(self) -> Path:
        """The folder into which the nightly upkeep exports all tables."""
        return self.root / "export"

    @property
    def export_list(self) -> Path:
        """The file that lists all folders ever exported to: a takedown must reach them too."""
        return self.root / "exports.json"

    @property
    def spool(self) -> Path:
        """The folder of copies of large files from the web, until what they list is done."""
        return self.root / "spool"

    @property
    def robots(self) -> Path:
        """The folder of what hosts' robots.txt said, for a day; it may be removed at any time."""
        return self.root / "robots"

    @property
    def runs(self) -> Path:
        """The folder of locks that say which sources a living run of ingest is at work on."""
        return self.root / "runs"

    @property
    def unrecorded(self) -> Path:
        """The folder of what the ledger has still to learn, because the database was held."""
        return self.root / "unrecorded"

    @property
    def wanted(self) -> Path:
        """The file that writers touch while they wait, so that a server steps aside for them."""
        return self.root / "writer.wanted"
