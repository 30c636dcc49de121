"""The walls of the design: who may import what."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parent.parent
FILES = sorted(
    path for folder in ("flows", "tasks", "warehouse") for path in (PROJECT / folder).rglob("*.py")
)
ONLY_HERE = {  # a library, and the one place that may import it
    "duckdb": "warehouse/",
    "aiolimiter": "tasks/web/",
    "httpcore": "tasks/web/",
    "httpx": "tasks/web/",
    "protego": "tasks/web/",
    "trafilatura": "tasks/extraction/",
    "scipy": "tasks/tagging/learning/training.py",
    "sklearn": "tasks/tagging/learning/training.py",
    "fastwarc": "tasks/discovery/warc.py",
    "typer": "flows/cli",
    "pydantic_settings": "flows/settings.py",
}


def imports_of(path: Path) -> set[str]:
    """Return the full names of the modules that a file imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


def place_of(path: Path) -> str:
    """Return a file's path within the project."""
    return path.relative_to(PROJECT).as_posix()


@pytest.mark.parametrize("path", FILES, ids=place_of)
def test_walls(path: Path) -> None:
    """Only flows -> tasks/*.py -> tasks/*/ and warehouse/; nothing the other way."""
    place, imported = place_of(path), imports_of(path)
    ours = {name for name in imported if name.split(".")[0] in {"flows", "tasks", "warehouse"}}
    if place.startswith("warehouse/"):
        assert not {n for n in ours if not n.startswith("warehouse")}, "the warehouse stands alone"
    if place.startswith("tasks/articles/"):
        foreign = {n.split(".")[0] for n in imported - ours} - sys.stdlib_module_names
        assert not foreign, "tasks/articles is standard library only"
        assert not {n for n in ours if not n.startswith("tasks.articles")}
    if place.startswith("tasks/"):
        assert not {n for n in ours if n.startswith("flows")}, "nothing imports upwards"
    if place.count("/") > 1 and place.startswith("tasks/"):
        folder = ".".join(place.split("/")[:2])
        allowed = (folder, "tasks.articles", "tasks.sources")
        assert not {n for n in ours - {"tasks"} if not n.startswith(allowed)}, (
            f"{folder} knows itself, the articles and the sources; hand the rest in"
        )
        assert not {n for n in imported if n.split(".")[0] == "prefect"}, (
            "what lies beneath tasks/ is plain Python: Prefect belongs in tasks/*.py and flows/"
        )


@pytest.mark.parametrize("library", ONLY_HERE)
def test_each_library_has_its_place(library: str) -> None:
    """A library behind one door can be changed in one place."""
    users = {
        place_of(path) for path in FILES if library in {n.split(".")[0] for n in imports_of(path)}
    }
    assert users, f"nothing imports {library}: take it out of this test and of pyproject.toml"
    strangers = {user for user in users if not user.startswith(ONLY_HERE[library])}
    assert not strangers, f"{library} may be imported in {ONLY_HERE[library]} only"


def test_only_settings_read_the_environment() -> None:
    """One place to look for what a variable does."""
    readers = {
        place_of(path)
        for path in FILES
        if {"os.environ", "os.getenv"}
        & {
            ast.unparse(node)
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Attribute)
        }
    }
    assert readers <= {"flows/settings.py"}


@pytest.mark.parametrize("command", ["--help", "ingest --help", "query --help", "sources"])
def test_no_command_imports_prefect_before_it_must(command: str) -> None:
    """`newsledger --help` answers at once."""
    script = (
        "import sys\n"
        "from flows.cli import app\n"
        f"app({command.split()!r}, standalone_mode=False)\n"
        "slow = {'prefect', 'trafilatura', 'duckdb', 'pyarrow', 'httpx'} & set(sys.modules)\n"
        "sys.exit(f'imported without need: {slow}' if slow else 0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_workers_do_not_import_prefect() -> None:
    """What runs in worker processes stays light."""
    script = (
        "import sys\n"
        "import tasks.extraction.extract, tasks.tagging.tagger\n"
        "sys.exit(bool({'prefect', 'sklearn', 'scipy'} & set(sys.modules)))\n"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
