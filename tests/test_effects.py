"""What an accepted frame makes known, on whatever bus, and how it can be made again."""

import json
from pathlib import Path

import pytest
from engines import AREA, Station, settle

from config.ids import OrderId, UnitId, VisitId
from config.roads import Spot
from dispatch.console.row import row_of
from dispatch.effects import effects_of
from dispatch.ground import Ground
from dispatch.state import State, Visit
from events import ports
from events.decisions import About, Line, Order, OrderEnded, Why
from events.facts import Accepted, Duplicate, Parked, Rejected
from events.frame import FIRST_PREV, Decision, Fact, Frame
from events.released import effect_id
from events.schema import event

INBOX = ports.inbox(AREA)


@pytest.fixture
def station(tmp_path: Path) -> Station:
    """A station on a bus in memory."""
    return Station(tmp_path / "d")


def frame(*facts: Fact, decisions: tuple[Decision, ...] = ()) -> Frame:
    """The seventh frame of a journal."""
    return Frame(area=AREA, seq=7, prev=FIRST_PREV, writer="w", time_ms=1_764_720_000_000,
                 facts=facts, decisions=decisions)  # fmt: skip


def test_an_order_tells_the_unit_where_to_and_by_when(station: Station) -> None:
    """All that a device needs to obey, in WGS-84 degrees and ISO times."""
    engine = station.engine()
    station.staff(1)
    settle(engine)
    event = station.incident("n33")
    settle(engine)
    [order] = station.rows("orders")
    lon, lat = engine.ground.lonlat(engine.ground.spot_of_node(
        station.district.roads.index["n33"]))  # type: ignore[index] # fmt: skip
    seq = engine.state.seq
    assert order == {
        "type": "order", "area": "hz", "seq": seq, "n": 0, "order": f"hz/{seq}/0", "unit": "t1",
        "incident": event, "visit": None, "sighting": None, "slot": 0, "replaces": None,
        "lon": lon, "lat": lat, "place": None, "text": None, "due": "2026-11-30T09:10:00+08:00",
        "eta": order["eta"], "leave": None, "dwell_min": None, "mode": "incident",
    }  # fmt: skip


def test_the_callers_words_for_the_place_reach_the_unit_and_the_desk(station: Station) -> None:
    """Where the program knows the place too; of others the words are the place already."""
    engine = station.engine()
    station.staff(1)
    settle(engine)
    station.incident("n33", text="栾河路建行门口")
    station.incident("n11", text="老桥旁边", kind="dispute")
    station.send("incident_reported", kind="breakdown", text="某处")
    settle(engine)
    assert [order["text"] for order in station.rows("orders")] == ["栾河路建行门口"]
    said = {
        (line["kind"], line["said"], line["place"]) for line in station.rows("console")
        if line["kind"] in ("dispatch", "queued")
    }  # fmt: skip
    assert said == {
        ("dispatch", "栾河路建行门口", "n33"), ("queued", "老桥旁边", "n11"),
        ("queued", None, "某处"),
    }  # fmt: skip


def test_an_order_that_ended_in_its_own_frame_still_has_unit_and_target(station: Station) -> None:
    """It stands in neither state: both come from the frame and from what it is about."""
    spot = Spot(node=3)
    visit = Visit(
        VisitId("v1"), "m1", "t1-1", UnitId("t1"), "s1", None, spot,  # type: ignore[arg-type]
        0, 9_000_000, 3_600_000, 720_000, 8_000_000,
    )  # fmt: skip
    state = State(AREA, visits={visit.id: visit})
    order = Order(id=OrderId("hz/7/0"), unit=UnitId("t1"), about=About(visit=VisitId("v1")),
                  why=Why(rule="visit_due"))  # fmt: skip
    ended = OrderEnded(order=order.id, how="cancelled", reason="shift over")
    made = [
        one.record.value.decode()
        for one in effects_of(frame(decisions=(order, ended)), state, state,
                              Ground(station.district), lambda _: b"")
    ]  # fmt: skip
    lon, lat = Ground(station.district).lonlat(spot)
    assert f'"lon":{lon},"lat":{lat}' in made[0]
    assert '"dwell_min":12,"mode":"patrol"' in made[0]
    assert made[1] == (
        '{"type":"order_ended","area":"hz","seq":7,"n":1,"order":"hz/7/0","unit":"t1",'
        '"how":"cancelled","reason":"shift over"}'
    )


def test_a_line_about_a_visit_names_its_point(station: Station) -> None:
    """Whoever reads the text sees the point, not the id that programs know the visit by."""
    visit = Visit(
        VisitId("v1"), "M07", "t1-1", UnitId("t1"), "s1", None, Spot(node=3),  # type: ignore[arg-type]
        0, 9_000_000, 3_600_000, 720_000, 8_000_000,
    )  # fmt: skip
    state = State(AREA, visits={visit.id: visit})
    line = Line(kind="due_soon", about=About(visit=visit.id), text="visit.due_soon")
    [made] = effects_of(
        frame(decisions=(line,)), state, State(AREA), Ground(station.district), lambda _: b""
    )
    told = json.loads(made.record.value)
    assert (told["about"], told["point"]) == ("v1", "M07")


def test_a_console_line_is_the_json_twin_with_its_number(station: Station) -> None:
    """Nothing is rendered before somebody reads it."""
    line = Line(kind="system", text="run.started", fields={"program": "1"})
    told = frame(decisions=(line,))
    state = State(AREA)
    ground = Ground(station.district)
    [made] = effects_of(told, state, state, ground, lambda _: b"")
    row = row_of(line, area=AREA, seq=7, time_ms=told.time_ms, calendar=station.district.calendar)
    assert made.suffix == "console"
    assert json.loads(made.record.value) == row | {"n": 0}


@pytest.mark.parametrize(
    ("fact", "reply"),
    [
        (Accepted(topic=INBOX, partition=0, offset=5, event="a/1", kind="k", data={}),
         '{"event":"a/1","outcome":"accepted","reason":null,"seq":7}'),
        (Duplicate(topic=INBOX, partition=0, offset=5, of="a/1"),
         '{"event":"a/1","outcome":"duplicate","reason":null,"seq":7}'),
        (Rejected(topic=INBOX, partition=0, offset=5, reason="late", event="a/1"),
         '{"event":"a/1","outcome":"rejected","reason":"late","seq":7,"hint":null}'),
        (Parked(topic=INBOX, partition=0, offset=5, error="KeyError: 'x'", event="a/1"),
         '{"event":"a/1","outcome":"parked","reason":"parked:KeyError: \'x\'","seq":7}'),
    ],
    ids=lambda one: getattr(one, "type", ""),
)  # fmt: skip
def test_each_event_gets_one_reply(station: Station, fact: Fact, reply: str) -> None:
    """Whoever sent it can tell what became of it."""
    state = State(AREA)
    made = effects_of(frame(fact), state, state, Ground(station.district), lambda _: b"raw")
    assert [m.record.value.decode() for m in made if m.suffix == "replies"] == [reply]


def test_a_rejected_record_keeps_its_bytes_and_origin(station: Station) -> None:
    """Dead letters can be mended and sent again."""
    station.put(b"\xff no event")
    settle(station.engine())
    [dead] = station.bus.read(ports.rejected(AREA))
    told = dict(dead.headers)
    assert dead.value == b"\xff no event"
    assert (told["reason"], told["topic"], told["offset"]) == (b"encoding", b"hz.inbox", b"0")


def test_an_effect_carries_area_seq_and_n(station: Station) -> None:
    """Repeats are recognised by it."""
    engine = station.engine()
    station.staff(1)
    station.incident()
    settle(engine)
    ids = [effect_id(stored) for stored in station.bus.read(ports.console(AREA))]
    rows = station.rows("console")
    assert ids == [("hz", row["seq"], row["n"]) for row in rows]
    assert len(set(ids)) == len(ids) > 3


def test_what_is_not_wanted_is_not_made(station: Station) -> None:
    """A long refold does not render what was released long ago."""
    line = Line(kind="system", text="run.started", fields={"program": "1"})
    told = frame(decisions=(line, line))
    state, ground = State(AREA), Ground(station.district)
    made = list(effects_of(told, state, state, ground, lambda _: b"", lambda _, n: n == 1))
    assert [one.n for one in made] == [1]


def test_a_refused_event_is_told_what_would_have_been_right(station: Station) -> None:
    """Codes are for programs; whoever writes the sender wants to see the values."""
    engine = station.engine()
    sound = event("incident_reported", {"kind": "other", "place": "p1"}, source="s", id="1")
    station.put(sound.replace(b'"other"', b'"fire"'))
    settle(engine)
    [reply] = station.rows("replies")
    assert reply["reason"] == "invalid:data.kind:literal_error"
    assert "breakdown" in reply["hint"]["expected"]


def test_an_incident_at_an_unknown_place_is_said_to_wait(station: Station) -> None:
    """It is taken, but nobody goes: a sender that sees `accepted` alone would not know."""
    engine = station.engine()
    station.staff(1)
    settle(engine)
    station.send("incident_reported", kind="crash", severity="injury", place="zzz")
    settle(engine)
    reply = station.rows("replies")[-1]
    assert (reply["outcome"], reply["reason"]) == ("accepted", "held:place_unknown")
