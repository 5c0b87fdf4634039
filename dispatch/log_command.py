"""What `qinwu log` does, once its arguments are read."""

import select
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Self

import typer

from config.controls import json_text
from config.errors import BadInput
from config.named import no_word, squadron_named
from config.words import LANGUAGES, words
from dispatch.console.grammar import KINDS
from dispatch.console.log import View, names_of, row_in, start_of
from dispatch.console.row import Names, Row
from dispatch.console.screen import screen_cells
from events import ports
from events.connect import FileTaken, area_of, connect
from events.in_turn import open_in_turn
from events.ports import Bus, BusBusy, BusLost

NEWEST = 20
"""Lines that `-f` begins with."""
LOOK_MS = 1_000
PAUSE_S = 2.0
HELD_S = 30.0
"""So long a file without a door is waited for: an engine opens its door within seconds."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which lines; None is all of them."""

    names: Names
    since_ms: int | None = None
    squadron: str | None = None
    kind: str | None = None

    @classmethod
    def read(cls, folder: Path, since: str | None, squadron: str | None, kind: str | None) -> Self:
        """From the command's arguments.

        Raises:
            BadInput: One of them says nothing that is known here.
        """
        area_of(folder)
        names = names_of(folder)
        return cls(
            names,
            None if since is None else _moment(names, since),
            None if squadron is None else squadron_named(squadron, folder),
            None if kind is None else _kind(kind),
        )

    def takes(self, row: Row) -> bool:
        """Whether the line is to be shown."""
        since_ms = self.since_ms
        return (
            (since_ms is None or self.names.calendar.parse_iso(row["at"]) >= since_ms)
            and self.squadron in (None, row.get("squadron"))
            and self.kind in (None, row["kind"])
        )


def _moment(names: Names, text: str) -> int:
    try:
        told = datetime.fromisoformat(text)
    except ValueError:
        raise BadInput(key="run.no_time", value=text) from None
    if told.tzinfo is None:
        told = told.replace(tzinfo=names.calendar.zone)
    return names.calendar.parse_iso(told.isoformat())


def _kind(text: str) -> str:
    spelled = {
        name: kind for kind in KINDS
        for name in (kind, *(words(lang)(f"console.kind.{kind}").lower() for lang in LANGUAGES))
    }  # fmt: skip
    if text.lower() in spelled:
        return spelled[text.lower()]
    labels = {kind: words()(f"console.kind.{kind}") for kind in KINDS}
    told = {name: labels[kind] for name, kind in spelled.items()}
    raise no_word("run.no_kind", text, told, kinds=", ".join(labels.values()))


def show(
    folder: Path, target: str | None, wanted: Wanted, *, follow: bool, as_json: bool
) -> None:  # fmt: skip
    """Print the lines; with `follow` until interrupted, over losses of the bus too."""
    view = View(wanted.names, words(), cells=screen_cells)
    for row in _followed(folder, target, wanted) if follow else _kept(folder, target):
        if not wanted.takes(row):
            continue
        if as_json:
            typer.echo(json_text(row))
            continue
        for line in view.lines(row):
            typer.echo(line)


def _kept(folder: Path, target: str | None) -> Iterator[dict[str, Any]]:
    name = ports.console(area_of(folder))
    bus = open_in_turn(target, folder)
    try:
        after = ports.before(0)
        while found := bus.read(name, after):
            after = found[-1].position
            yield from (row for row in map(row_in, found) if row is not None)
    finally:
        bus.close()


def _followed(folder: Path, target: str | None, wanted: Wanted) -> Iterator[dict[str, Any]]:
    """The newest lines and all that come; reads on where it stood after a loss."""
    back = NEWEST if wanted.since_ms is None else 2**40
    place, told = _Place(ports.console(area_of(folder)), back), ""
    heard_s = time.monotonic()
    while True:
        try:
            bus = connect(target, folder)
            try:
                for row in place.rows(bus):
                    told = ""
                    yield row
            finally:
                with suppress(BusLost):
                    bus.close()
        except BusLost as lost:
            cause = words()(lost.key, **lost.fields)
            if not _held(lost):
                heard_s = time.monotonic()
            elif time.monotonic() - heard_s > HELD_S:
                raise  # no engine that is only starting
            if cause != told:  # said once, not at every attempt
                typer.echo(words()("run.lost_log", cause=cause), err=True)
            told = cause
        else:
            heard_s = time.monotonic()
        time.sleep(PAUSE_S)


def _held(lost: BusLost) -> bool:
    """Whether somebody holds the file who has no door to speak to."""
    return isinstance(lost, BusBusy) and not isinstance(lost, FileTaken)


@dataclass(slots=True)
class _Place:
    """How far the log is read; begins with the `back` newest lines."""

    name: str
    back: int
    after: int | None = None

    def rows(self, bus: Bus) -> Iterator[dict[str, Any]]:
        """What comes; ends when the file is read that nobody runs: it is not ours to hold.

        Raises:
            BusLost: Connect again.
            BrokenPipeError: Whoever read our output is gone.
        """
        alone = bus.exclusive
        if self.after is None:
            self.after = start_of(bus, self.name, self.back)
        while True:
            found = bus.read(self.name, self.after, wait_ms=0 if alone else LOOK_MS)
            for stored in found:
                self.after = stored.position
                row = row_in(stored)
                if row is not None:
                    yield row
            if _nobody_reads():
                raise BrokenPipeError
            if alone and not found:
                return


def _nobody_reads() -> bool:
    """Whether the pipe that we print into has lost its reader; else only the next line tells."""
    with suppress(OSError, ValueError):  # no file at all, where a test captures it
        out = select.poll()
        out.register(sys.stdout.fileno(), 0)
        return bool(out.poll(0))
    return False
