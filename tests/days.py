"""Random days of the small district: everything that the outside world can send, in any order."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from brigades import HOUR_MS, MINUTE_MS, NOW_MS, Brigade, at, published, shift
from districts import WEEK

from config.ids import UnitId
from dispatch.decide import Given, ParkedRecord, Record, next_deadline_ms
from events.event import moment_text
from events.facts import ConfigChanged, Deadline, EngineStarted, Note, Position
from events.schema import parse

TEAMS = [f"t{n}" for n in range(1, 9)]
PLACES = [f"p{n}" for n in range(1, 9)]
KINDS = ("crash", "congestion", "obstacle", "drink_drive", "other")
STATUSES = (
    *("free",) * 12, *("acknowledged", "en_route", "on_scene", "clearing") * 4, "meal", "break",
    "out_of_service", "off_duty", "to_must_arrive",
)  # fmt: skip
CHANGES = ("left", "arrived", "outside", "fix", "stale", "back", "parked", "still", "unheard-of")
COMMANDS = (
    "locate", "merge", "close", "cancel", "assign", "assign", "queue", "verify_sighting",
    "escalate", "welfare_ok", "end_shift", "release_breaker", "hold", "resume", "cancel_visit",
    "note",
)  # fmt: skip
ROTTEN = (b"", b"{}", b"\xff\xfe", b"[1,2", b'{"specversion":"1.0"}', b'{"a":NaN}', b"\0")


@dataclass
class Day:
    """A brigade to which random things happen."""

    brigade: Brigade
    draw: Random
    versions: int = 0
    sightings: list[str] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)

    def begin(self) -> None:
        """All teams are on the roster and sign in."""
        duties = [
            shift(team, end=1200, visits=[v for n in range(5) for v in self._visits(60 * n)])
            for team in TEAMS
        ]  # fmt: skip
        self.versions = 1
        self.brigade.roster(*duties)
        for team in TEAMS:
            self.brigade.sign_in(team)

    def step(self) -> None:
        """One frame of one to four things, after some time."""
        brigade, draw = self.brigade, self.draw
        due_ms = next_deadline_ms(brigade.state, brigade.ground)
        brigade.now_ms += draw.choice((0, 500, 5_000, 5_000, 20_000, MINUTE_MS, 2 * MINUTE_MS))
        if draw.random() < 0.005:
            brigade.now_ms += 3 * HOUR_MS
        given: list[Given] = []
        if due_ms is not None and due_ms <= brigade.now_ms and draw.random() < 0.9:
            given.append(Deadline(at_ms=due_ms))
        for _ in range(draw.choice((1, 1, 1, 2, 4))):
            given += draw.choices(self._things, self._odds)[0](self)
        brigade.turn(*given)

    def _tell(self, name: str, **data: Any) -> Sequence[Given]:  # noqa: ANN401 - any field
        known = {key: value for key, value in data.items() if value is not None}
        if self.draw.random() < 0.1:
            known["at"] = moment_text(
                self.brigade.now_ms
                + self.draw.choice((-HOUR_MS, -47 * HOUR_MS, -49 * HOUR_MS, HOUR_MS, 99 * HOUR_MS))
            )
        record = self.brigade.record(name, **known)
        self.records.append(record)
        return [record]

    # --- names that may be there ---

    def _unit(self) -> str:
        on_duty = list(self.brigade.state.units)
        if on_duty and self.draw.random() < 0.8:
            return self.draw.choice(on_duty)
        return self.draw.choice([*TEAMS, "t99", "-", "单元 9"])

    def _incident(self) -> str:
        known = list(self.brigade.state.incidents)
        return self.draw.choice([*known[-6:], "nobody/knows"])

    def _order(self) -> str:
        known = list(self.brigade.state.orders)
        return self.draw.choice([*known, "hz/9/9"])

    def _somewhere(self) -> dict[str, Any]:
        draw = self.draw
        point = {"lon": 120.15 + draw.uniform(-1, 1) / 120, "lat": 30.28, "crs": "WGS-84"}
        return draw.choice([
            {"place": draw.choice(PLACES)}, {"place": draw.choice(PLACES)},
            {"junction": f"n{draw.randrange(6)}{draw.randrange(5)}"}, point,
            {"section": "古墩路", "km": draw.choice((3.0, 3.4, 9.0))}, {"place": "nowhere"},
        ])  # fmt: skip

    # --- what happens ---

    def _reported(self) -> Sequence[Given]:
        draw = self.draw
        where = self._somewhere() if draw.random() < 0.9 else {"text": "桥 东\n侧 50 m"}
        return self._tell(
            "incident_reported", **where, kind=draw.choice(KINDS),
            severity=draw.choice(("none", "damage", "injury", "fatal")),
            incident=draw.choice((None, None, f"i {draw.randrange(40)}")),
            units=draw.choice((None,) * 8 + (0, 1, 3)),
            priority=draw.choice((None, None, 1, 4)), machine=draw.random() < 0.3,
            drivable=draw.choice((None, True)), agreed=draw.choice((None, True)),
            unit=self._unit() if draw.random() < 0.08 else None,
            scheduled_at=at(600) if draw.random() < 0.05 else None,
            squadron=draw.choice((None, None, "s1", "s9")),
        )  # fmt: skip

    def _signed_in(self) -> Sequence[Given]:
        draw = self.draw
        team = draw.choice([*TEAMS, "t99"])
        own = shift(team if team != "t99" else "t1")
        people = draw.choice([own["auxiliaries"]] * 8 + [[], ["a1", "nobody"]])
        if team in self.brigade.state.units and draw.random() < 0.8:
            return self._status()
        return self._tell(
            "signed_in", unit=team, auxiliaries=people,
            officer=own["officer"] if draw.random() < 0.9 else draw.choice(("a3", "nobody")),
            duty=draw.choice((None,) * 8 + (f"d-{team}", "d-none")),
            post=draw.choice((None, None, "w1", "no-post")),
        )  # fmt: skip

    def _status(self) -> Sequence[Given]:
        unit = self.brigade.state.units.get(UnitId(name := self._unit()))
        own = unit.order if unit is not None else None
        return self._tell(
            "status_reported", unit=name, status=self.draw.choice(STATUSES),
            order=self.draw.choice((None, own, self._order())),
            how=self.draw.choice((None, None, None, "done", "video", "cancelled", "no_unit_needed",
                                  "whatever")),
        )  # fmt: skip

    def _answered(self) -> Sequence[Given]:
        order = self._order()
        held = next((o for o in self.brigade.state.orders.values() if o.id == order), None)
        return self._tell(
            "order_answered", order=order, unit=held.unit if held else self._unit(),
            answer=self.draw.choice(("accepted",) * 8 + ("refused",)),
            reason=self.draw.choice((None, "车坏了 {0} \\n")),
        )  # fmt: skip

    def _released(self) -> Sequence[Given]:
        """A person lets a unit whose breaker tripped go on."""
        tripped = sorted(self.brigade.state.tripped)
        return [] if not tripped else self._tell(
            "command_given", command="release_breaker", by="o1", unit=self.draw.choice(tripped)
        )  # fmt: skip

    def _commanded(self) -> Sequence[Given]:
        draw = self.draw
        return self._tell(
            "command_given", command=draw.choice(COMMANDS), by=draw.choice((None, "o1")),
            incident=draw.choice((None, self._incident(), self._incident())),
            into=self._incident(), how=draw.choice((None, "done", "video", "exploded")),
            order=draw.choice((None, self._order())), unit=draw.choice((None, self._unit())),
            slot=draw.choice((None, None, 0, 1, 7)),
            sighting=draw.choice([None, *self.sightings[-3:]]),
            verdict=draw.choice((None, "true", "false")), noted_offline=draw.random() < 0.1,
            **{k: v for k, v in self._somewhere().items() if draw.random() < 0.95 or k != "km"}
            if draw.random() < 0.7 else {},
        ) if draw.random() < 0.98 else []  # fmt: skip

    def _sighted(self) -> Sequence[Given]:
        name = f"s{self.draw.randrange(30)}"
        self.sightings.append(name)
        plate = self.draw.choice(("ab", "cd", "ef")) * 32
        return self._tell("sighting_reported", gate="p4", plate_hash=plate, sighting=name)

    def _watchlist(self) -> Sequence[Given]:
        draw = self.draw
        return self._tell(
            "watchlist_changed", entry=draw.choice(("w-1", "w-2", "w-3")),
            change=draw.choice(("added", "removed")),
            plate_hash=draw.choice((None, "ab" * 32, "ef" * 32)),
            until=draw.choice((None, "2026-11-29", "2027-01-01")),
        )  # fmt: skip

    def _roster(self) -> Sequence[Given]:
        """A version in pieces, some of which may be missing, twice, or in a later frame."""
        draw, brigade = self.draw, self.brigade
        self.versions += draw.choice((0, 1, 1, 1, 2))
        version = max(1, self.versions)
        since = (brigade.now_ms - NOW_MS) // MINUTE_MS
        held = brigade.state.held.get(WEEK, 0)
        teams = draw.sample(TEAMS, draw.randrange(5, 9))
        duties = [
            shift(team, start=since + draw.choice((-60, 0, 20)), end=since + 480, version=version,
                  kind=draw.choice(("patrol",) * 5 + ("leader", "stand_by", "fixed", "desk")),
                  duty=draw.choice((f"d-{team}", f"d-{team}-{version}")),
                  visits=self._visits(since))
            for team in teams
        ]  # fmt: skip
        header = published(
            duties, version=version, replaces=draw.choice((held, held, held, None)) or None
        )
        header["hash"] = draw.choice((header["hash"],) * 9 + ("0" * 64,))
        records = [brigade.record("duty_rostered", **duty) for duty in duties]
        records.append(brigade.record("roster_published", **{
            key: value for key, value in header.items() if value is not None}))  # fmt: skip
        if draw.random() < 0.3:
            draw.shuffle(records)
        if draw.random() < 0.1:
            records.pop()
        return records

    def _visits(self, since: float) -> list[dict[str, Any]]:
        if self.draw.random() < 0.2:
            return []
        start = since + self.draw.choice((10, 30, 90))
        return [{
            "must_arrive": self.draw.choice(("m1", "m2")), "place": self.draw.choice(("p2", "p3")),
            "arrive": at(start + 15), "leave": at(start + 27), "window_start": at(start),
            "window_end": at(start + 60), "dwell_min": 12,
        }]  # fmt: skip

    def _moved(self) -> Sequence[Given]:
        edges = self.brigade.ground.district.roads.edge_ids
        change = self.draw.choice(CHANGES)
        return [
            Position(
                unit=UnitId(self._unit()), at_ms=self.brigade.now_ms - self.draw.choice((0, 9000)),
                edge=self.draw.choice(edges), along_m=self.draw.randrange(300), change=change,
            )
        ]  # fmt: skip

    def _again(self) -> Sequence[Given]:
        """An event that came before, at a new position."""
        if not self.records:
            return []
        self.brigade.position += 1
        old = self.draw.choice(self.records)
        return [old._replace(position=self.brigade.position)]

    def _rotten(self) -> Sequence[Given]:
        self.brigade.position += 1
        if self.draw.random() < 0.3:
            return [ParkedRecord(self.brigade.position, "test/p", "ValueError: 坏")]
        value = self.draw.choice(ROTTEN)
        if self.draw.random() < 0.3:
            kind = self.draw.choice(("qinwu.nothing.v1", "qinwu.signed_in.v1"))
            told = {"specversion": "1.0", "id": "x", "source": "y", "type": kind, "data": {}}
            value = json.dumps(told).encode()
        return [Record(self.brigade.position, parse(value), self.brigade.now_ms)]

    def _other(self) -> Sequence[Given]:
        draw = self.draw
        unit = self._unit()
        return draw.choice((
            lambda: self._tell("clock_set", virtual_ms=1, wall_ms=2, speed=3.0),
            lambda: self._tell("position_reported", unit=unit, device="d", crs="WGS-84", lon=120.0,
                               lat=30.0),
            lambda: self._tell("visit_proof", unit=unit, kind="photo"),
            lambda: self._tell("absence_reported", person="o1", dates=["2026-12-01"]),
            lambda: self._tell("plan_requested", week=WEEK),
            lambda: self._tell("hazard_changed", hazard="h1", change="rectified"),
            lambda: [EngineStarted(program="1", files={"a": "b"}, streams={"hz.inbox": "c"})],
            lambda: [ConfigChanged(program="1", files={"a": "c"})],
            lambda: [Note(key="fix.back", fields={})],
        ))()  # fmt: skip

    _things: tuple[Callable[["Day"], Sequence[Given]], ...] = field(
        default=(
            _reported, _signed_in, _status, _answered, _commanded, _sighted, _watchlist, _roster,
            _moved, _again, _rotten, _other, _released,
        ), init=False, repr=False,
    )  # fmt: skip
    _odds: tuple[int, ...] = field(
        default=(8, 8, 26, 36, 10, 3, 2, 2, 16, 3, 2, 3, 12), init=False, repr=False
    )
