"""Ids at their limit of 200 characters, and names made of them: to the end, or told why not."""

import json
import uuid
from contextlib import closing
from pathlib import Path

import pytest
from districts import small_district
from engines import Station, settle

from config.ids import AreaId
from config.words import words
from dispatch.console.grammar import from_text, to_text
from dispatch.console.row import Names, shown
from events import ports
from events.event import moment_text
from events.kafka import KafkaBus
from events.kafka_topics import create_topics
from events.ports import Record
from events.sqlite import SqliteBus

TYPE = "qinwu.incident_reported.v1"
LIMIT = 200


def reported(source: str, name: str, clock: str, **data: object) -> bytes:
    """A crash at a junction, as a client of any language writes it."""
    told = {"kind": "crash", "severity": "damage", "junction": "n01"} | data
    head = {"specversion": "1.0", "id": name, "source": source, "type": TYPE, "time": clock}
    return json.dumps({**head, "data": told}).encode()


def staffed(folder: Path) -> Station:
    """A staffed district where two crashes make a section ask for a visit."""
    rules = {"dispatch": {"section_crashes": 2}}
    station = Station(folder / "d", settings=rules)
    settle(station.engine())
    station.staff()
    return station


def two_crashes(station: Station, length: int) -> list[str]:
    """Two crashes with ids so long within the hour; gives them."""
    names = ["一" * length, "b" * length]
    engine = station.engine()
    for n, name in enumerate(names):
        clock = moment_text(station.now_ms)
        station.put(reported("cam", f"{n}", clock, incident=name, junction=f"n{n}1"))
        settle(engine)
        station.now_ms += 20 * 60_000
    return names


def asked(station: Station) -> list[str]:
    """Ids of the visits that sections ask for, by the orders that went out."""
    about = [row["about"] for row in station.rows("console") if row["text"] == "visit.asked"]
    return [str(name) for name in about]


@pytest.mark.parametrize("length", [194, 195, LIMIT])
def test_an_incident_with_a_long_id_asks_for_a_visit_that_a_person_can_name(
    tmp_path: Path, length: int
) -> None:
    """The visit's id is made of it, and a command that names it is taken."""
    station = staffed(tmp_path)
    two_crashes(station, length)
    [visit] = asked(station)
    event = station.send("command_given", command="cancel_visit", visit=visit, by="o2")
    settle(station.engine())
    [reply] = [row for row in station.rows("replies") if row["event"] == event]
    assert (reply["outcome"], len(visit) <= LIMIT) == ("accepted", True)


@pytest.mark.parametrize("lang", ["en", "zh-CN"])
def test_a_line_with_the_longest_id_is_parsed_back(tmp_path: Path, lang: str) -> None:
    """A longer text pushes its line, it is never cut."""
    station, say = staffed(tmp_path), words(lang)
    two_crashes(station, LIMIT)
    names = Names(station.district.calendar, {}, {})
    lines = [shown(row, names, say) for row in station.rows("console")]
    assert [from_text(to_text(line, say), say) for line in lines] == lines


def refused(station: Station, *told: bytes) -> list[tuple[str, str | None, object]]:
    """Outcome, reason and hint of what the engine said of these records."""
    area = station.district.settings.brigade
    station.bus.send(ports.inbox(area), [Record(raw) for raw in told])
    settle(station.engine())
    kept = station.bus.read(ports.stream(area, "replies"), -1)[-len(told) :]
    rows = [json.loads(stored.value) for stored in kept]
    return [(row["outcome"], row["reason"], row.get("hint")) for row in rows]


LONG = {
    "its own": (("cam", "1"), {"incident": "i" * 201}, "invalid:data.incident:string_too_long"),
    "made of source and id": (("s" * 150, "i" * 50), {}, "name_too_long"),
}


def check_refused(station: Station, case: str) -> None:
    """It is refused, with the limit."""
    (source, name), data, reason = LONG[case]
    told = refused(station, reported(source, name, moment_text(station.now_ms), **data))
    assert told == [("rejected", reason, {"most_characters": LIMIT})]


@pytest.mark.parametrize("case", LONG)
def test_a_longer_id_is_refused_with_its_limit_on_sqlite(tmp_path: Path, case: str) -> None:
    """No command could ever name such an incident."""
    with closing(SqliteBus(tmp_path / "duty.db")) as bus:
        check_refused(Station(tmp_path / "d", bus), case)


@pytest.mark.parametrize("case", LONG)
def test_a_longer_id_is_refused_with_its_limit_on_kafka(
    kafka: str, tmp_path: Path, case: str
) -> None:
    """As on any other bus."""
    area = AreaId(f"l{uuid.uuid4().hex[:8]}")
    create_topics(kafka, area)
    with closing(KafkaBus(kafka)) as bus:
        check_refused(Station(small_district(tmp_path / "d", brigade=area), bus), case)


def test_source_and_id_of_200_together_are_an_incident(tmp_path: Path) -> None:
    """The slash between them counts."""
    station = staffed(tmp_path)
    told = reported("s" * 150, "i" * 49, moment_text(station.now_ms))
    assert refused(station, told) == [("accepted", None, None)]
