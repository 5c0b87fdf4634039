"""The engine's shell: what it appends and releases, whatever happens to it."""

import hashlib
import json
import pickle
from pathlib import Path
from typing import Any

import pytest
from engines import AREA, Fragile, Station, settle, sqlite_station

from config.durations import DAY_MS
from config.ids import IncidentId
from config.reading import write_rows
from config.tables import HazardRow
from dispatch import crash, snapshot
from dispatch.service import StepCrashed
from dispatch.state import State
from events import ports
from events.facts import Accepted, ConfigChanged, EngineStarted, Note, Parked
from events.frame import Frame
from events.memory import MemoryBus, MemoryJournal
from events.ports import LARGEST_FRAME_BYTES, Record
from events.schema import event
from events.trouble import BusLost, JournalBroken

JOURNAL, INBOX = ports.journal(AREA), ports.inbox(AREA)


@pytest.fixture
def station(tmp_path: Path) -> Station:
    """A station on a bus in memory."""
    return Station(tmp_path / "d")


def journal(station: Station) -> MemoryJournal:
    """The journal with its mishaps."""
    assert isinstance(station.bus, MemoryBus)
    return station.bus.journal(JOURNAL)


def facts(station: Station, kind: type) -> list[Any]:
    """All accepted facts of a kind."""
    return [fact for frame in station.frames() for fact in frame.facts if isinstance(fact, kind)]


def refolded(station: Station) -> State:
    """The state by another engine's fold of the same journal, without a snapshot."""
    return station.engine(writer="reader", cached=False).state


def test_an_incident_becomes_an_order_a_line_and_a_reply(tmp_path: Path) -> None:
    """The whole way over a real file."""
    station = sqlite_station(tmp_path)
    engine = station.engine()
    station.staff()
    name = station.incident()
    settle(engine)
    [order] = station.rows("orders")
    assert order["incident"] == name
    assert [row["order"] for row in station.rows("console") if row["kind"] == "dispatch"] == [
        f"D{order['seq']}.{order['n']}"
    ]
    assert {"event": name, "outcome": "accepted", "reason": None, "seq": order["seq"]} in (
        station.rows("replies")
    )


@pytest.mark.parametrize(("held", "said", "reason"), [
    (False, ("merge", "hold"), None), (False, ("hold", "merge"), "ignored:other_held"),
    (True, ("merge", "resume"), "ignored:other_held"), (True, ("resume", "merge"), None),
])  # fmt: skip
def test_commands_that_come_together_are_obeyed_one_after_the_other(
    station: Station,
    held: bool,  # noqa: FBT001 - a case
    said: tuple[str, str],
    reason: str | None,
) -> None:
    """Two persons at the desk: each is told what became of its own word."""
    engine = station.engine()
    station.staff()
    station.incident(incident="x")
    station.incident(incident="i", severity="fatal")
    if held:
        station.send("command_given", command="hold", incident="x", by="o1")
    settle(engine)
    for name in said:
        about = {"incident": "i", "into": "x"} if name == "merge" else {"incident": "x"}
        station.send("command_given", command=name, by="o1", **about)
    settle(engine)
    asked = [fact for fact in facts(station, Accepted) if fact.data.get("command") == "merge"]
    assert [one.reason for one in asked] == [reason]
    assert (engine.state.incidents[IncidentId("i")].closed is None) == (reason is not None)


def test_a_report_behind_a_command_is_not_what_it_was_about(station: Station) -> None:
    """The one crash is over; then the dead of another are reported under its id."""
    engine = station.engine()
    station.staff()
    station.incident(incident="i")
    settle(engine)
    station.send("command_given", command="close", incident="i", by="o1")
    name = station.incident(incident="i", severity="fatal").replace("/", ":")
    settle(engine)
    assert engine.state.incidents[IncidentId("i")].closed == "done"
    assert len(engine.state.incidents[IncidentId(name)].orders) == 2


def test_the_first_frame_says_who_began_and_on_what(station: Station) -> None:
    """Program, hashes of the district's files, identities of the streams."""
    settle(station.engine())
    started = station.frames()[0].facts[0]
    assert isinstance(started, EngineStarted)
    assert started.files == dict(station.district.hashes)
    assert started.streams[INBOX] == station.bus.identity(INBOX)


def test_changed_files_are_said(station: Station, tmp_path: Path) -> None:
    """Decisions after it stand on other files, which are kept by hash."""
    settle(station.engine())
    write_rows(tmp_path / "d" / "hazards.csv",
               [HazardRow(hazard="h9", node="n22", kind="坑", found=station.district.calendar.local(
                   station.now_ms).date())])  # fmt: skip
    again = Station(tmp_path / "d", station.bus)
    settle(again.engine())
    [changed] = facts(again, ConfigChanged)
    assert changed.files["hazards.csv"] != station.district.hashes["hazards.csv"]
    kept = {path.name for path in (tmp_path / "d" / ".qinwu" / "config").iterdir()}
    assert kept >= {changed.files["hazards.csv"], station.district.hashes["hazards.csv"]}


def test_the_state_of_step_is_the_state_of_the_fold(station: Station) -> None:
    """What the engine goes on with is what anybody would fold."""
    engine = station.engine()
    station.staff()
    for junction in ("n11", "n33", "n00", "n54"):
        station.incident(junction)
    settle(engine)
    station.now_ms += 10 * 60_000
    settle(engine)
    assert refolded(station) == engine.state


@pytest.mark.parametrize("cached", [True, False], ids=["snapshot", "whole journal"])
def test_a_restarted_engine_goes_on(tmp_path: Path, *, cached: bool) -> None:
    """With or without its snapshot: same state, nothing decided or told twice."""
    station = sqlite_station(tmp_path)
    engine = station.engine(cached=cached)
    station.staff()
    station.incident()
    settle(engine)
    engine.close()
    told = [station.rows(suffix) for suffix in ("orders", "console", "replies")]
    again = station.engine(cached=cached)
    assert again.state == engine.state
    assert [station.rows(suffix) for suffix in ("orders", "console", "replies")] == told
    second = station.incident("n33")
    settle(again)
    assert [row["incident"] for row in station.rows("orders")][-1] == second


def test_a_snapshot_of_other_files_is_thrown_away(station: Station, tmp_path: Path) -> None:
    """It was folded on another district."""
    engine = station.engine()
    settle(engine)
    engine.close()
    path = tmp_path / "d" / "settings.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "# other\n", encoding="utf-8")
    again = Station(tmp_path / "d", station.bus).engine()
    assert again.state == engine.state


def test_a_broken_snapshot_is_thrown_away(station: Station, tmp_path: Path) -> None:
    """The journal is the truth."""
    engine = station.engine()
    settle(engine)
    engine.close()
    path = tmp_path / "d" / ".qinwu" / "snapshot"
    path.write_bytes(path.read_bytes()[:-1])
    assert station.engine().state == engine.state


def test_a_forged_snapshot_runs_nothing(station: Station, tmp_path: Path) -> None:
    """Only values of this program are made from the file."""
    raw = pickle.dumps(Path.unlink)  # a function, not a value
    path = tmp_path / "d" / ".qinwu" / "snapshot"
    path.parent.mkdir()
    path.write_bytes(hashlib.sha256(raw).digest() + raw)
    assert snapshot.load(station.folder, AREA, station.district.hashes, "memory:") is None


def test_a_journal_that_was_made_anew_is_noticed(station: Station) -> None:
    """A fresh journal under an old snapshot would forget every open order in silence."""
    engine = station.engine()
    settle(engine)
    engine.close()
    station.bus = MemoryBus()
    with pytest.raises(JournalBroken):
        station.engine()


def test_a_snapshot_of_another_bus_is_not_used(tmp_path: Path) -> None:
    """A folder whose engine ran on a file may run on another bus, which knows nothing of it."""
    station = sqlite_station(tmp_path)
    engine = station.engine()
    station.staff()
    settle(engine)
    engine.close()
    other = Station(station.folder, MemoryBus())
    assert other.engine().state.seq == 0
    assert station.engine(writer="next").state == engine.state


def test_what_crashed_on_another_bus_says_nothing_of_this_one(tmp_path: Path) -> None:
    """The same position is another input there."""
    crash.Crashes.read(tmp_path, AREA, "sqlite:/a").note(3, 3, "x")
    assert crash.Crashes.read(tmp_path, AREA, "sqlite:/a").upto == 3
    assert crash.Crashes.read(tmp_path, AREA, "memory:").upto == -1


def test_effects_that_were_not_released_are_released_by_the_next(
    station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The frame was accepted, its writer died before it told anybody."""
    engine = station.engine()
    station.staff()
    settle(engine)
    station.incident()
    told = station.rows("orders") if station.bus.last(ports.orders(AREA)) else []
    monkeypatch.setattr(engine._outputs, "release", lambda _: None)  # dies before it
    settle(engine)
    assert (station.rows("orders") if station.bus.last(ports.orders(AREA)) else []) == told
    station.engine(writer="next")
    assert len(station.rows("orders")) == 1
    station.engine(writer="third")
    assert len(station.rows("orders")) == 1


def test_an_engine_that_fails_to_tell_leaves_no_snapshot_beyond(
    station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it folded but never told, the next engine folds again and tells."""
    engine = station.engine()
    station.staff()
    settle(engine)

    def broken(_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(engine._outputs, "release", broken)
    station.incident()
    with pytest.raises(ZeroDivisionError):
        settle(engine)
    engine.close()
    station.engine(writer="next")
    assert len(station.rows("orders")) == 1


def test_a_conflict_is_folded_and_the_inputs_are_taken_once(station: Station) -> None:
    """Two engines on one journal: each event has exactly one fact, whoever was faster."""
    one, two = station.engine(writer="one"), station.engine(writer="two")
    station.staff()
    for n in range(20):
        station.incident(f"n{n % 6}{n % 5}")
        one.turn()
        two.turn()
    settle(one)
    settle(two)
    events = [fact.event for fact in facts(station, Accepted)]
    assert len(events) == len(set(events)) == station.bus.last(INBOX).position + 1  # type: ignore[union-attr]
    ids = {(row["seq"], row["n"]): row for row in station.rows("orders")}
    assert all(ids[row["seq"], row["n"]] == row for row in station.rows("orders"))


def test_a_frame_that_a_stale_one_overtook_still_counts(station: Station) -> None:
    """Conflict says: fold up to there; only then you know."""
    engine = station.engine()
    settle(engine)
    journal(station).land_before_next(b"a zombie's frame")
    name = station.incident()
    settle(engine)
    assert [fact.event for fact in facts(station, Accepted)] == [name]
    assert refolded(station) == engine.state


def test_an_engine_that_always_comes_second_gives_up(station: Station) -> None:
    """Several conflicts in a row: another one is at work."""
    engine = station.engine()
    settle(engine)
    for _ in range(4):
        overtake(station)
        engine.turn()
    overtake(station)
    with pytest.raises(BusLost):
        engine.turn()


def overtake(station: Station) -> None:
    """Another engine's frame lands just before the next."""
    rival = station.engine(writer="rival", cached=False)
    raw = rival._reader.fold.next_frame("rival", station.now_ms).raw()
    journal(station).land_before_next(raw)
    station.incident()


def test_an_unknown_outcome_ends_the_engine(station: Station) -> None:
    """It may be stored, or come later, or never: the next engine folds and knows."""
    engine = station.engine()
    settle(engine)
    name = station.incident()
    journal(station).lose_next_answer()
    with pytest.raises(BusLost):
        engine.turn()
    again = station.engine(writer="next")
    settle(again)
    journal(station).land_held()  # the dead writer's frame arrives after all
    third = station.engine(writer="third", cached=False)
    settle(third)
    assert [fact.event for fact in facts(station, Accepted)] == [name]


def test_an_input_that_crashes_step_is_parked_and_said(station: Station) -> None:
    """First crash: in a batch. Second: alone, known now. The third engine sets it aside."""
    core = Fragile("desk/2")
    settle(station.engine(core))
    good, bad, last = station.incident(), station.incident("n33"), station.incident("n44")
    for _ in range(2):
        engine = station.engine(core)
        with pytest.raises(StepCrashed):
            settle(engine)
    settle(station.engine(core))
    assert core.crashes == 2
    assert [fact.event for fact in facts(station, Accepted)] == [good, last]
    [parked] = facts(station, Parked)
    assert (parked.event, parked.offset) == (bad, 1)
    assert "run.parked" in [row["text"] for row in station.rows("console")]
    assert not (station.folder / crash.FILE).exists()


def test_after_a_crash_inputs_come_one_a_frame(station: Station) -> None:
    """So that the one that crashes is found."""
    core = Fragile("desk/3")
    settle(station.engine(core))
    for junction in ("n00", "n11", "n22", "n33"):
        station.incident(junction)
    for _ in range(2):
        with pytest.raises(StepCrashed):
            settle(station.engine(core))
    counts = [sum(isinstance(f, Accepted) for f in frame.facts) for frame in station.frames()]
    assert max(counts) == 1


def test_erased_inbox_records_are_alarmed(station: Station) -> None:
    """Nobody ran for longer than the inbox keeps: what is gone is said, the rest is taken."""
    assert isinstance(station.bus, MemoryBus)
    engine = station.engine()
    station.incident()
    settle(engine)
    for _ in range(3):
        station.incident("n33")
    later_ms = station.bus._now_ms() + 8 * DAY_MS
    station.bus._now_ms = lambda: later_ms
    station.bus.send(ports.console(AREA), [Record(b"{}")])
    station.bus.erase(later_ms)
    kept = station.incident("n44")
    settle(station.engine(writer="next"))
    [gap] = [note for note in facts(station, Note) if note.key == "run.inbox_gap"]
    assert gap.fields == {"first": 1, "to": 3}
    assert facts(station, Accepted)[-1].event == kept


def test_an_inbox_made_anew_is_read_from_its_beginning(station: Station) -> None:
    """Its old positions mean nothing any more."""
    engine = station.engine()
    for _ in range(3):
        station.incident()
    settle(engine)
    bus = station.bus
    assert isinstance(bus, MemoryBus)
    bus._rows[INBOX, 0] = []
    bus._ids[INBOX] = "another"
    kept = station.send("incident_reported", kind="crash", severity="damage", junction="n44")
    settle(station.engine(writer="next"))
    assert facts(station, Accepted)[-1].event == kept
    assert "run.inbox_gap" in [note.key for note in facts(station, Note)]


def test_frames_stay_small_however_much_comes_at_once(station: Station) -> None:
    """A frame too large would fail for ever."""
    settle(station.engine())
    text = "很" * 2000
    for n in range(600):
        station.put(event("incident_reported", {"kind": "crash", "severity": "damage",
                          "text": text, "note": text}, source="flood", id=str(n),
                          time="2026-11-30T01:00:00Z"))  # fmt: skip
    settle(station.engine(writer="next"))
    assert len(facts(station, Accepted)) == 600
    sizes = [len(one.value) for one in station.bus.read(JOURNAL, -1, 1000)]
    assert max(sizes) <= LARGEST_FRAME_BYTES


def test_a_clock_that_is_set_counts_for_what_comes_behind_it(tmp_path: Path) -> None:
    """In a simulated district; the wall clock was years off."""
    station = Station(tmp_path / "d", settings={"simulation": True})
    station.bus = MemoryBus(lambda: station.now_ms)
    engine = station.engine()
    settle(engine)
    wall_ms, virtual_ms = station.now_ms, station.at("12:00:00", 1)
    station.send("clock_set", virtual_ms=virtual_ms, wall_ms=wall_ms, speed=60.0)
    station.incident()
    settle(engine)
    station.now_ms += 1000
    station.incident("n33")
    settle(engine)
    times = [frame.time_ms for frame in station.frames() for f in frame.facts
             if isinstance(f, Accepted) and f.kind.startswith("qinwu.incident")]  # fmt: skip
    assert times == [virtual_ms, virtual_ms + 60_000]


def test_deadlines_come_by_themselves(station: Station) -> None:
    """Nobody answers an order: the next frame is the clock's."""
    engine = station.engine()
    station.staff(1)
    station.incident()
    settle(engine)
    seq = engine.state.seq
    station.now_ms += 61_000
    settle(engine)
    fact = station.frames()[seq].facts[0]
    assert fact.type == "deadline"


def test_an_idle_engine_writes_nothing(station: Station) -> None:
    """The journal is kept for ever."""
    engine = station.engine()
    station.staff()
    settle(engine)
    seq = engine.state.seq
    for _ in range(100):
        station.now_ms += 10
        engine.turn()
    assert engine.state.seq == seq


def test_strangers_in_the_output_streams_are_stepped_over(station: Station) -> None:
    """Anybody may write there; the engine finds its own last effect."""
    engine = station.engine()
    station.staff()
    station.incident()
    settle(engine)
    for suffix in ("orders", "console", "replies"):
        station.bus.send(ports.stream(AREA, suffix), [Record(b'{"not": "ours"}')])
    count = len(station.rows("console"))
    station.engine(writer="next")
    assert len(station.rows("console")) == count


def test_a_frame_replayed_by_bytes_is_the_same(station: Station) -> None:
    """Canonical JSON: parsing and writing gives the stored bytes."""
    engine = station.engine()
    station.staff()
    station.incident()
    settle(engine)
    for stored in station.bus.read(JOURNAL):
        assert Frame.read(stored.value).raw() == stored.value
        assert json.loads(stored.value)["v"] == 1
