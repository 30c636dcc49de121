"""Puts whole files in place: a file under its final name is complete and on the disk."""

import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from warehouse.addresses import is_on_disk

# Linux, <linux/fs.h>: _IOW(0x94, 9, int). Btrfs, XFS and bcachefs share the blocks of the copy.
_FICLONE = 0x40049409


def replace_whole(path: Path, write: Callable[[Path], None]) -> None:
    """Let ``write`` make a file under a temporary name, then give it its name, replacing it.

    A crash leaves the old file, or the new one, never a part. Raises OSError.
    """
    if not is_on_disk(path):
        _upload(path, write)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        write(temporary)
        _flush(temporary)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    _flush(path.parent)


def replace_text(path: Path, text: str) -> None:
    """Put a text file in place, in UTF-8, as ``replace_whole`` does. Raises OSError."""

    def write(temporary: Path) -> None:
        temporary.write_text(text, encoding="utf-8")

    replace_whole(path, write)


def move(path: Path, target: Path) -> Path:
    """Rename a file within the file system, durably, and return its new path. Raises OSError.

    In an object store it is copied and then removed: a crash between the two leaves both.
    """
    if not is_on_disk(path):
        return path.rename(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    path.replace(target)
    _flush(target.parent)
    _flush(path.parent)
    return target


def copy(path: Path, target: Path) -> None:
    """Copy a file to this disk, sharing its blocks where it can. Raises OSError."""
    if not is_on_disk(path):
        target.write_bytes(path.read_bytes())
    elif not _share_blocks(path, target):
        shutil.copyfile(path, target)


def remove_leftovers(path: Path) -> None:
    """Remove what killed writers of this path left; call it only where no other one can be."""
    for leftover in path.parent.glob(f".{path.name}.*.part"):
        leftover.unlink(missing_ok=True)


def _upload(path: Path, write: Callable[[Path], None]) -> None:
    """Write a file here and put it into an object store, which shows whole objects only."""
    with tempfile.TemporaryDirectory(prefix="newsledger-") as folder:
        here = Path(folder) / path.name
        write(here)
        path.parent.mkdir(parents=True, exist_ok=True)  # some stores have folders
        store: Any = path
        store.fs.put_file(str(here), store.path)


def _share_blocks(path: Path, target: Path) -> bool:
    if sys.platform != "linux":
        return False
    import fcntl  # noqa: PLC0415 - there is none on Windows

    try:
        with path.open("rb") as source, target.open("wb") as clone:
            fcntl.ioctl(clone.fileno(), _FICLONE, source.fileno())
    except OSError:
        return False
    return True


def _flush(path: Path) -> None:
    """Wait until a file, or a folder's list of names, is on the disk."""
    if path.is_dir() and sys.platform == "win32":
        return  # Windows cannot open a folder, and needs no flush of it
    descriptor = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
