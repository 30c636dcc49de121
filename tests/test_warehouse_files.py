"""Files are whole under their names, and copies share blocks where the file system can."""

import fcntl
import os
import sys
from pathlib import Path

import pytest

from warehouse.files import copy, replace_whole

CLONE = 0x40049409  # FICLONE of linux/fs.h
linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux clones by ioctl")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Give a file to copy."""
    path = tmp_path / "source"
    path.write_bytes(os.urandom(100_000))
    return path


@linux
def test_blocks_are_shared_where_the_file_system_can(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system is asked to clone the source into the target, and nothing is copied then."""
    asked: list[tuple[str, int, str]] = []

    def clone(target: int, request: int, origin: int) -> int:
        paths = [str(Path(f"/proc/self/fd/{number}").readlink()) for number in (target, origin)]
        asked.append((paths[0], request, paths[1]))
        os.write(target, b"shared")
        return 0

    monkeypatch.setattr(fcntl, "ioctl", clone)
    copy(source, tmp_path / "target")
    assert asked == [(str(tmp_path / "target"), CLONE, str(source))]
    assert (tmp_path / "target").read_bytes() == b"shared"


@linux
def test_a_file_system_that_cannot_share_blocks_copies_them(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a clone that failed left in the target is replaced."""

    def refuse(target: int, _: int, __: int) -> int:
        os.write(target, b"half")
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(fcntl, "ioctl", refuse)
    copy(source, tmp_path / "target")
    assert (tmp_path / "target").read_bytes() == source.read_bytes()


def test_a_copy_is_the_same_whatever_the_file_system(source: Path, tmp_path: Path) -> None:
    """As this machine does it."""
    copy(source, tmp_path / "target")
    assert (tmp_path / "target").read_bytes() == source.read_bytes()


def test_a_file_that_cannot_be_finished_leaves_the_old_one(source: Path) -> None:
    """And nothing of its own."""
    before = source.read_bytes()

    def fail(path: Path) -> None:
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        replace_whole(source, fail)
    assert source.read_bytes() == before
    assert list(source.parent.iterdir()) == [source]
