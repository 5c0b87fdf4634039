"""What integrators and dispatchers type: samples, schemas, sending, incidents, commands."""

import json
import re
import subprocess
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT
from districts import edit, set_settings, small_district
from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType
from typed import Typed, typed

from config.tables import PlaceRow
from config.words import LANGUAGES
from events import document, ports
from events.clock import wall_ms
from events.connect import area_of
from events.door import Door
from events.event import Event, moment_ms
from events.incident_command import NEEDS
from events.kafka import KafkaBus
from events.kafka_look import Fault, look
from events.kafka_topics import create_topics
from events.kinds import EVENTS, CommandGiven
from events.ports import Record
from events.schema import REASONS, Envelope, event, parse
from events.sqlite import SqliteBus

__all__ = ["typed"]  # a fixture


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A district nobody runs."""
    return small_district(tmp_path / "d")


def stored(folder: Path, name: str = "hz.inbox") -> list[ports.Stored]:
    """What stands in a stream of the folder's own file."""
    bus = SqliteBus(folder / "duty.db")
    try:
        return bus.read(name)
    finally:
        bus.close()


def data_of(record: ports.Stored) -> dict[str, Any]:
    """The data of an event, which the schema takes."""
    read = parse(record.value, record.headers)
    assert isinstance(read, Envelope), read
    return read.data.model_dump(exclude_none=True)


# --- sample and schema -----------------------------------------------------------------------


def test_every_sample_is_an_event(typed: Typed) -> None:
    """Without a name all are printed, one a line, as `events send` takes them."""
    told = typed("events", "sample")
    read = [parse(line.encode()) for line in told.out.splitlines()]
    assert [one.data.name for one in read if isinstance(one, Envelope)] == [e.name for e in EVENTS]


@pytest.mark.parametrize("name", ["incident_reported", "qinwu.incident_reported.v1"])
def test_one_sample_is_named_by_its_name_or_type(name: str, typed: Typed) -> None:
    """The CloudEvents type is what integrators copy from their records."""
    told = typed("events", "sample", name)
    assert json.loads(told.out)["type"] == "qinwu.incident_reported.v1"


@pytest.mark.parametrize("what", ["sample", "schema"])
def test_a_misspelt_event_is_told_the_nearest(what: str, typed: Typed) -> None:
    """A word of the program's own list: bad input."""
    told = typed("events", what, "incident_reportd")
    assert (told.code, told.out) == (2, "")
    assert "incident_reported" in told.err


def test_schemas_are_written_one_a_file(typed: Typed, tmp_path: Path) -> None:
    """Generators of other languages want files."""
    assert typed("events", "schema", "--out", tmp_path / "s").code == 0
    assert {file.stem for file in (tmp_path / "s").iterdir()} == {e.name for e in EVENTS}
    one = json.loads((tmp_path / "s" / "signed_in.json").read_text(encoding="utf-8"))
    assert one == json.loads(typed("events", "schema", "signed_in").out)
    assert one["properties"]["type"]["const"] == "qinwu.signed_in.v1"


def test_schemas_that_cannot_be_written_are_said(typed: Typed, tmp_path: Path) -> None:
    """Where a file stands in the way of the folder."""
    (tmp_path / "s").touch()
    told = typed("events", "schema", "--out", tmp_path / "s")
    assert (told.code, told.out) == (2, "")
    assert str(tmp_path / "s") in told.err


# --- send ------------------------------------------------------------------------------------


def test_bad_lines_are_told_and_the_others_are_sent(
    folder: Path, typed: Typed, tmp_path: Path
) -> None:
    """Each with its line; exit 2. Fixes go to their own stream."""
    lines = typed("events", "sample").out.splitlines()[:3]
    wrong = json.loads(lines[0])
    wrong["data"]["severity"] = "awful"
    file = tmp_path / "events.jsonl"
    file.write_bytes(
        "\n".join([lines[0], "{", "", json.dumps(wrong), *lines[1:]]).encode() + b"\n\xff\n"
    )
    told = typed("events", "send", folder, file)
    assert told.code == 2
    assert [line.split(": ")[0] for line in told.err.splitlines()] == [
        f"{file}:2", f"{file}:4", f"{file}:7"
    ]  # fmt: skip
    assert "data.severity" in told.err
    assert told.out.splitlines() == [
        "hz.inbox 0: sample/incident_reported",
        "hz.inbox 1: sample/sighting_reported",
        "hz.positions 0: sample/position_reported",
    ]
    assert [record.value.decode() for record in stored(folder)] == lines[:2]
    assert [r.value.decode() for r in stored(folder, "hz.positions")] == lines[2:]


@pytest.mark.parametrize("form", ["object", "array", "pretty", "lines"])
def test_stdin_takes_one_json_or_many(form: str, folder: Path, typed: Typed) -> None:
    """Whatever a pipe gives: an object, an array, indented text, JSON lines."""
    lines = typed("events", "sample").out.splitlines()[:2]
    whole = [json.loads(line) for line in lines]
    text = {
        "object": lines[0],
        "array": json.dumps(whole),
        "pretty": json.dumps(whole[0], indent=2, ensure_ascii=False),
        "lines": "\n".join(lines),
    }[form]
    told = typed("events", "send", folder, "-", stdin=text.encode())
    assert told.code == 0
    count = 1 if form in ("object", "pretty") else 2
    assert [json.loads(record.value) for record in stored(folder)] == whole[:count]


def test_no_file_is_said(folder: Path, typed: Typed) -> None:
    """Exit 1, with its name."""
    told = typed("events", "send", folder, "nothing.jsonl")
    assert (told.code, told.out) == (1, "")
    assert "nothing.jsonl" in told.err


class Engine(threading.Thread):
    """Somebody who answers each event of a bus once, as the real engine does."""

    def __init__(
        self, bus: SqliteBus, outcome: str = "accepted", reason: str | None = None
    ) -> None:
        """Answer from now on."""
        super().__init__(daemon=True)
        self.bus, self.outcome, self.reason, self.ended = bus, outcome, reason, False
        self.start()

    def run(self) -> None:
        """Read the inbox, write replies."""
        after = -1
        while not self.ended:
            for record in self.bus.read("hz.inbox", after, wait_ms=50):
                after = record.position
                read = parse(record.value, record.headers)
                assert isinstance(read, Envelope)
                reply = {"event": read.event, "outcome": self.outcome, "seq": 7}
                reply["reason"] = self.reason
                self.bus.send("hz.replies", [Record(json.dumps(reply).encode())])


@pytest.fixture
def served(folder: Path) -> Iterator[tuple[Path, SqliteBus]]:
    """A folder whose file is owned by a worker with a door."""
    bus = SqliteBus(folder / "duty.db")
    door = Door(bus, area_of(folder), folder)
    door.start()
    yield folder, bus
    door.stop()
    bus.close()


def test_a_reply_is_waited_for(served: tuple[Path, SqliteBus], typed: Typed) -> None:
    """Through the door of whoever owns the file, which is found by itself."""
    folder, bus = served
    engine = Engine(bus)
    raw = typed("events", "sample", "signed_in").out.encode()
    told = typed("events", "send", folder, "-", "--wait", "10", stdin=raw)
    engine.ended = True
    assert told.code == 0
    assert told.out.splitlines()[-1] == "sample/signed_in: accepted, frame 7"


def test_a_rejection_is_bad_input(served: tuple[Path, SqliteBus], typed: Typed) -> None:
    """Stored, but refused by the engine: exit 2."""
    folder, bus = served
    engine = Engine(bus, "rejected")
    told = typed("incident", "new", folder, "--kind", "other", "--text", "x", "--wait", "10")
    engine.ended = True
    assert told.code == 2
    assert "rejected, frame 7" in told.out


def test_a_point_off_the_map_is_told_how_far_off_it_is(
    served: tuple[Path, SqliteBus], typed: Typed
) -> None:
    """And the command that locates it can be copied as it stands."""
    folder, bus = served
    engine = Engine(bus, reason="held:place_unknown")
    where = ("--lon", "121.47", "--lat", "31.23", "--crs", "WGS-84")
    told = typed("incident", "new", folder, "--kind", "other", *where, "--id", "I 1", "--wait", "9")
    engine.ended = True
    assert re.search(r"16\d km from the nearest junction", told.err)
    assert f"qinwu command {folder} locate --incident 'I 1' --lon" in told.out


def test_no_reply_in_time_is_said(folder: Path, typed: Typed) -> None:
    """The event is stored all the same; exit 1 with what to try."""
    told = typed("incident", "new", folder, "--kind", "other", "--text", "x", "--wait", "0.3")
    assert told.code == 1
    assert f"qinwu run {folder}" in told.err
    assert len(stored(folder)) == 1


# --- incidents and commands ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "where"),
    [
        (("--place", "p2"), {"place": "p2"}),
        (("--place", "第一小学"), {"place": "p2"}),
        (("--junction", "n23"), {"junction": "n23"}),
        (("--section", "大外环", "--km", "3.5"), {"section": "大外环", "km": 3.5}),
        (("--section", "古墩路", "--km", "ｋ３＋２５０"), {"section": "古墩路", "km": 3.25}),
        (("--place", "古墩路k3+250"), {"section": "古墩路", "km": 3.25}),
        (("--junction", "古墩路 3公里"), {"section": "古墩路", "km": 3.0}),
        (("--lon", "120.15", "--lat", "30.28", "--crs", "GCJ-02"),
         {"lon": 120.15, "lat": 30.28, "crs": "GCJ-02"}),
        (("--text", "西湖边"), {"text": "西湖边"}),
    ],
)  # fmt: skip
def test_an_incident_is_placed_in_each_way(
    told: tuple[str, ...], where: dict[str, Any], folder: Path, typed: Typed
) -> None:
    """The printed id is the one that the engine uses: "source/id"."""
    shown = typed("incident", "new", folder, "--kind", "crash", "--severity", "injury", *told)
    assert shown.code == 0, shown.err
    (record,) = stored(folder)
    data = data_of(record)
    assert {key: data[key] for key in where} == where
    assert (data["kind"], data["severity"]) == ("crash", "injury")
    read = parse(record.value)
    assert isinstance(read, Envelope)
    assert shown.out.strip() == read.event
    assert abs(read.at_ms(0) - wall_ms()) < 60_000
    assert "qinwu run" in shown.err  # nobody has taken it yet


@pytest.mark.parametrize(
    ("told", "code", "said"),
    [
        (("--place", "第一小"), 1, "p2 第一小学"),
        (("--junction", "n29"), 1, "n2"),
        (("--section", "大外", "--km", "1"), 1, "大外环"),
        (("--section", "大外环"), 2, "--km"),
        (("--section", "大外环", "--km", "x"), 2, "K12+350"),
        (("--place", "古墩路K9"), 1, "K3"),
        (("--place", "古墩路收费站前3公里"), 1, "--text"),
        (("--lon", "120"), 2, "--crs"),
        (("--place", "p2", "--junction", "n23"), 2, "--place, --junction"),
        (("--place", "p2", "--lon", "120", "--lat", "30", "--crs", "WGS-84"), 2, "--place, --lon"),
        ((), 2, "--place"),
        (("--text", "x", "--at", "noon"), 2, "data.at"),
    ],
)
def test_a_place_that_is_not_known_is_told_the_nearest(
    told: tuple[str, ...], code: int, said: str, folder: Path, typed: Typed
) -> None:
    """Nothing is sent."""
    shown = typed("incident", "new", folder, "--kind", "crash", *told)
    assert (shown.code, shown.out) == (code, "")
    assert said in shown.err
    assert stored(folder) == []


def test_a_name_that_several_places_have_is_asked_back(folder: Path, typed: Typed) -> None:
    """Guessing would send a unit to the wrong end of the town."""
    edit(folder, PlaceRow, 6, name="第一小学")
    told = typed("incident", "new", folder, "--kind", "crash", "--place", "第一小学")
    assert told.code == 1
    assert re.search(r"\bp2 \(120\.\d{5} 30\.\d{5} s\d\), p7 \(", told.err)
    assert "2 places" in told.err
    assert "--lon LON --lat LAT --crs WGS-84" in told.err


def test_of_very_many_places_of_a_name_it_is_said_how_many_more(folder: Path, typed: Typed) -> None:
    """An import may know no more of a place than its street."""
    path = folder / "places.csv"
    head, *_ = path.read_text(encoding="utf-8").splitlines()
    rows = [f"c{n},junction,n{n % 6}{n % 5},解放路,," for n in range(40)]
    assert head == "place,kind,node,name,km,section"
    path.write_text("\n".join([head, *rows, ""]), encoding="utf-8")
    told = typed("incident", "new", folder, "--kind", "crash", "--place", "解放路")
    assert told.err.count(" s1)") + told.err.count(" s2)") == 12
    assert "28 more" in told.err


def test_all_details_of_an_incident_can_be_told(folder: Path, typed: Typed) -> None:
    """Every option becomes the field of its name."""
    shown = typed(
        "incident", "new", folder, "--kind", "crash", "--place", "p1", "--id", "I9", "--units", "2",
        "--priority", "1", "--injured", "3", "--not-drivable", "--agreed", "--squadron", "s1",
        "--note", "n", "--unit", "t1", "--occurred-at", "2026-12-03T07:40:00+08:00",
        "--scheduled-at", "2026-12-03T09:00:00+08:00", "--at", "2026-12-03T07:42:00+08:00",
    )  # fmt: skip
    assert shown.out == "I9\n"
    assert data_of(stored(folder)[0]) == {
        "at": "2026-12-03T07:42:00+08:00", "incident": "I9", "kind": "crash", "severity": "none",
        "occurred_at": "2026-12-03T07:40:00+08:00", "place": "p1", "squadron": "s1",
        "priority": 1, "units": 2, "injured": 3, "drivable": False, "agreed": True,
        "machine": False, "unit": "t1", "scheduled_at": "2026-12-03T09:00:00+08:00", "note": "n",
    }  # fmt: skip


def test_in_a_simulation_it_happens_when_the_clock_says(folder: Path, typed: Typed) -> None:
    """Wall time would be years late there."""
    set_settings(folder, simulation=True)
    now_ms = wall_ms()
    clock = {"virtual_ms": 1_000_000_000_000, "wall_ms": now_ms, "speed": 60}
    raw = event("clock_set", clock, source="test", id="1")
    typed("events", "send", folder, "-", stdin=raw)
    assert typed("incident", "new", folder, "--kind", "other", "--text", "x").code == 0
    passed_ms = moment_ms(data_of(stored(folder)[1])["at"]) - 1_000_000_000_000
    assert 0 <= passed_ms <= 60 * (wall_ms() - now_ms)


def test_a_person_locates_and_verifies(folder: Path, typed: Typed) -> None:
    """Names of commands are typed with a hyphen."""
    located = typed("command", folder, "locate", "--incident", "I1", "--place", "p1", "--by", "o1")
    seen = typed("command", folder, "verify-sighting", "--sighting", "S1", "--verdict", "true",
                 "--noted-offline")  # fmt: skip
    assert (located.code, seen.code) == (0, 0)
    first, second = (data_of(record) for record in stored(folder))
    assert (first["command"], first["place"], first["by"]) == ("locate", "p1", "o1")
    assert (second["command"], second["verdict"], second["noted_offline"]) == (
        "verify_sighting", "true", True
    )  # fmt: skip


@pytest.mark.parametrize(
    ("told", "code", "said"),
    [
        (("locat",), 2, "locate"),
        (("merge", "--incident", "I1"), 2, "--into"),
        (("locate", "--incident", "I1"), 2, "--place"),
        (("verify-sighting",), 2, "--sighting --verdict"),
        (("cancel",), 2, "--incident"),
    ],
)
def test_a_command_that_says_nothing_is_refused(
    told: tuple[str, ...], code: int, said: str, folder: Path, typed: Typed
) -> None:
    """With what it lacks."""
    shown = typed("command", folder, *told)
    assert (shown.code, shown.out) == (code, "")
    assert said in shown.err
    assert stored(folder) == []


def test_every_command_of_the_schema_can_be_given() -> None:
    """One added to the schema and not here could be sent by nobody."""
    known = CommandGiven.model_fields["command"].annotation
    assert set(NEEDS) == set(known.__args__)  # type: ignore[union-attr]


# --- topics ----------------------------------------------------------------------------------


@pytest.fixture
def fresh(folder: Path) -> Path:
    """A district whose topics nobody has made."""
    set_settings(folder, brigade=f"c{uuid.uuid4().hex[:10]}")
    return folder


def test_topics_are_made_once(kafka: str, fresh: Path, typed: Typed) -> None:
    """The second time they exist, and all is as it should be."""
    first = typed("topics", "create", fresh, "--bus", f"kafka://{kafka}")
    again = typed("topics", "create", fresh, "--bus", f"kafka://{kafka}")
    assert (first.code, first.err, again.code, again.err) == (0, "", 0, "")
    names = ports.streams_of(area_of(fresh))
    assert first.out.splitlines() == [f"{name}: created" for name in names]
    assert again.out.splitlines() == [f"{name}: exists" for name in names]


def test_wrong_settings_of_a_topic_are_said(kafka: str, fresh: Path, typed: Typed) -> None:
    """A journal that is erased after a week must not wait for that week to be noticed."""
    area = area_of(fresh)
    create_topics(kafka, area)
    name = ports.journal(area)
    admin = KafkaAdminClient(bootstrap_servers=kafka)
    wrong = {"retention.ms": "604800000", "cleanup.policy": "compact"}
    admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, configs=wrong)])
    admin.close()
    end_s = time.monotonic() + 10
    while len(look(kafka, area).faults) < 2 and time.monotonic() < end_s:
        time.sleep(0.1)
    told = typed("topics", "create", fresh, "--bus", f"kafka://{kafka}")
    assert told.code == 1
    assert f"{name}: retention.ms is 604800000, should be -1" in told.err
    assert f"{name}: cleanup.policy is compact, should be delete" in told.err
    assert Fault(name, "retention.ms", "604800000", "-1") in look(kafka, area).faults


def test_topics_are_kafkas(folder: Path, typed: Typed) -> None:
    """On SQLite there is nothing to make; an absent broker is said at once."""
    assert typed("topics", "create", folder).code == 2
    told = typed("topics", "create", folder, "--bus", "kafka://127.0.0.1:9")
    assert told.code == 1
    assert "127.0.0.1:9" in told.err


def test_an_incident_reaches_kafka(kafka: str, fresh: Path, typed: Typed, kcat: str) -> None:
    """And another client reads it."""
    bus = f"kafka://{kafka}"
    typed("topics", "create", fresh, "--bus", bus)
    told = typed("incident", "new", fresh, "--kind", "crash", "--place", "p1", "--bus", bus)
    assert told.code == 0, told.err
    seen = subprocess.run(  # noqa: S603 - kcat
        [kcat, "-C", "-b", kafka, "-t", ports.inbox(area_of(fresh)), "-c1", "-e", "-q"],
        capture_output=True, text=True, check=True, timeout=30,
    ).stdout  # fmt: skip
    assert json.loads(seen)["data"]["place"] == "p1"
    reader = KafkaBus(kafka)
    assert len(reader.read(ports.inbox(area_of(fresh)))) == 1
    reader.close()


def test_kafkas_console_producer_is_understood(
    kafka: str, kafka_jars: Path, fresh: Path, typed: Typed
) -> None:
    """As docs/events.md tells it: a sample, one line."""
    area = area_of(fresh)
    create_topics(kafka, area)
    raw = typed("events", "sample", "incident_reported").out.encode()
    name = ports.inbox(area)
    told = ["java", "-cp", f"{kafka_jars}/*", "org.apache.kafka.tools.ConsoleProducer"]
    subprocess.run(  # noqa: S603 - Kafka's own program
        [*told, "--bootstrap-server", kafka, "--topic", name],
        input=raw, check=True, capture_output=True, timeout=60,
    )  # fmt: skip
    reader = KafkaBus(kafka)
    (record,) = reader.read(name)
    reader.close()
    assert record.value == raw.strip()
    assert data_of(record)["kind"] == "crash"


# --- the page --------------------------------------------------------------------------------


def test_the_page_is_what_the_schemas_say() -> None:
    """`python -m events.document docs/events.md` would change nothing."""
    page = (ROOT / "docs" / "events.md").read_text(encoding="utf-8")
    assert document.renewed(page) == page


@pytest.mark.parametrize("kind", EVENTS, ids=lambda kind: kind.name)
def test_every_field_of_every_event_stands_on_the_page(kind: type[Event]) -> None:
    """Read from the page itself, not from what made it."""
    page = (ROOT / "docs" / "events.md").read_text(encoding="utf-8")
    section = page.split(f"### `{kind.name}`\n")[1].split("\n### ")[0]
    rows = [line.split("|")[1:4] for line in section.splitlines() if line.startswith("| `")]
    told = {name.strip(" `"): needed.strip() == "yes" for name, _, needed in rows}
    assert told == {name: f.is_required() for name, f in kind.model_fields.items()}


def test_the_page_tells_every_reason() -> None:
    """A reply's reason that nobody can look up helps nobody."""
    page = (ROOT / "docs" / "events.md").read_text(encoding="utf-8")
    assert all(f"`{reason}" in page for reason in REASONS)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_both_languages_are_spoken(lang: str, folder: Path, typed: Typed) -> None:
    """Trouble comes in the user's language."""
    told = typed("incident", "new", folder, "--kind", "crash", "--place", "zzz", lang=lang)
    assert ("人工定位" in told.err) == (lang == "zh-CN")
