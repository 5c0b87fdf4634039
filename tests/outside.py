"""A small outside world for tests: rosters as events, orders as messages, an engine by script.

The engine knows nothing of dispatch: it sends the first free unit, and ends what is reported done.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from districts import MONDAY, WEEK, small_district

from config.district import District, load
from config.made_tables import LiveRow, SightingRow
from config.reading import write_rows
from events import ports, schema
from events.event import moment_ms
from events.kinds import DutyRostered
from events.play import Said
from events.ports import Bus, Record, Stored
from events.scene import Scene, read_scene

TUESDAY = MONDAY + timedelta(days=1)
HOUR_MS, MIN_MS = 3_600_000, 60_000


def at(clock: str, day: date = TUESDAY) -> str:
    """A local time of the small district."""
    return f"{day}T{clock}:00+08:00"


def at_ms(clock: str, day: date = TUESDAY) -> int:
    """The same in Unix ms."""
    return moment_ms(at(clock, day))


def duty(team: str, start: str = "08:00", end: str = "16:00", **more: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of an event
    """A duty of a team on that Tuesday; its officer has the team's number."""
    number = team.removeprefix("t")
    return {
        "duty": f"{team}-tue", "team": team, "date": TUESDAY.isoformat(), "start": at(start),
        "end": at(end), "kind": "patrol", "officer": f"o{number}", "auxiliaries": (f"a{number}",),
        "post": "st1" if int(number) % 2 else "st2", "vehicle": f"v{number}",
        "device": f"pda{number}", **more,
    }  # fmt: skip


def roster(duties: Iterable[Mapping[str, Any]], version: int = 1) -> list[Record]:
    """The events of a published version."""
    whole = [
        DutyRostered.model_validate({"week": WEEK, "version": version, **one}) for one in duties
    ]
    told: dict[str, Any] = {
        "week": WEEK, "version": version, "duties": len(whole), "hash": schema.roster_hash(whole),
    } | ({"replaces": version - 1} if version > 1 else {})  # fmt: skip
    named: list[tuple[str, Any]] = [("duty_rostered", one) for one in whole]
    return [
        Record(schema.event(name, data, source="planner", id=f"{version}/{n}"))
        for n, (name, data) in enumerate([*named, ("roster_published", told)])
    ]


def stored(records: Iterable[Record], first: int = 0) -> list[Stored]:
    """Records as read from a stream."""
    return [Stored(first + n, one.value, one.headers) for n, one in enumerate(records)]


def order(number: int, unit: str, node: str, of: District, **more: Any) -> Record:  # noqa: ANN401 - fields of a message
    """An order as the engine writes it to `P.orders`."""
    place = of.roads.index[node]  # type: ignore[index]
    whole = {
        "type": "order", "area": "hz", "seq": number, "n": 0, "order": f"hz/{number}/0",
        "unit": unit, "incident": None, "visit": None, "sighting": None, "slot": 0,
        "replaces": None, "lon": float(of.roads.lon[place]), "lat": float(of.roads.lat[place]),
        "place": None, "due": None, "eta": None, "leave": None, "dwell_min": None,
        "mode": "patrol" if more.get("visit") else "incident", **more,
    }  # fmt: skip
    return Record(json.dumps(whole).encode())


def ended(number: int, unit: str, how: str = "done") -> Record:
    """The end of an order."""
    whole = {
        "type": "order_ended", "area": "hz", "seq": number + 1, "n": 0,
        "order": f"hz/{number}/0", "unit": unit, "how": how, "reason": None,
    }  # fmt: skip
    return Record(json.dumps(whole).encode())


def told(said: Iterable[Said]) -> list[dict[str, Any]]:
    """What a player said: name, at_ms and the data of each event."""
    found = []
    for one in said:
        whole = json.loads(one.record.value)
        name = whole["type"].split(".")[1]
        found.append({"name": name, "at_ms": moment_ms(whole["time"]), **whole["data"]})
    return found


def played_district(folder: Path, calls: Mapping[str, Mapping[str, Any]], **settings: Any) -> Path:  # noqa: ANN401 - as above
    """The small district with a Tuesday to be played, incidents by their local time."""
    small_district(folder, simulation=True, **settings)
    rows = [
        LiveRow.model_validate({"at": at(clock), "kind": "crash", "service_s": 600, **row})
        for clock, row in calls.items()
    ]
    write_rows(folder / "live" / f"{TUESDAY}.csv", rows, LiveRow)
    return folder


def add_sighting(folder: Path, clock: str, **row: Any) -> None:  # noqa: ANN401 - as above
    """A plate at the gate of the small district."""
    seen = SightingRow.model_validate(
        {"at": at(clock), "gate": "p4", "plate_hash": "ab" * 32, **row}
    )
    write_rows(folder / "live" / f"{TUESDAY}.sightings.csv", [seen], SightingRow)


def scene_of(folder: Path, hours: float | None = None) -> tuple[District, Scene]:
    """The district, loaded, and its Tuesday."""
    district = load(folder)
    return district, read_scene(district, folder / "live" / f"{TUESDAY}.csv", hours)


class ScriptedEngine:
    """Answers incidents with orders to whoever is signed in and free."""

    def __init__(self, bus: Bus, district: District) -> None:
        """Begin at the inbox's first record."""
        self.bus, self.district, self.at = bus, district, ports.before(0)
        self.area = district.settings.brigade
        self.free: list[str] = []
        self.open: dict[str, tuple[int, str]] = {}
        self.waiting: list[dict[str, Any]] = []
        self.seen: list[tuple[str, dict[str, Any]]] = []
        self.ids: list[str] = []
        self.number = 0

    def turn(self) -> None:
        """Read what is new, send orders."""
        while found := self.bus.read(ports.inbox(self.area), self.at):
            self.at = found[-1].position
            for record in found:
                whole = json.loads(record.value)
                self.ids.append(f"{whole['source']}/{whole['id']}")
                self._take(whole["type"].split(".")[1], whole["data"])
        while self.free and self.waiting:
            call, unit = self.waiting.pop(0), self.free.pop(0)
            self.number += 1
            self.open[unit] = (self.number, call["incident"])
            row = self.district.places[call["place"]]
            self._send(order(self.number, unit, row.node, self.district, incident=call["incident"]))

    def _take(self, name: str, data: dict[str, Any]) -> None:
        self.seen.append((name, data))
        if name == "signed_in":
            self.free.append(data["unit"])
        elif name == "incident_reported":
            self.waiting.append(data)
        elif name == "status_reported" and data["status"] == "free":
            number, _ = self.open.pop(data["unit"])
            self._send(ended(number, data["unit"]))
            self.free.append(data["unit"])
        elif name == "status_reported" and data["status"] == "off_duty":
            self.free.remove(data["unit"])

    def _send(self, message: Record) -> None:
        self.bus.send(ports.orders(self.area), [message])

    def of(self, name: str, **fields: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - as above
        """The events of a name that it saw, with these fields."""
        return [data for seen, data in self.seen if seen == name and fields.items() <= data.items()]
