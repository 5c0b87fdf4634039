"""A snapshot of the fold: a local cache that spares reading a long journal, thrown away freely.

It is taken only when all effects of its frames are released, so that nothing before it has to be
released again. The journal alone is the truth: another program, other district files, another
bus, a broken or missing file, and the journal is folded from its beginning.
"""

import hashlib
import io
import pickle
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from config.ids import AreaId
from dispatch import moments
from dispatch.state import State
from events.frame import Fold

FILE = Path(".qinwu") / "snapshot"
_DIGEST_BYTES = 32
_OURS = ("dispatch.", "events.", "config.")
_PLAIN = {("builtins", "frozenset"), ("builtins", "set")}


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A fold and its state; `journal` is the identity of the stream that was folded on `bus`."""

    program: str
    files: Mapping[str, str]
    bus: str
    journal: str
    fold: Fold
    state: State


@cache
def program() -> str:
    """The program's version and the digest of its source: what made a decision."""
    try:
        number = metadata.version("qinwu")
    except metadata.PackageNotFoundError:
        number = "source"
    told = hashlib.sha256()
    root = Path(__file__).resolve().parent.parent
    for package in ("config", "dispatch", "events"):
        for file in sorted((root / package).rglob("*.py")):
            told.update(file.read_bytes())
    return f"{number}+{told.hexdigest()[:12]}"


def save(folder: Path, snapshot: Snapshot) -> None:
    """Write it; whoever dies meanwhile leaves the one before."""
    raw = pickle.dumps(replace(snapshot, fold=replace(snapshot.fold)))
    path = folder / FILE
    path.parent.mkdir(exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.write_bytes(hashlib.sha256(raw).digest() + raw)
    moments.reached("during_snapshot")
    fresh.replace(path)


def load(folder: Path, area: AreaId, files: Mapping[str, str], bus: str) -> Snapshot | None:
    """The snapshot of this program, these files and the bus of that address; None: none of use."""
    try:
        whole = (folder / FILE).read_bytes()
    except OSError:
        return None
    sealed, raw = whole[:_DIGEST_BYTES], whole[_DIGEST_BYTES:]
    if hashlib.sha256(raw).digest() != sealed:
        return None
    try:
        found = _Unpickler(io.BytesIO(raw)).load()
    except Exception:  # noqa: BLE001 - written by other code: anything may be wrong with it
        return None
    if not isinstance(found, Snapshot) or found.program != program():
        return None
    mine = (found.files, found.bus, found.fold.area) == (dict(files), bus, area)
    return found if mine else None


class _Unpickler(pickle.Unpickler):
    """Makes only values of this program: a forged file cannot call anything else."""

    def find_class(self, module: str, name: str) -> Any:  # noqa: ANN401 - any class of ours
        if (module, name) in _PLAIN:
            return super().find_class(module, name)
        found = super().find_class(module, name) if module.startswith(_OURS) else None
        if not isinstance(found, type):
            msg = f"no part of a snapshot: {module}.{name}"
            raise pickle.UnpicklingError(msg)
        return found
