"""The outside world of a day: what it tells, who is late or sick, and how it lives on a bus."""

import json
from pathlib import Path
from typing import Any

import pytest
from outside import (
    HOUR_MS,
    MIN_MS,
    TUESDAY,
    add_sighting,
    at_ms,
    duty,
    ended,
    order,
    played_district,
    roster,
    scene_of,
    stored,
    told,
)

from config.coordinates import to_wgs84
from config.district import District
from config.errors import BadInput, NotFound
from events import schema
from events.crews import LATE_MS
from events.play import Player
from events.ports import Record
from events.scene import Scene, read_scene

CALLS = {"09:00": {"place": "p1"}, "09:01": {"place": "p5"}, "10:30": {"place": "p3"}}
TEAMS = [duty(f"t{n}", "08:00") for n in range(1, 5)]
MIDNIGHT_MS = at_ms("00:00")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A district with three crashes on Tuesday and a listed plate at noon."""
    folder = played_district(tmp_path_factory.mktemp("played") / "d", CALLS)
    add_sighting(folder, "12:00", entry="w-1")
    return folder


@pytest.fixture(scope="module")
def scene(folder: Path) -> tuple[District, Scene]:
    """The district and its day."""
    return scene_of(folder)


def player(scene: tuple[District, Scene], *, trouble: bool = False, seed: int = 7) -> Player:
    """A player who knows the roster."""
    one = Player(*scene, seed=seed, trouble=trouble)
    one.learn(stored(roster(TEAMS)), MIDNIGHT_MS)
    return one


def of(events: list[dict[str, Any]], name: str, **fields: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - fields of events
    """The events of a name with these fields."""
    return [one for one in events if one["name"] == name and fields.items() <= one.items()]


# --- what happens ----------------------------------------------------------------------------


def test_incidents_and_sightings_are_told_at_their_minute(scene: tuple[District, Scene]) -> None:
    """With ids of the day, and all that the file says."""
    events = told(player(scene).tick(at_ms("23:59")))
    calls = of(events, "incident_reported")
    assert [(one["at_ms"], one["place"]) for one in calls] == [
        (at_ms(clock), row["place"]) for clock, row in CALLS.items()
    ]
    assert [one["incident"] for one in calls] == [f"{TUESDAY}-000{n}" for n in (1, 2, 3)]
    (seen,) = of(events, "sighting_reported")
    assert (seen["at_ms"], seen["gate"], seen["entry"]) == (at_ms("12:00"), "p4", "w-1")


def test_a_point_is_told_in_the_districts_own_system(tmp_path: Path) -> None:
    """The file of a GCJ-02 district holds GCJ-02; the crew still finds the place."""
    gone = {"09:00": {"lon": 120.15, "lat": 30.28}}
    district, day = scene_of(played_district(tmp_path / "d", gone, lonlat="GCJ-02"))
    (call,) = of(told(player((district, day)).tick(at_ms("09:00"))), "incident_reported")
    assert (call["crs"], call["lon"], call["lat"]) == ("GCJ-02", 120.15, 30.28)
    assert to_wgs84([120.15], [30.28], "GCJ-02")[0][0] != pytest.approx(120.15, abs=1e-3)


def test_the_same_seed_gives_the_same_bytes(scene: tuple[District, Scene]) -> None:
    """Another seed does not."""
    players = [player(scene, trouble=True, seed=seed) for seed in (7, 7, 8)]
    days = [[said.record.value for said in one.tick(MIDNIGHT_MS + 24 * HOUR_MS)] for one in players]
    assert days[0] == days[1]
    assert days[0] != days[2]


@pytest.mark.parametrize("step_s", [1, 5, 3600])
def test_steps_do_not_change_what_happens(step_s: int, scene: tuple[District, Scene]) -> None:
    """A demo steps by five seconds, a trial by the clock of the wall: nothing is lost between."""
    whole = [one.record.value for one in player(scene, trouble=True).tick(at_ms("10:00"))]
    one, found = player(scene, trouble=True), []
    for now_ms in range(MIDNIGHT_MS, at_ms("10:00") + 1, step_s * 1000):
        found += [said.record.value for said in one.tick(now_ms)]
    assert found == whole


def test_every_event_is_one_and_in_order(scene: tuple[District, Scene]) -> None:
    """The engine would accept them all; times never go back."""
    said = player(scene, trouble=True).tick(MIDNIGHT_MS + 24 * HOUR_MS)
    read = [schema.parse(one.record.value) for one in said]
    assert not [one for one in read if isinstance(one, schema.Refused)]
    moments = [one["at_ms"] for one in told(said)]
    assert moments == sorted(moments)
    assert {one.suffix for one in said} == {"inbox", "positions"}


# --- crews -----------------------------------------------------------------------------------


def test_one_unit_is_late_and_one_officer_is_sick(scene: tuple[District, Scene]) -> None:
    """The sick one says so an hour before, with the date; he never signs in."""
    events = told(player(scene, trouble=True).tick(at_ms("15:00")))
    (sick,) = of(events, "absence_reported")
    assert (sick["dates"], sick["at_ms"]) == ([TUESDAY.isoformat()], at_ms("07:00"))
    begun = of(events, "signed_in")
    assert {one["officer"] for one in begun} == {"o1", "o2", "o3", "o4"} - {sick["person"]}
    late = [one for one in begun if one["at_ms"] > at_ms("08:00") + LATE_MS - 8 * MIN_MS]
    assert len(late) == 1


def test_without_trouble_all_are_there(scene: tuple[District, Scene]) -> None:
    """Four crews, four sign-ins, nobody absent."""
    events = told(player(scene).tick(at_ms("15:00")))
    assert not of(events, "absence_reported")
    assert sorted(one["duty"] for one in of(events, "signed_in")) == [
        f"t{n}-tue" for n in range(1, 5)
    ]


def test_who_is_there_after_all_signs_in(scene: tuple[District, Scene]) -> None:
    """Called in sick and taken back before the duty begins."""
    one, told_of = player(scene), {"person": "o2", "dates": [TUESDAY.isoformat()]}
    said = [
        Record(schema.event("absence_reported", {**told_of, **more}, source="desk", id=str(n)))
        for n, more in enumerate(({}, {"back": True}))
    ]
    one.learn(stored(said[:1], 100), at_ms("06:00"))
    absent = [device.shift.officer for device in one.crews.devices.values() if device.absent]
    assert absent == ["o2"]
    one.learn(stored(said[1:], 101), at_ms("06:30"))
    officers = {begun["officer"] for begun in of(told(one.tick(at_ms("15:00"))), "signed_in")}
    assert officers == {"o1", "o2", "o3", "o4"}


def test_a_newer_version_gives_the_sick_officers_duty_to_another(
    scene: tuple[District, Scene],
) -> None:
    """The crew that takes over signs in; whoever called in sick does not."""
    one = player(scene, trouble=True)
    (sick,) = of(told(one.tick(at_ms("07:10"))), "absence_reported")
    changed = [
        {**row, "officer": "o8"} if row["officer"] == sick["person"] else row for row in TEAMS
    ]
    one.learn(stored(roster(changed, 2)), at_ms("07:10"))
    officers = {begun["officer"] for begun in of(told(one.tick(at_ms("15:00"))), "signed_in")}
    assert officers == {"o1", "o2", "o3", "o4", "o8"} - {sick["person"]}


def test_a_newer_version_in_the_day_keeps_the_crews_that_began(
    scene: tuple[District, Scene],
) -> None:
    """A duty that is gone but began goes on; one that had not begun is not begun."""
    one = Player(*scene, trouble=False)
    rows = [duty("t1", "08:00"), duty("t2", "14:00", "22:00"), duty("t3", "14:00", "22:00")]
    rows.append(duty("t4", "08:00"))
    one.learn(stored(roster(rows)), MIDNIGHT_MS)
    one.tick(at_ms("12:00"))
    one.learn(stored(roster([rows[0], rows[2]], 2)), at_ms("12:00"))
    events = told(one.tick(at_ms("23:30")))
    assert [begun["unit"] for begun in of(events, "signed_in")] == ["t3"]
    assert {out["unit"] for out in of(events, "status_reported", status="off_duty")} == {
        "t1",
        "t3",
        "t4",
    }


def test_a_crew_whose_duty_was_cut_goes_home_when_it_ends(scene: tuple[District, Scene]) -> None:
    """At its new end, or at once where that is over; whoever was to relieve it comes."""
    one = Player(*scene, trouble=False)
    one.learn(stored(roster([duty("t1", "08:00"), duty("t2", "08:00")])), MIDNIGHT_MS)
    one.tick(at_ms("09:30"))
    cut = [duty("t1", "08:00", "10:00"), duty("t2", "08:00", "09:00"), duty("t3", "10:00", "16:00")]
    one.learn(stored(roster(cut, 2)), at_ms("09:30"))
    home = of(told(one.tick(at_ms("23:30"))), "status_reported", status="off_duty")
    assert {out["unit"]: out["at_ms"] for out in home} == {
        "t1": at_ms("10:00"), "t2": at_ms("09:30"), "t3": at_ms("16:00"),
    }  # fmt: skip


def test_a_version_counts_once_all_its_duties_are_in(scene: tuple[District, Scene]) -> None:
    """Whatever their order; a duty that differs from the hash makes no version."""
    one, records = Player(*scene, trouble=False), roster(TEAMS)
    one.learn(stored([records[-1], *records[:2]]), MIDNIGHT_MS)
    assert not one.crews.devices
    one.learn(stored(records[2:-1]), MIDNIGHT_MS)
    assert len(one.crews.devices) == 4
    other = Player(*scene, trouble=False)
    forged = roster([*TEAMS[:3], duty("t5")])
    other.learn(stored([*records[:3], forged[3], records[-1]]), MIDNIGHT_MS)
    assert not other.crews.devices


def test_a_version_that_the_engine_refuses_is_obeyed_by_no_crew(
    scene: tuple[District, Scene],
) -> None:
    """It replaces a version that never came."""
    one = player(scene)
    one.learn(stored(roster([duty("t9", "08:00")], 3)), MIDNIGHT_MS)
    assert {device.shift.team for device in one.crews.devices.values()} == {"t1", "t2", "t3", "t4"}


def test_a_crew_on_duty_at_the_start_signs_in_at_once(scene: tuple[District, Scene]) -> None:
    """A night duty of the day before; one that ended before is nobody."""
    monday = TUESDAY.fromordinal(TUESDAY.toordinal() - 1)
    night = duty("t1", start="22:00", end="06:00") | {
        "date": monday.isoformat(), "start": f"{monday}T22:00:00+08:00"
    }  # fmt: skip
    past = duty("t2") | {
        "date": monday.isoformat(), "start": f"{monday}T08:00:00+08:00",
        "end": f"{monday}T16:00:00+08:00",
    }  # fmt: skip
    one = Player(*scene, trouble=False)
    one.learn(stored(roster([night, past])), MIDNIGHT_MS)
    (begun,) = of(told(one.tick(at_ms("07:00"))), "signed_in")
    assert begun["unit"] == "t1"
    assert MIDNIGHT_MS <= begun["at_ms"] <= MIDNIGHT_MS + MIN_MS


# --- orders ----------------------------------------------------------------------------------


def worked(scene: tuple[District, Scene], *orders: Record) -> list[dict[str, Any]]:
    """What is said of orders that came at nine."""
    one = player(scene)
    one.tick(at_ms("09:00"))
    one.obey(stored(orders), at_ms("09:00"))
    return told(one.tick(at_ms("15:00")))


def test_an_incident_of_the_file_takes_its_time(scene: tuple[District, Scene]) -> None:
    """Ten minutes on scene, told by the fixes at its place."""
    events = worked(scene, order(1, "t1", "n13", scene[0], incident=f"{TUESDAY}-0001"))
    assert 10 * MIN_MS <= stayed_ms(events) <= 11 * MIN_MS


def test_an_incident_that_others_told_is_obeyed_too(scene: tuple[District, Scene]) -> None:
    """Sent by a console, say: a quarter of an hour."""
    events = worked(scene, order(1, "t1", "n13", scene[0], incident="kcat/1"))
    assert 15 * MIN_MS <= stayed_ms(events) <= 16 * MIN_MS


def test_an_order_to_a_point_is_obeyed_there(scene: tuple[District, Scene]) -> None:
    """Not at the junction next to it."""
    lon, lat = 120.1537, 30.2771
    events = worked(scene, order(1, "t1", "n13", scene[0], incident="i1", lon=lon, lat=lat))
    (clearing,) = of(events, "status_reported", status="clearing")
    stood = [one for one in of(events, "position_reported", unit="t1")
             if clearing["at_ms"] - 10 * MIN_MS <= one["at_ms"] <= clearing["at_ms"]]  # fmt: skip
    assert len(stood) > 5
    assert {(one["lon"], one["lat"]) for one in stood} == {(lon, lat)}


def stayed_ms(events: list[dict[str, Any]]) -> int:
    """From the first parked fix after the order's answer to the clearing."""
    (answer,) = of(events, "order_answered")
    (clearing,) = of(events, "status_reported", status="clearing")
    moved = [one["at_ms"] for one in of(events, "position_reported", unit="t1", speed_mps=0.0)]
    driving = [one["at_ms"] for one in of(events, "position_reported", unit="t1")
               if one["speed_mps"] and one["at_ms"] > answer["at_ms"]]  # fmt: skip
    first = min(at for at in moved if at > driving[0])
    found: int = clearing["at_ms"] - first
    return found


def test_an_order_told_twice_is_one_order(scene: tuple[District, Scene]) -> None:
    """After a restart of the engine its effects may come again, ended ones too."""
    one = order(1, "t1", "n13", scene[0], incident="i1")
    events = worked(scene, one, ended(1, "t1"), one)
    assert not of(events, "order_answered")


def test_orders_of_unknown_units_and_without_a_point_are_passed_over(
    scene: tuple[District, Scene],
) -> None:
    """Nobody hears them; the others do."""
    good = order(3, "t1", "n13", scene[0], incident="i1")
    blind = order(2, "t1", "n13", scene[0], incident="i1", lon=None, lat=None)
    events = worked(scene, order(1, "t99", "n13", scene[0], incident="i1"), blind, good)
    assert [one["order"] for one in of(events, "order_answered")] == ["hz/3/0"]


def test_a_visit_is_stayed_at_for_its_dwell_and_a_little_more(
    scene: tuple[District, Scene],
) -> None:
    """Up to two minutes; and not left before the planned minute."""
    visit = order(
        1, "t1", "n13", scene[0], visit="v1", dwell_min=12, leave="2026-12-01T09:40:00+08:00"
    )
    events = worked(scene, visit)
    spot = [one for one in of(events, "position_reported", unit="t1")
            if abs(one["lon"] - json.loads(visit.value)["lon"]) < 1e-6
            and abs(one["lat"] - json.loads(visit.value)["lat"]) < 1e-6]  # fmt: skip
    assert spot[-1]["at_ms"] >= at_ms("09:39")
    assert spot[-1]["at_ms"] <= at_ms("09:41")


# --- the file of a day -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "column", "key"),
    [("noon,crash,none,p1,,,60,2", 1, "check.roster.time"),
     ("2026-12-01T09:00:00,crash,none,p1,,,60,2", 1, "check.roster.time"),
     ("9999-12-31T00:00:00+00:00,crash,none,p1,,,60,2", 1, "check.play.far"),
     ("0001-01-01T00:00:00+08:00,crash,none,p1,,,60,2", 1, "check.play.far"),
     ("2026-12-01T09:00:00+08:00,crash,none,p11,,,60,2", 38, "check.unknown_name"),
     ("2026-12-01T09:00:00+08:00,crash,none,,,,60,2", 39, "check.play.nowhere")],
)  # fmt: skip
def test_a_row_that_cannot_be_played_is_told_with_its_line(
    line: str, column: int, key: str, tmp_path: Path
) -> None:
    """And what is near."""
    folder = played_district(tmp_path / "d", CALLS)
    file = folder / "live" / f"{TUESDAY}.csv"
    file.write_text(f"at,kind,severity,place,lon,lat,service_s,priority\n{line}\n")
    with pytest.raises(BadInput) as refused:
        scene_of(folder)
    (finding,) = refused.value.findings
    assert (finding.line, finding.column, finding.key) == (2, column, key)


def test_the_name_of_the_file_says_the_day(folder: Path, tmp_path: Path) -> None:
    """Without a date there the first incident does; without both nobody knows."""
    district, _ = scene_of(folder)
    text = (folder / "live" / f"{TUESDAY}.csv").read_text()
    (tmp_path / "some.csv").write_text(text)
    assert read_scene(district, tmp_path / "some.csv").day == TUESDAY
    (tmp_path / "none.csv").write_text(text.splitlines()[0] + "\n")
    with pytest.raises(BadInput) as refused:
        read_scene(district, tmp_path / "none.csv")
    assert refused.value.key == "play.no_day"
    with pytest.raises(NotFound):
        read_scene(district, tmp_path / "gone.csv")


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
def test_a_file_of_a_day_that_no_calendar_surrounds_is_refused(
    day: str, folder: Path, tmp_path: Path
) -> None:
    """It was a fault of the program."""
    (tmp_path / f"{day}.csv").write_text((folder / "live" / f"{TUESDAY}.csv").read_text())
    with pytest.raises(BadInput) as refused:
        read_scene(scene_of(folder)[0], tmp_path / f"{day}.csv")
    assert (refused.value.key, refused.value.fields["value"]) == ("named.far", f"{day}.csv")


def test_hours_cut_the_day(folder: Path) -> None:
    """Ten hours: two of the three crashes, no plate."""
    _, day = scene_of(folder, hours=10)
    assert (len(day.calls), len(day.sightings)) == (2, 0)
    assert day.until_ms - day.start_ms == 10 * HOUR_MS
