"""Where the archive lies: in the home's folder, or at any address that fsspec reaches.

An object store's folder is a ``UPath``, which has the methods of a ``Path`` that the archive uses.
A home remembers its archive's address, so that no command can miss it, a takedown least of all.
"""

from collections.abc import Hashable
from pathlib import Path
from typing import Any, cast

from warehouse.errors import ArchiveError

REMEMBERED = "archive.address"  # the file in a home that holds the address
ON_DISK = ("", "file", "local")
# Of the large stores by scheme, what fsspec reaches them by; of the others it says so itself.
PACKAGES = {
    "s3": "s3fs",
    "s3a": "s3fs",
    "gs": "gcsfs",
    "gcs": "gcsfs",
    "az": "adlfs",
    "abfs": "adlfs",
}


def archive_of(root: Path) -> Path:
    """Return the folder of the archive that belongs to the home in this folder."""
    address = _remembered(root)
    return folder_at(address) if address else root / "archive"


def folder_at(address: str) -> Path:
    """Return the folder at an address, to be used as a Path. Nothing is asked of it yet.

    Raises ArchiveError for an address of an unknown kind, or of one whose package is missing.
    """
    if "://" not in address:
        return Path(address)
    from upath import UPath  # noqa: PLC0415 - 0.1 s, for those who need it

    try:
        # Kept listings would hide what another process wrote.
        folder = UPath(address, use_listings_cache=False)
        if folder.protocol in ON_DISK:
            return Path(folder.path)
        _ = folder.fs  # imports the store's package
    except ImportError as error:
        package = PACKAGES.get(address.partition("://")[0], "")
        how = f"pip install {package}" if package else str(error).rstrip(".")
        raise ArchiveError(
            f"The archive cannot be at {address}: a package is missing that reaches it; {how}."
        ) from error
    except ValueError as error:
        raise ArchiveError(f"The archive cannot be at {address}: {error}.") from error
    return cast("Path", folder)


def is_on_disk(path: Path) -> bool:
    """Say whether a path is one of this machine's file system, with renames that are one step."""
    return isinstance(path, Path)


def state_of(path: Path) -> Hashable:
    """Return what is another once the file at a path was written anew. Raises OSError."""
    if is_on_disk(path):
        stat = path.stat()
        return stat.st_mtime_ns, stat.st_size
    store: Any = path
    return cast("Hashable", store.fs.ukey(store.path))


def _remembered(root: Path) -> str:
    try:
        return (root / REMEMBERED).read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return ""
