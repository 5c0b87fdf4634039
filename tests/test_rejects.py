"""What came and could not be taken: the desk hears of it, an incident at once, a flood in one."""

import json
from pathlib import Path

import pytest
from brigades import HOUR_MS, Brigade, lines
from districts import small_district
from engines import AREA, settle, sqlite_station

from config.district import load
from config.words import words
from dispatch.console.row import Names, free_text
from dispatch.decide import Outcome, Record
from dispatch.rejects import MOST_AT_ONCE, MOST_SOURCES
from events import ports
from events.clock import wall_ms
from events.decisions import Line
from events.doctor_bus import rejected
from events.ports import LARGEST_EVENT_BYTES
from events.ports import Record as Sent
from events.schema import Refused, parse

CRASH = {"kind": "crash", "severity": "serious", "place": "p2"}
BAD_SEVERITY = "invalid:data.severity:literal_error"


@pytest.fixture
def brigade(tmp_path: Path) -> Brigade:
    """An engine that has said the date."""
    brigade = Brigade.of(load(small_district(tmp_path / "d")))
    brigade.turn()
    return brigade


def raw(number: str, source: str = "cam", name: str = "incident_reported", **more: str) -> bytes:
    """A well-formed event with a word that there is not."""
    return json.dumps({
        "specversion": "1.0", "id": number, "source": source, "type": f"qinwu.{name}.v1",
        "data": CRASH | more,
    }).encode()  # fmt: skip


def come(brigade: Brigade, *values: bytes) -> Outcome:
    """They come in one frame."""
    records = []
    for value in values:
        brigade.position += 1
        records.append(Record(brigade.position, parse(value), brigade.now_ms))
    return brigade.turn(*records)


def said(brigade: Brigade, line: Line, lang: str) -> str:
    """What people read of a line."""
    row = {"text": line.text, "fields": line.fields}
    return free_text(row, Names(brigade.ground.district.calendar, {}, {}), words(lang))


def told(outcome: Outcome) -> list[tuple[str, int]]:
    """The events that lines name, and how many more each counts."""
    return [(one.fields["event"], one.fields["more"]) for one in lines(outcome, "refused")
            if one.fields]  # fmt: skip


def test_an_incident_that_cannot_be_taken_is_told_at_the_desk(brigade: Brigade) -> None:
    """With its source, its id, why, and how to enter it; a fatal crash was told to nobody."""
    outcome = come(brigade, raw("7"), raw("8"))
    assert told(outcome) == [("cam/7", 0), ("cam/8", 0)]
    (line, _) = lines(outcome, "refused")
    assert line.text == "rejected.incident"
    assert line.fields == {"event": "cam/7", "reason": BAD_SEVERITY, "more": 0}
    for lang, why in (
        ("en", "cam/7: severity is none of the words that there are. Ask"),
        ("zh-CN", "cam/7：severity 不是规定的取值。请"),
    ):
        text = said(brigade, line, lang)
        assert why in text
        assert "qinwu incident new" in text


def test_what_the_engine_refuses_is_told_in_words(brigade: Brigade) -> None:
    """A dispatcher of the night reads no code; programs read it in the line's fields."""
    old = brigade.record("incident_reported", kind="crash", place="p2", at="2020-01-01T00:00:00Z")
    (line,) = lines(brigade.turn(old), "refused")
    assert line.fields == {"event": "test/1", "reason": "late", "more": 0}
    assert "test/1: it came too late. Ask" in said(brigade, line, "en")
    assert "test/1：上报过迟。请" in said(brigade, line, "zh-CN")


@pytest.mark.parametrize(("text", "en", "zh"), [
    ("event", "; 3 more of this sender since its last line. ",
     "；该来源自上一行起另有 3 条未收入。"),
    ("incident_unnamed", "; 3 more of unnamed senders since the last such line. ",
     "；未逐一列名的来源自上次提示起另有 3 条未收入。"),
])  # fmt: skip
def test_how_many_more_came_is_told_where_some_did(
    brigade: Brigade, text: str, en: str, zh: str
) -> None:
    """That none did is no news."""
    for lang, clause in (("en", en), ("zh-CN", zh)):
        for more in (3, 0):
            fields = {"event": "cam/7", "reason": "late", "more": more}
            line = Line(kind="refused", text=f"rejected.{text}", fields=fields)
            assert (clause in said(brigade, line, lang)) == bool(more)
            assert "0" not in said(brigade, line, lang)


def test_other_events_have_a_line_a_source_and_hour_with_those_between(brigade: Brigade) -> None:
    """A tracker with a wrong clock does not hide the day's orders."""
    odd = [raw(str(n), source, "status_reported") for source in ("a", "b") for n in range(5)]
    assert told(come(brigade, *odd)) == [("a/0", 0), ("b/0", 0)]
    brigade.now_ms += HOUR_MS - 1
    assert told(come(brigade, odd[0])) == []
    brigade.now_ms += 1
    assert told(come(brigade, *odd[:3])) == [("a/0", 5)]


def test_a_flood_ends_the_lines_of_a_source_and_of_all(brigade: Brigade) -> None:
    """Incidents by the thousand, and a name anew for each, are told as one from somewhere on."""
    many = [raw(str(n)) for n in range(MOST_AT_ONCE + 9)]
    assert len(told(come(brigade, *many))) == MOST_AT_ONCE
    named = [raw("1", f"s{n}", "status_reported") for n in range(2 * MOST_SOURCES)]
    assert len(told(come(brigade, *named))) == MOST_SOURCES
    assert len(brigade.state.rejects) == MOST_SOURCES + 1


def test_incidents_of_a_flood_are_told_by_their_number(brigade: Brigade) -> None:
    """When their hour is over, though nothing else comes; whose they are is not made up."""
    come(brigade, *(raw("1", f"s{n}") for n in range(MOST_SOURCES)))
    first = lines(come(brigade, *(raw("1", f"t{n}") for n in range(MOST_AT_ONCE + 9))), "refused")
    assert [one.text for one in first] == ["rejected.incident_unnamed"] * MOST_AT_ONCE
    come(brigade, raw("2", "u", "status_reported"))
    (line,) = lines(brigade.wait(61), "refused")
    assert line.text == "rejected.more_unnamed"
    assert line.fields == {"source": "", "more": 10, "incidents": 9}
    assert "另有 9 起警情未收入（未收入共 10 条）" in said(brigade, line, "zh-CN")
    assert lines(brigade.wait(24 * 60), "refused") == []


def test_incidents_of_one_source_beyond_its_lines_are_told_with_its_name(brigade: Brigade) -> None:
    """Other events wait for the next line."""
    come(brigade, *(raw(str(n)) for n in range(MOST_AT_ONCE + 1)))
    come(brigade, *(raw(str(n), "tracker", "status_reported") for n in range(9)))
    (line,) = lines(brigade.wait(61), "refused")
    assert line.text == "rejected.more"
    assert line.fields == {"source": "cam", "more": 1, "incidents": 1}
    assert told(come(brigade, raw("99"))) == [("cam/99", 0)]


@pytest.mark.parametrize("name", ["incident_reported", "status_reported"])
def test_what_comes_as_the_hour_ends_hides_no_incidents_of_it(brigade: Brigade, name: str) -> None:
    """A flood goes on: its next record is in the frame that the clock would have made."""
    come(brigade, *(raw(str(n)) for n in range(MOST_AT_ONCE + 9)))
    brigade.now_ms += HOUR_MS
    of_hour, line = lines(come(brigade, raw("99", name=name)), "refused")
    assert of_hour.text == "rejected.more"
    assert of_hour.fields == {"source": "cam", "more": 9, "incidents": 9}
    assert line.fields is not None
    assert (line.fields["event"], line.fields["more"]) == ("cam/99", 0)
    assert lines(brigade.wait(61), "refused") == []


def test_an_id_with_a_slash_is_no_other_source(brigade: Brigade) -> None:
    """A camera numbers what it sees by the day."""
    many = [raw(f"{n}/1") for n in range(2 * MOST_AT_ONCE)]
    assert len(told(come(brigade, *many))) == MOST_AT_ONCE
    assert list(brigade.state.rejects) == ["cam"]


def test_bytes_that_are_no_event_have_a_line_too(brigade: Brigade) -> None:
    """Nobody knows whose they are."""
    (line,) = lines(come(brigade, b"\xff", b"{}"), "refused")
    assert line.text == "rejected.event_unnamed"


def test_an_incident_that_nobody_can_read_is_told_at_once(brigade: Brigade) -> None:
    """A fatal crash with NaN, and one in GBK, within the hour of other bytes without a source."""
    come(brigade, b"hello")
    odd = raw("7").replace(b'"serious"', b"NaN"), raw("8").replace(b"p2", "学校".encode("gbk"))
    found = lines(come(brigade, *odd), "refused")
    assert [line.text for line in found] == ["rejected.incident_unnamed", "rejected.incident"]


IN_HEADERS = (
    ("ce_specversion", b"1.0"), ("ce_type", b"qinwu.incident_reported.v1"), ("ce_id", b"7"),
    ("ce_source", b"cam"),
)  # fmt: skip


@pytest.mark.parametrize(("value", "headers", "reason"), [
    (raw("7", note="x" * LARGEST_EVENT_BYTES), (), "oversize"),
    (raw("7").decode().encode("utf-16"), (), "nul"),
    (b'\xff{"kind":"crash"}', IN_HEADERS, "encoding"),
    (b'{"kind":"crash"', IN_HEADERS, "not_json"),
    (b'{"kind":NaN}', IN_HEADERS, "nan"),
    (b'{"kind":"crash","place":"a\\u0000"}', IN_HEADERS, "nul"),
], ids=["oversize", "utf-16", "binary-gbk", "binary-cut", "binary-nan", "binary-nul"])  # fmt: skip
def test_so_is_one_too_large_in_utf_16_or_named_by_its_headers_alone(
    brigade: Brigade, value: bytes, headers: tuple[tuple[str, bytes], ...], reason: str
) -> None:
    """Whatever part of it can be read says that it is one."""
    come(brigade, b"hello")
    read = parse(value, headers)
    assert isinstance(read, Refused)
    assert read.reason == reason
    brigade.position += 1
    (line,) = lines(brigade.turn(Record(brigade.position, read, brigade.now_ms)), "refused")
    assert line.text == "rejected.incident_unnamed"


def test_what_the_planner_takes_all_the_same_is_told_to_nobody(tmp_path: Path) -> None:
    """A week published days before it is played: the engine's word that it is late is no news."""
    station = sqlite_station(tmp_path)
    engine = station.engine(cached=False)
    settle(engine)
    old = {"time": "2020-01-01T00:00:00Z", "source": "desk"}
    for name, kind, data in (
        ("1", "draft_approved", {"week": "2026-W49", "version": 1}),
        ("2", "status_reported", {"unit": "t1", "status": "free"}),
    ):
        sent = {"specversion": "1.0", "id": name, "type": f"qinwu.{kind}.v1", "data": data, **old}
        station.bus.send(ports.inbox(AREA), [Sent(json.dumps(sent).encode())])
    settle(engine)
    (found,) = rejected(station.bus, AREA, wall_ms())
    assert found.fields["count"] == 1
    told = [line for frame in station.frames() for line in lines(frame.decisions, "refused")]
    assert [line.fields and line.fields["event"] for line in told] == ["desk/2"]
    station.bus.close()


def test_the_doctor_counts_what_was_rejected_in_the_last_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And says why, in words, and where it stands."""
    monkeypatch.setenv("QINWU_LANG", "zh-CN")
    station = sqlite_station(tmp_path)
    engine = station.engine(cached=False)
    settle(engine)
    now_ms = wall_ms()
    assert list(rejected(station.bus, AREA, now_ms)) == []
    for number in range(3):
        station.bus.send(ports.inbox(AREA), [Sent(raw(str(number)))])
    settle(engine)
    (found,) = rejected(station.bus, AREA, wall_ms())
    assert found.fields == {"count": 3, "reason": "severity 不是规定的取值"}
    assert list(rejected(station.bus, AREA, now_ms + 25 * HOUR_MS)) == []
    station.bus.close()
