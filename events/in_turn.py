"""Short commands wait for each other: the embedded file has one owner at a time.

Two people publish, or report an absence, in the same minute: the second goes on when the first is
done. An owner that stays, `qinwu run`, has a door, and `connect` takes that.
"""

import time
from pathlib import Path

import typer

from config.words import words
from events.connect import FileHeld, FileStopped, FileTaken, Role, connect
from events.owners import is_stopped
from events.ports import Bus, BusBusy

PATIENCE_S = 30.0
LOOK_S = 0.1


def open_in_turn(target: str | None, folder: Path, *, role: Role = "client") -> Bus:
    """As `connect`, but a file that another command holds is waited for, and who holds it is told.

    Raises:
        BusBusy: It is held still, after `PATIENCE_S`; FileStopped: by one that is stopped.
        FileTaken: `qinwu run` owns the file that was asked for by its name.
    """
    give_up_s = time.monotonic() + PATIENCE_S
    told: tuple[str, object] | None = None
    while True:
        try:
            return connect(target, folder, role=role)
        except BusBusy as held:
            if isinstance(held, FileTaken) or time.monotonic() > give_up_s:
                raise
            key = "door.waits_stopped" if isinstance(held, FileStopped) else "door.waits"
            if isinstance(held, FileHeld) and (key, held.fields["pid"]) != told:
                typer.echo(words()(key, seconds=round(PATIENCE_S), **held.fields), err=True)
                told = key, held.fields["pid"]
            _pause(held, give_up_s)


def _pause(held: BusBusy, give_up_s: float) -> None:
    """Wait a moment; for one that is stopped until it goes on.

    A look at its door is a visitor whom it finds there later: hundreds crowd out all others.
    """
    time.sleep(LOOK_S)
    pid = held.fields["pid"] if isinstance(held, FileStopped) else None
    while isinstance(pid, int) and is_stopped(pid) and time.monotonic() < give_up_s:
        time.sleep(LOOK_S)
