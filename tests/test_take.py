"""What becomes of records: taken, late, from the future, twice, on the wrong stream; sightings."""

from pathlib import Path
from typing import Any

import pytest
from brigades import HOUR_MS, MINUTE_MS, NOW_MS, Brigade, lines, shift, texts
from districts import small_district

from config.district import load
from config.reading import write_rows
from config.tables import WatchRow
from dispatch.decide import Outcome, ParkedRecord, Record
from dispatch.judge import remembered
from dispatch.rejects import MOST_SOURCES
from events.clock import Setting
from events.decisions import Line
from events.event import moment_text
from events.facts import Accepted, ConfigChanged, EngineStarted, Rejected
from events.schema import event, parse

LISTED, OTHER, UNLISTED = "ab" * 32, "cd" * 32, "ef" * 32
LATE_H = 48


def sight(brigade: Brigade, name: str = "s", plate: str = LISTED) -> Outcome:
    """The gate p4 sees a plate."""
    return brigade.tell("sighting_reported", sighting=name, gate="p4", plate_hash=plate)


def outcomes(told: Outcome) -> list[str]:
    """What became of the records: accepted, duplicate, or the reason of a rejection."""
    return [fact.reason if isinstance(fact, Rejected) else fact.type for fact in told.facts]


# --- when ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("hours", "outcome"), [
    (-LATE_H, "accepted"), (-LATE_H - 0.01, "late"), (LATE_H, "accepted"),
    (LATE_H + 0.01, "from_the_future"),
])  # fmt: skip
def test_an_event_is_taken_with_its_own_time_up_to_two_days_off(
    brigade: Brigade, hours: float, outcome: str
) -> None:
    """Later it would be a surprise; further ahead a clock is wrong."""
    told = brigade.tell("incident_reported", incident="i", kind="crash", place="p2",
                        at=moment_text(brigade.now_ms + round(hours * HOUR_MS)))  # fmt: skip
    assert outcomes(told) == [outcome]
    if outcome == "accepted":
        assert brigade.incident("i").reported_ms == NOW_MS + min(hours, 0) * HOUR_MS


def test_a_clock_that_is_ahead_ends_no_deadline(brigade: Brigade) -> None:
    """Due from when it came; the frame keeps what was told, the console names the sender once."""
    first, *more = (
        brigade.tell("incident_reported", kind="crash", place="p2", at=moment_text(told_ms))
        for told_ms in (NOW_MS + 20 * HOUR_MS, NOW_MS + 21 * HOUR_MS)
    )
    (fact,) = (one for one in first.facts if isinstance(one, Accepted))
    assert (fact.data["at"], fact.ahead_ms) == (moment_text(NOW_MS), 20 * HOUR_MS)
    assert fact.reason == "noted:clock_ahead"
    assert {one.due_ms - NOW_MS for one in brigade.state.incidents.values()} == {10 * MINUTE_MS}
    (line,) = (one for one in lines(first) if one.text == "clock_ahead")
    assert line.fields == {"source": "test", "minutes": 20 * 60}
    assert [text for told in more for text in texts(told) if text == "clock_ahead"] == []


def test_the_clocks_of_a_flood_of_senders_are_told_as_one(brigade: Brigade) -> None:
    """Each of so many by its name; the next day anew."""
    ahead = {"incident": "i", "kind": "crash", "place": "p2"}

    def told(source: str) -> list[Line]:
        at = moment_text(brigade.now_ms + HOUR_MS)
        value = event("incident_reported", ahead | {"at": at}, source=source, id=at)
        brigade.position += 1
        outcome = brigade.turn(Record(brigade.position, parse(value), brigade.now_ms))
        return [one for one in lines(outcome) if str(one.text).startswith("clock_ahead")]

    found = [line for n in range(MOST_SOURCES + 99) for line in told(f"s{n}")]
    assert len(found) == MOST_SOURCES + 1
    assert found[-1].text == "clock_ahead_many"
    assert found[-1].fields == {"source": f"s{MOST_SOURCES}", "minutes": 60}
    brigade.wait(24 * 60)
    assert [line.text for line in told("s0")] == ["clock_ahead"]


def test_seconds_ahead_are_not_said(brigade: Brigade) -> None:
    """No two clocks agree; the arrival is still not later than it was told."""
    told = brigade.tell("incident_reported", incident="i", kind="crash", place="p2",
                        at=moment_text(NOW_MS + 59_999))  # fmt: skip
    assert texts(told, "system") == ["system.date"]
    assert brigade.incident("i").reported_ms == NOW_MS


def test_a_played_day_keeps_the_clock_of_its_senders(tmp_path: Path) -> None:
    """What is simulated comes with times of its own."""
    brigade = Brigade.of(load(small_district(tmp_path, simulation=True)))
    brigade.tell("incident_reported", incident="i", kind="crash", place="p2",
                 at=moment_text(NOW_MS + HOUR_MS))  # fmt: skip
    assert brigade.incident("i").reported_ms == NOW_MS + HOUR_MS


def test_an_event_at_the_end_of_all_calendars_is_refused(brigade: Brigade) -> None:
    """Its local time could not even be written."""
    told = brigade.tell("sighting_reported", gate="p4", plate_hash=LISTED,
                        at="9999-12-31T23:59:59Z")  # fmt: skip
    assert outcomes(told) == ["from_the_future"]


def test_an_event_without_a_time_happened_when_it_was_stored(brigade: Brigade) -> None:
    """The engine may have been away for an hour since."""
    value = event("incident_reported", {"incident": "i", "kind": "other", "place": "p2"},
                  source="test", id="1")  # fmt: skip
    brigade.turn(Record(0, parse(value), NOW_MS - HOUR_MS))
    assert brigade.incident("i").reported_ms == NOW_MS - HOUR_MS


def test_a_command_is_refused_when_late_unless_it_was_noted_offline(brigade: Brigade) -> None:
    """A note is meant to come late."""
    old = moment_text(NOW_MS - 99 * HOUR_MS)
    for noted, outcome in ((False, "late"), (True, "accepted")):
        told = brigade.tell("command_given", command="note", at=old, noted_offline=noted)
        assert outcomes(told) == [outcome]


# --- twice ---------------------------------------------------------------------------------------


def test_the_same_event_is_a_duplicate_for_two_days(brigade: Brigade) -> None:
    """By its source and id, in whatever frame; and not for ever."""
    told = {"kind": "other", "place": "p2"}
    assert outcomes(brigade.tell("incident_reported", "x", **told)) == ["accepted"]
    twice = (brigade.record("incident_reported", "x", **told) for _ in range(2))
    assert outcomes(brigade.turn(*twice)) == ["duplicate", "duplicate"]
    brigade.now_ms += LATE_H * HOUR_MS
    assert outcomes(brigade.tell("incident_reported", "x", **told)) == ["duplicate"]
    brigade.now_ms += 7 * HOUR_MS
    brigade.tell("incident_reported", "y", **told)
    assert outcomes(brigade.tell("incident_reported", "x", **told)) == ["accepted"]


def test_two_of_the_same_in_one_frame_are_one_and_a_duplicate(brigade: Brigade) -> None:
    """A sender that repeats after a timeout."""
    records = [brigade.record("incident_reported", "x", kind="other", place="p2") for _ in (1, 2)]
    assert outcomes(brigade.turn(*records)) == ["accepted", "duplicate"]
    assert len(brigade.state.incidents) == 1


def test_what_was_rejected_may_be_sent_again_mended(brigade: Brigade) -> None:
    """Its id is not used up."""
    late = brigade.tell("incident_reported", "x", kind="other", place="p2",
                        at=moment_text(NOW_MS - 99 * HOUR_MS))  # fmt: skip
    assert outcomes(late) == ["late"]
    assert outcomes(brigade.tell("incident_reported", "x", kind="other", place="p2")) == [
        "accepted"
    ]


def test_keys_are_kept_apart_so_that_adding_one_stays_cheap() -> None:
    """A hundred thousand events in two days do not copy a hundred thousand keys each."""
    taken: tuple[Any, ...] = ()
    for number in range(5000):
        taken = remembered(taken, f"e/{number}", 1, NOW_MS)
    assert max(len(keys) for _, keys in taken) <= 1024
    assert sum(len(keys) for _, keys in taken) == 5000


def test_keys_leave_with_their_period() -> None:
    """Two days and the six hours that are filling; a clock set back forgets nothing."""
    taken: tuple[Any, ...] = ()
    for hour in range(200):
        taken = remembered(taken, f"e/{hour}", 1, NOW_MS + hour * HOUR_MS)
    assert sum(len(keys) for _, keys in taken) <= LATE_H + 12
    assert "e/152" in {key for _, keys in taken for key in keys}
    back = remembered(taken, "e/back", 1, NOW_MS)
    assert "e/199" in {key for _, keys in back for key in keys}


# --- streams, clock, engine ----------------------------------------------------------------------


def test_positions_do_not_belong_in_the_inbox(brigade: Brigade) -> None:
    """They would fill the one order that decisions stand on."""
    told = brigade.tell("position_reported", unit="t1", device="d", crs="WGS-84", lon=120.0,
                        lat=30.0)  # fmt: skip
    assert outcomes(told) == ["wrong_stream"]


def test_the_clock_of_a_live_brigade_cannot_be_set(brigade: Brigade) -> None:
    """Nor by a trial that was pointed at the wrong bus."""
    told = brigade.tell("clock_set", virtual_ms=1, wall_ms=2, speed=60.0)
    assert outcomes(told) == ["not_simulated"]
    assert brigade.state.clock is None


def test_the_clock_of_a_simulation_is_set_by_an_event(tmp_path: Path) -> None:
    """It stands in the state, so it is there again after a refold."""
    brigade = Brigade.of(load(small_district(tmp_path, simulation=True)))
    told = brigade.tell("clock_set", virtual_ms=NOW_MS, wall_ms=NOW_MS - 5, speed=59.5)
    assert outcomes(told) == ["accepted"]
    assert brigade.state.clock == Setting(NOW_MS, NOW_MS - 5, 59.5)


def test_in_a_simulation_events_may_be_far_ahead_of_the_engine(tmp_path: Path) -> None:
    """The planner may keep wall time while a day of 2017 is played."""
    brigade = Brigade.of(load(small_district(tmp_path, simulation=True)))
    ahead = moment_text(NOW_MS + 9 * 365 * 24 * HOUR_MS)
    assert outcomes(brigade.tell("plan_requested", week="2026-W49", at=ahead)) == ["accepted"]


def test_a_parked_record_is_a_fact_and_moves_the_position(brigade: Brigade) -> None:
    """What crashed the engine twice is set aside, and everything behind it is read."""
    told = brigade.turn(ParkedRecord(7, "test/1", "ValueError"))
    assert outcomes(told) == ["parked"]
    assert brigade.state.inbox == 7


def test_bytes_that_are_no_event_are_rejected_with_their_reason(brigade: Brigade) -> None:
    """The position moves on all the same."""
    told = brigade.turn(Record(0, parse(b"\xff"), NOW_MS), Record(1, parse(b"{}"), NOW_MS))
    assert outcomes(told) == ["encoding", "not_an_event"]
    assert brigade.state.inbox == 1


def test_what_only_the_planner_acts_on_is_recorded(brigade: Brigade) -> None:
    """It reads the same inbox; the engine only says that it was there."""
    brigade.turn()  # says the date
    told = brigade.tell("absence_reported", person="o1", dates=["2026-12-01"])
    assert (outcomes(told), told.decisions) == (["accepted"], ())


def test_the_program_and_the_files_that_decide_stand_in_the_state(brigade: Brigade) -> None:
    """So that a replay can refuse others."""
    brigade.turn(EngineStarted(program="1.0", files={"a": "1"}, streams={"hz.inbox": "x"}))
    brigade.turn(ConfigChanged(program="1.1", files={"a": "2"}))
    state = brigade.state
    assert (state.program, state.files, state.streams) == ("1.1", {"a": "2"}, {"hz.inbox": "x"})


def test_an_accepted_incident_says_its_id_and_its_units_due(brigade: Brigade) -> None:
    """Readers of the journal need no response plan."""
    told = brigade.tell("incident_reported", "n", kind="crash", severity="fatal", place="p2")
    (fact,) = told.facts
    assert isinstance(fact, Accepted)
    assert (fact.incident, fact.slots) == ("test/n", 2)


# --- sightings -----------------------------------------------------------------------------------


def test_a_listed_plate_is_shown_and_waits_for_a_person(brigade: Brigade) -> None:
    """No order goes out before somebody looked."""
    told = sight(brigade)
    (line,) = lines(told, "watch")
    assert (line.text, line.place, line.fields) == ("watch.seen", "p4", {"entry": "w-1"})
    assert line.about is not None
    assert line.about.sighting == "s"


@pytest.mark.parametrize("verdict", ["true", "false"])
def test_a_person_verifies_it_once(brigade: Brigade, verdict: str) -> None:
    """The first word counts; a second person is told."""
    sight(brigade)
    command = {"command": "verify_sighting", "sighting": "s", "by": "o1"}
    assert texts(brigade.tell("command_given", **command)) == ["command.no_verdict"]
    told = brigade.tell("command_given", **command, verdict=verdict)
    assert texts(told, "watch") == [f"watch.verified_{verdict}"]
    again = brigade.tell("command_given", **command | {"by": "o2"}, verdict="true")
    assert texts(again) == ["command.verified_before"]
    assert lines(brigade.wait(5), "escalate") == []


def test_what_nobody_verifies_is_escalated_once(brigade: Brigade) -> None:
    """A minute is what a moving vehicle leaves."""
    brigade.roster(shift("t2", kind="leader"))
    sight(brigade)
    assert lines(brigade.wait(0.99), "escalate") == []
    told = lines(brigade.wait(10), "escalate")
    assert [one.text for one in told if one.text != "escalate.no_sign_in"] == [
        "escalate.unverified"
    ]


def test_a_plate_that_is_not_listed_is_nothing(brigade: Brigade) -> None:
    """A gate sees thousands an hour."""
    assert lines(sight(brigade, plate=UNLISTED), "watch") == []
    assert not brigade.state.sightings


def test_the_same_sighting_told_twice_keeps_its_verdict(brigade: Brigade) -> None:
    """Two gateways send one picture."""
    sight(brigade)
    brigade.tell("command_given", command="verify_sighting", sighting="s", verdict="false")
    assert texts(sight(brigade), "watch") == []
    (kept,) = brigade.state.sightings.values()
    assert kept.verdict == "false"


def test_the_list_is_changed_by_events(brigade: Brigade) -> None:
    """Lifted, listed again as in the file, a new entry."""

    def change(entry: str, what: str, **more: Any) -> None:  # noqa: ANN401 - any field
        brigade.tell("watchlist_changed", entry=entry, change=what, **more)

    change("w-1", "removed")
    assert texts(sight(brigade, "a"), "watch") == []
    change("w-1", "added")
    assert texts(sight(brigade, "b"), "watch") == ["watch.seen"]
    change("new", "added", plate_hash=UNLISTED)
    (line,) = lines(sight(brigade, "c", UNLISTED), "watch")
    assert line.fields == {"entry": "new"}


@pytest.mark.parametrize(("since", "until", "seen"), [
    ("2026-11-30", "2026-11-30", True), ("2026-12-01", None, False), (None, "2026-11-29", False),
])  # fmt: skip
def test_an_entry_counts_on_its_days(
    tmp_path: Path,
    since: str | None,
    until: str | None,
    seen: bool,  # noqa: FBT001 - a case
) -> None:
    """First and last included, whether from the file or from an event."""
    folder = small_district(tmp_path)
    row = WatchRow.model_validate(
        {"entry": "w-2", "plate_hash": OTHER, "reason": "-", "since": since, "until": until}
    )
    write_rows(folder / WatchRow.file, [row])
    brigade = Brigade.of(load(folder))
    days = {key: day for key, day in (("since", since), ("until", until)) if day}
    brigade.tell("watchlist_changed", entry="e", change="added", plate_hash=UNLISTED, **days)
    for plate in (OTHER, UNLISTED):
        assert bool(lines(sight(brigade, plate, plate), "watch")) == seen


def test_an_entry_changed_by_an_event_no_longer_counts_as_in_the_file(brigade: Brigade) -> None:
    """Its days were cut short."""
    brigade.tell("watchlist_changed", entry="w-1", change="added", plate_hash=LISTED,
                 until="2026-11-29")  # fmt: skip
    assert lines(sight(brigade), "watch") == []


def test_sightings_are_forgotten_after_two_days(brigade: Brigade) -> None:
    """The state does not grow with the years."""
    sight(brigade, "old")
    brigade.now_ms += LATE_H * HOUR_MS + MINUTE_MS
    sight(brigade, "new")
    assert set(brigade.state.sightings) == {"new"}
