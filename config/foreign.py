"""Packages of our names that somebody else brought: the index has an `Events`, for instance.

Read from the folders themselves: `importlib.metadata` alone takes longer to come than all this,
and every command would wait for it.
"""

import os
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from config.errors import QinwuError

OURS = ("config", "dispatch", "events", "scheduler")
_SELF = "qinwu"


def refuse(here: Path) -> None:
    """Refuse when a package of ours would come from, or is mixed with, somebody else's.

    Args:
        here: The folder in which ours stand.

    Raises:
        QinwuError: Whose it is, or where it stands.
    """
    for name in OURS:
        spec = find_spec(name)
        places = [] if spec is None else list(spec.submodule_search_locations or ())
        if not places or Path(places[0]).resolve().parent != here:
            where = places[0] if places else spec.origin if spec else "-"
            raise QinwuError("help.foreign_package", package=name, where=where)
    for name, owner in _other_owners():
        raise QinwuError("help.foreign_package", package=name, where=owner)


def _other_owners() -> Iterator[tuple[str, str]]:
    """Packages of ours that another installed distribution also brings, with its name."""
    for info in _distributions():
        files = b"\n" + _read(info, "RECORD")
        names = _read(info, "top_level.txt").decode(errors="replace").split()
        for name in OURS:
            begins = (f"\n{name}/".encode(), f"\n{name}.py,".encode())
            if name in names or any(one in files for one in begins):
                owner = os.path.basename(info).partition("-")[0]  # noqa: PTH119 - text from scandir
                if owner.partition(".")[0] != _SELF:
                    yield name, owner


def _distributions() -> Iterator[str]:
    """The folders in which installers tell what they have installed."""
    for place in dict.fromkeys(sys.path):
        try:
            with os.scandir(place or ".") as found:
                yield from (
                    one.path for one in found if one.name.endswith((".dist-info", ".egg-info"))
                )
        except OSError:  # an archive, or nothing at all
            continue


def _read(info: str, name: str) -> bytes:
    try:
        with open(f"{info}/{name}", "rb") as file:  # noqa: PTH123 - hundreds, at every start
            return file.read()
    except OSError:
        return b""
