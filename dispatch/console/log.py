"""The console log as people read it: lines of one view, and the file that a worker keeps.

A view opens with a SYSTEM line that names the date, and so does each new day in it.
"""

import json
import shlex
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from config.calendar import Calendar
from config.ids import AreaId
from config.reading import read_table
from config.settings import Settings
from config.tables import PlaceRow
from config.words import Say
from config.yaml_reading import read_yaml
from dispatch.console.near import Near
from dispatch.console.row import ANY, Names, Row, Twin, shown
from dispatch.console.screen import laid_out, screen_cells
from events import ports
from events.ports import Bus, Stored

DATE = "system.date"
CURSOR = Path(".qinwu") / "log.json"


def names_of(folder: Path) -> Names:
    """What ids are called in a district, from its settings and its places alone.

    The folder is named as whoever reads has named it, so that commands can be typed as they stand.

    Raises:
        BadInput: The settings are unsound.
    """
    settings = read_yaml(folder / "settings.yaml", Settings).sound()
    places = read_table(folder / PlaceRow.file, PlaceRow).rows
    return Names(
        Calendar.of_zone(settings.time_zone),
        {squadron.id: squadron.name for squadron in settings.squadrons},
        {row.place: row.name for row in places if row.name},
        shlex.quote(str(folder)),
        Near(folder, places).name,
    )


@dataclass(slots=True)
class View:
    """Turns rows into lines in one language; on a screen into rows of its width."""

    names: Names
    say: Say
    date: str = ""
    cells: Callable[[], int | None] = lambda: None

    def lines(self, row: Row) -> Iterator[str]:
        """The row's line, the date's before it where the day is another."""
        date = self.names.calendar.local(self.names.calendar.parse_iso(row["at"])).date()
        if date.isoformat() != self.date:
            self.date = date.isoformat()
            if row.get("text") != DATE:
                yield self._line(date_row(row, self.date))
        yield self._line(row)

    def _line(self, row: Row) -> str:
        try:
            told = shown(row, self.names, self.say)
        except (KeyError, TypeError, ValueError):  # recorded with other words: nothing is hidden
            known = {key: row.get(key) for key in ("text", "fields", "why") if row.get(key)}
            plain = shown({**row, "text": None, "why": None}, self.names, self.say)
            told = replace(plain, free=json.dumps(known, ensure_ascii=False))
        return laid_out(told, self.say, self.cells())


def date_row(row: Row, date: str) -> dict[str, Any]:
    """The SYSTEM line that opens a day, at the moment of a row."""
    told = {"at": row["at"], "kind": "system", "area": row.get("area"), "seq": row.get("seq")}
    return told | {"text": DATE, "fields": {"date": date}}


def row_in(stored: Stored) -> dict[str, Any] | None:
    """The row in a record of `P.console`; None for a stranger's record."""
    try:
        Twin.model_validate_json(stored.value)
        row: dict[str, Any] = json.loads(stored.value)
    except (ValueError, RecursionError):
        return None
    return row


def start_of(bus: ports.Streams, name: str, back: int) -> int:
    """Where to read a stream from so that at most `back` newest records come."""
    newest, kept = bus.last(name), bus.read(name, ports.before(0), 1)
    if newest is None or not kept:
        return ports.before(0)
    return max(kept[0].position - 1, newest.position - back)


@dataclass(slots=True)
class Keeper:
    """Appends the lines of `P.console` to `DIR/log/YYYY-MM-DD.log`, each once, and echoes them."""

    bus: Bus
    area: AreaId
    folder: Path
    say: Say
    echo: Callable[[str], None]
    _names: Names = field(init=False)
    _files: dict[str, View] = field(default_factory=dict)
    _screen: View = field(init=False)
    _position: int = field(init=False)
    _last: tuple[int, int] = (0, -1)
    _identity: str = field(init=False)

    def __post_init__(self) -> None:
        """Go on where the last keeper stopped."""
        self._names = names_of(self.folder)
        self._screen = View(self._names, self.say, cells=screen_cells)
        name = ports.console(self.area)
        self._identity = self.bus.identity(name)
        newest, told = self.bus.last(name), self._read_cursor()
        self._position = start_of(self.bus, name, 2**40)
        if told.get("identity") != self._identity or newest is None:
            return
        if int(told["position"]) > newest.position:  # restored from a backup: all that is written
            self._position = newest.position
            return
        self._position = max(self._position, int(told["position"]))
        self._last = int(told["seq"]), int(told["n"])

    def turn(self) -> bool:
        """Write what is new; whether there was anything."""
        found = self.bus.read(ports.console(self.area), self._position)
        for stored in found:
            row = row_in(stored)
            if row is not None:
                self._keep(row)
            self._position = stored.position
        if found:
            self._write_cursor()
        return bool(found)

    def _keep(self, row: Mapping[str, Any]) -> None:
        place = int(row.get("seq") or 0), int(row.get("n") or 0)
        if place <= self._last:  # told again by an engine that took over
            return
        date = self._names.calendar.local(self._names.calendar.parse_iso(row["at"])).date()
        path = self.folder / "log" / f"{date}.log"
        if date.isoformat() not in self._files:
            path.parent.mkdir(exist_ok=True)
            old = path.exists() and path.stat().st_size > 0
            kept = replace(self._names, folder=ANY)  # whoever reads it there stands elsewhere
            view = View(kept, self.say, date.isoformat() if old else "")
            self._files = {date.isoformat(): view}
        with path.open("a", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in self._files[date.isoformat()].lines(row))
        self._last = place
        for line in self._screen.lines(row):
            self.echo(line)

    def _read_cursor(self) -> dict[str, Any]:
        try:
            told = json.loads((self.folder / CURSOR).read_text(encoding="utf-8"))
            known = {key: int(told[key]) for key in ("position", "seq", "n")}
            return {**known, "identity": str(told["identity"])}
        except (OSError, ValueError, KeyError, TypeError):
            return {}

    def _write_cursor(self) -> None:
        path = self.folder / CURSOR
        path.parent.mkdir(exist_ok=True)
        fresh = path.with_suffix(".new")
        seq, n = self._last
        told = {"identity": self._identity, "position": self._position, "seq": seq, "n": n}
        fresh.write_text(json.dumps(told), encoding="utf-8")
        fresh.replace(path)
