"""The folder of a warehouse that is made anew from the archive of another one.

It has files of its own: the archive of the other one is linked, or copied from another disk or an
object store. Files of an archive are never changed, only replaced whole, so neither warehouse sees
what happens to the other one.
"""

import os
from pathlib import Path

from warehouse.errors import ArchiveError, WarehouseError
from warehouse.files import copy, replace_text, replace_whole
from warehouse.home import Home


def begin(earlier: Home, anew: Home) -> None:
    """Give the new warehouse what the earlier one has: archive, topic model, notes for its ledger.

    Where it was begun before, from the same one, it goes on. Raises ArchiveError for a folder that
    holds something else, and where there is no archive; WarehouseError when the disk refuses.
    """
    require_room(earlier, anew)
    replace_text(_mark(anew), str(earlier.root.resolve()))
    try:
        while not _take_along(earlier, anew):
            pass  # batches were moved meanwhile: they have other names now
        if earlier.topic_model.is_file() and not anew.topic_model.exists():
            _link(earlier.topic_model, anew.topic_model)
    except OSError as error:
        raise WarehouseError(
            f"The archive could not be brought to {anew.root}: {error}. Mend that and run this"
            " again: it goes on from there."
        ) from error


def require_room(earlier: Home, anew: Home) -> None:
    """Raise ArchiveError where there is no archive, or the folder holds something else.

    It may be empty, or hold what was begun there before, from the same warehouse.
    """
    if not earlier.archive.is_dir():
        raise ArchiveError(
            f"There is no {earlier.archive}: nothing to rebuild from. NEWSLEDGER_HOME says where"
            " the data is looked for."
        )
    if anew.root.resolve().is_relative_to(earlier.root.resolve()):
        raise ArchiveError(f"{anew.root} lies within {earlier.root}: rebuild into another folder.")
    mark = _mark(anew)
    if mark.exists():
        begun = mark.read_text(encoding="utf-8")
        if begun != str(earlier.root.resolve()):
            raise ArchiveError(f"{anew.root} is being rebuilt from {begun}; give another folder.")
    elif anew.root.exists() and any(anew.root.iterdir()):
        raise ArchiveError(f"{anew.root} is not empty: rebuild into a new folder.")


def finish(anew: Home) -> None:
    """Take note that the new warehouse is whole."""
    _mark(anew).unlink(missing_ok=True)


def _mark(anew: Home) -> Path:
    return anew.root / "rebuilding"


def _take_along(earlier: Home, anew: Home) -> bool:
    """Link all files; tell whether each was still there when its turn came."""
    is_whole = True
    for folder, ours in ((earlier.archive, anew.archive), (earlier.unrecorded, anew.unrecorded)):
        # Sorted, what is pending comes after pages: a batch that is loaded meanwhile was in one.
        for path in sorted(folder.rglob("[!.]*"), reverse=True):
            target = ours / str(path.relative_to(folder))
            if path.is_file() and not target.exists():
                is_whole &= _link(path, target)
    return is_whole


def _link(path: Path, target: Path) -> bool:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        try:
            os.link(path, target)
        except (OSError, TypeError):  # another disk, one without links, an object store
            replace_whole(target, lambda temporary: copy(path, temporary))
    except FileNotFoundError:
        return False
    return True
