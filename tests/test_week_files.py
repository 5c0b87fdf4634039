"""A week's roster as files and events: what goes out comes back the same, faults have a cell."""

import csv
import json
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import date, time
from pathlib import Path
from typing import get_args

import pytest
from districts import MONDAY, WEEK, small_district
from planned import week_of, write_week

from config.cells import DutyKind
from config.district import District, load
from config.errors import BadInput
from config.ids import AreaId, DeviceId, MustArriveId, PersonId, PlaceId, TeamId, VehicleId
from config.kinds import IncidentKind
from config.made_tables import MustArriveOutRow
from config.reading import write_rows
from config.tables import DutyRow
from config.words import LANGUAGES, words
from events.kinds import DutyRostered, RosterPublished
from events.schema import Envelope, parse, roster_hash
from scheduler import publish
from scheduler.export import Printer, reason_text, write_roster
from scheduler.foresight.must_arrive import (
    MustArrive,
    Past,
    Reason,
    ReasonKind,
    night_check_id,
    reason_read,
)
from scheduler.intake import Week
from scheduler.ledger import Draft, Publication
from scheduler.names import Names
from scheduler.publish import Kept, duties_of, normal, parts_of, problem_to_check, renumbered
from scheduler.readback import RosterFile, duties_around, of_events, read_points, read_roster
from scheduler.recorded import Recorded, read_recorded
from scheduler.roster import Duty, Roster, Visit, duty_id
from scheduler.week import remaining


@pytest.fixture
def district(tmp_path: Path) -> District:
    """The hand-made district."""
    return load(small_district(tmp_path / "d"))


def test_file_round_trip(district: District, tmp_path: Path) -> None:
    """A roster written to its files and read back is the same, visits and all."""
    file = week_of(district, WEEK)
    write_week(district, file, tmp_path)
    assert read_roster(district, tmp_path / "roster.csv").roster == file.roster


@pytest.mark.parametrize("week", ["2026-W13", "2026-W43"])
def test_clock_change(tmp_path: Path, week: str) -> None:
    """A duty over a clock change is as long after the round trip as it was before."""
    district = load(small_district(tmp_path / "d", time_zone="Europe/Berlin"))
    file = week_of(district, week)
    of = Week(district.calendar, week)
    day = of.dates[6]
    start, end = of.minute(day, time(0)), of.minute(day, time(8))
    night = replace(file.roster.duties[0], date=day, start_min=start, end_min=end, visits=())
    night = replace(night, id=type(night.id)(f"t1@{day}"))
    whole = replace(file, roster=Roster((*file.roster.duties, night)))
    write_week(district, whole, tmp_path)
    back = read_roster(district, tmp_path / "roster.csv").roster.duty(night.id)
    assert back is not None
    assert back.minutes == {"2026-W13": 420, "2026-W43": 540}[week]


@pytest.mark.parametrize("week", ["2026-W13", "2026-W43"])
@pytest.mark.parametrize(("weekday", "first", "last"), [(7, 14, 16), (6, 22, 28)])
def test_windows_of_a_clock_change(
    tmp_path: Path, week: str, weekday: int, first: int, last: int
) -> None:
    """A window after the change, or over it, is told by the clock when events bring it back."""
    district = load(small_district(tmp_path / "d", time_zone="Europe/Berlin"))
    file, of = week_of(district, week), Week(district.calendar, week)
    day, name = of.dates[weekday - 1], MustArriveId("p2-x")
    point = MustArrive(name, "p2", "s1", weekday, 60 * first, 60 * last, 12, 1, reason_read(name))
    visit = Visit(name, PlaceId("p2"), of.local(day, 60 * last - 30), of.local(day, 60 * last - 18))
    start, end = of.local(day, 60 * first), of.local(day, 60 * last)
    duty = replace(
        file.roster.duties[0], date=day, start_min=start, end_min=end, visits=(visit,)
    )  # fmt: skip
    whole = replace(file, roster=Roster((duty,)), points={name: point})
    back = of_events(district, week, normal(duties_of(district, whole, 1))).points[name]
    assert (back.weekday, back.start_min, back.end_min) == (weekday, 60 * first, 60 * last)


def test_event_round_trip(district: District) -> None:
    """Duties made events, parsed, and kept in a frame are the same roster and the same hash."""
    file = week_of(district, WEEK)
    duties = duties_of(district, file, 3)
    kept = tuple(one for part in parts_of(duties) for one in part.duties)
    draft = Draft(3, parts_of(duties), hash=roster_hash(duties))
    raws = publish.effects(AreaId("hz"), WEEK, draft, Publication(3, 7, 2, draft.hash))
    told = [one.data for one in map(parse, raws) if isinstance(one, Envelope)]
    sent = [one for one in told if isinstance(one, DutyRostered)]
    end = next(one for one in told if isinstance(one, RosterPublished))
    assert of_events(district, WEEK, normal(sent)).roster == file.roster
    assert of_events(district, WEEK, kept).roster == file.roster
    assert (end.hash, end.replaces, end.duties) == (roster_hash(sent), 2, len(sent))


def test_renumbering(district: District) -> None:
    """Another version of the same duties has another hash and nothing else."""
    duties = duties_of(district, week_of(district, WEEK), 1)
    again = renumbered(normal(duties), 2)
    assert roster_hash(again) != roster_hash(duties)
    assert renumbered(normal(again), 1) == duties


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        (",o1,", ",ox,", "unknown"),
        ("2026-W49,1,s1,t1,", "2026-W50,1,s1,t1,", "two_weeks"),
        ("T08:00:00+08:00", "T08:00:00", "time"),
        ("T16:00:00+08:00", "T07:00:00+08:00", "order"),
        (",2026-11-30,", ",2026-12-01,", "other_day"),
    ],
)
def test_faulty_cell(district: District, tmp_path: Path, old: str, new: str, key: str) -> None:
    """A wrong cell is refused with its line and the key of its words."""
    write_week(district, week_of(district, WEEK), tmp_path)
    path = tmp_path / "roster.csv"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(BadInput) as refused:
        read_roster(district, path)
    assert (2, f"check.roster.{key}") in [(f.line, f.key) for f in refused.value.findings]


def test_earlier_weeks(district: District) -> None:
    """The published roster of the week before is what the next week's problem starts from."""
    file = week_of(district, "2026-W48")
    write_week(district, file, district.folder / "roster" / "2026-W48")
    found = duties_around(district, WEEK)
    assert len(found) == len(file.roster.duties)
    problem = problem_to_check(district, week_of(district, WEEK))
    officer = problem.persons[PersonId("o1")]
    assert len(officer.past) == 5
    assert officer.month_min == 5 * 480


def late(duty: Duty) -> Duty:
    """The duty 13 hours later."""
    return replace(duty, start_min=duty.start_min + 780, end_min=duty.end_min + 780, visits=())


def crowded(duty: Duty) -> Duty:
    """The duty with a visit on an arterial road and only one auxiliary."""
    visit = Visit(MustArriveId("p1-1"), PlaceId("p1"), duty.start_min + 60, duty.start_min + 72)
    return replace(duty, auxiliaries=duty.auxiliaries[:1], visits=(visit,))


@pytest.mark.parametrize(("change", "rule"), [(late, "rest-between-duties"), (crowded, "crew-law")])
def test_breaches(district: District, change: Callable[[Duty], Duty], rule: str) -> None:
    """What a roster's events or files tell is enough to find the law that it breaks."""
    file = week_of(district, WEEK)
    first = file.roster.duties[0]
    bad = replace(file, roster=file.roster.replaced([first.id], [change(first)]))
    assert publish.breaches(district, file) == []
    assert rule in {breach.rule for breach in publish.breaches(district, bad)}


def on_friday_night(district: District, place: str, kind: DutyKind, crew: int) -> RosterFile:
    """A lone officer on a duty of a kind from 20:00, at a local post; t1 visits a check's point."""
    file = week_of(district, WEEK)
    of = Week(district.calendar, WEEK)
    start = of.minute(of.dates[4], time(20))
    point = night_check_id(5, place)
    visit = Visit(MustArriveId(point), PlaceId(place), start + 90, start + 150)
    own = next(duty for duty in file.roster.duties if duty.id == f"t1@{of.dates[4]}")
    late = replace(own, start_min=start, end_min=start + 480, kind="night_check", visits=(visit,))
    lone = replace(
        late, id=duty_id(TeamId("t5"), of.dates[4]), team=TeamId("t5"), kind=kind, visits=(),
        officer=PersonId("o5"), auxiliaries=(PersonId("a5"),)[:crew], vehicle=VehicleId("v3"),
        device=DeviceId("pda3"),
    )  # fmt: skip
    why = Reason("night_check", 0.5, 1)
    points = {point: MustArrive(point, place, "s1", 5, 1260, 1620, 360, 1, why)}
    return replace(file, roster=Roster((late, lone)), points=points)


@pytest.mark.parametrize("through", ["file", "events"])
@pytest.mark.parametrize(
    ("place", "kind", "wrong"),
    [("p1", "night_check", True), ("p3", "night_check", False), ("p1", "patrol", False)],
)
def test_crew_law_knows_a_night_check_that_comes_back(
    district: District, tmp_path: Path, through: str, place: str, kind: DutyKind, *, wrong: bool
) -> None:
    """A lone officer makes none at an arterial (p1), but may at a local road (p3), or patrol."""
    file = on_friday_night(district, place, kind, 0)
    write_week(district, file, tmp_path)
    if through == "file":
        back = read_roster(district, tmp_path / "roster.csv")
    else:
        back = of_events(district, WEEK, normal(duties_of(district, file, 1)))
    found = [(b.rule, b.duty) for b in publish.breaches(district, back)]
    assert found == ([("crew-law", "t5@2026-12-04")] if wrong else [])


def test_a_night_checks_point_is_one_when_it_comes_back(district: District, tmp_path: Path) -> None:
    """From its file and from its visits, and it says so in words."""
    file = on_friday_night(district, "p1", "patrol", 0)
    write_week(district, file, tmp_path)
    read = read_roster(district, tmp_path / "roster.csv")
    told = of_events(district, WEEK, normal(duties_of(district, file, 1)))
    for back in (read, told):
        assert [due.check for due in problem_to_check(district, back).due] == [True]
        rows = Printer(district, WEEK).point_rows(back.points.values(), words("en"))
        assert [row.reason.split(",")[0] for row in rows] == ["night check"]


def test_recorded(district: District, tmp_path: Path) -> None:
    """Reports survive their file; an absent officer has no team, a withdrawn vehicle is gone."""
    told = Recorded(
        {"o1": frozenset({"2026-12-01"})},
        ({"vehicle": "v2", "at": "2026-11-30T08:00:00+08:00", "until": "2026-12-02"},),
    )
    told.write(tmp_path / "recorded.json")
    again = read_recorded(tmp_path / "recorded.json")
    assert again == told
    changed = again.onto(district)
    teams = changed.people.teams_on(Week(district.calendar, WEEK).dates[1])
    assert "o1" not in {team.officer for team in teams}
    assert changed.withdrawn == {"v2": ((MONDAY, date(2026, 12, 2)),)}


def test_each_report_is_read_back_as_what_it_was(tmp_path: Path) -> None:
    """Tests are no checks: in whatever order the parts stand."""
    parts = [part.name for part in fields(Recorded) if part.name != "absences"]
    told = Recorded({}, **{name: ({"told": name},) for name in parts})
    told.write(tmp_path / "recorded.json")
    file = json.loads((tmp_path / "recorded.json").read_text(encoding="utf-8"))
    turned = dict(reversed(file.items()))
    (tmp_path / "recorded.json").write_text(json.dumps(turned), encoding="utf-8")
    assert read_recorded(tmp_path / "recorded.json") == told
    assert all(file[name] == [{"told": name}] for name in parts)


def test_recorded_refused(tmp_path: Path) -> None:
    """Another file is refused, not a crash."""
    (tmp_path / "x.json").write_text("[]", encoding="utf-8")
    with pytest.raises(BadInput):
        read_recorded(tmp_path / "x.json")


def test_remaining(district: District) -> None:
    """Planned from Thursday noon on: no start before it, no need before it, four days' contract."""
    whole = problem_to_check(district, week_of(district, WEEK))
    noon = 3 * 1440 + 720
    rest = remaining(whole, noon)
    starts = [start for day in rest.starts for start in day]
    assert min(starts) == noon
    assert all(task.start_min >= noon for task in rest.tasks)
    team = next(iter(rest.teams))
    assert rest.contract_min(team) == whole.contract_min(team) * 2 // 5
    assert [len(day) > 0 for day in rest.crews] == [False, False, False, True, True, True, True]


def test_points_in_words(district: District) -> None:
    """Every point of must_arrive.csv says why it is due, in words."""
    rows = Printer(district, WEEK).point_rows(week_of(district, WEEK).points.values(), words("en"))
    told = "0.500 incidents expected a window, rank 1 of the brigade"
    assert {row.reason for row in rows} == {told}


@pytest.mark.parametrize("kind", ["risk", "balance", "audit", "pinned", "night_check"])
def test_a_reason_that_is_read_back_is_told_as_it_was_written(
    district: District, tmp_path: Path, kind: ReasonKind
) -> None:
    """On sheets, in calendars, in the files of the next version: no prefix is added to it."""
    name = "night-1-p1" if kind == "night_check" else "m1"
    why = Reason(kind, 0.5, 3, "放学时段")
    point = MustArrive(name, "p1", "s1", 1, 480, 720, 12, 2, why)
    write_needs_of(district, [point], tmp_path)
    read = read_points(district, tmp_path / "must_arrive.csv", [])[name]
    assert reason_text(read, words("zh-CN")) == reason_text(point, words("zh-CN"))


@pytest.mark.parametrize(("expected", "told"), [(0.5, "0.500"), (0.0002, "< 0.001")])
def test_hardly_any_incidents_are_not_told_as_none(expected: float, told: str) -> None:
    """A point that is due has some."""
    why = Reason("risk", expected, 3)
    point = MustArrive("m1", "p1", "s1", 1, 480, 720, 12, 2, why)
    assert f"{told} incidents expected" in reason_text(point, words("en"))


def test_what_to_stop_on_sight_is_read_back(district: District, tmp_path: Path) -> None:
    """As it was written; of a file from before the column was there, nothing."""
    why = Reason("risk", 0.5, 3)
    point = MustArrive("m1", "p1", "s1", 1, 480, 720, 12, 2, why, ("超速",), ("渣土车", "超载"))
    write_needs_of(district, [point], tmp_path)
    file = tmp_path / "must_arrive.csv"
    assert read_points(district, file, [])["m1"].must_check == ("渣土车", "超载")
    lines = file.read_text(encoding="utf-8-sig").splitlines()
    assert lines[0].endswith(",must_check")
    file.write_text("".join(f"{line.rpartition(',')[0]}\n" for line in lines), encoding="utf-8")
    assert read_points(district, file, [])["m1"] == replace(
        point, must_check=(), reason=read_points(district, file, [])["m1"].reason
    )


def write_needs_of(district: District, points: list[MustArrive], out: Path) -> None:
    """must_arrive.csv as a plan writes it, in Chinese."""
    rows = Printer(district, WEEK).point_rows(points, words("zh-CN"))
    write_rows(out / "must_arrive.csv", rows, MustArriveOutRow, bom=True)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("kind", ["risk", "balance", "audit", "pinned", "night_check"])
def test_the_longest_reason_is_written(district: District, kind: ReasonKind, lang: str) -> None:
    """Somebody's words, as long as they may be, and all that is on record there."""
    past = Past(52, 9_999, 1_400, tuple((kind, 1_249) for kind in get_args(IncidentKind)))
    point = MustArrive(
        "m1", "p1", "s1", 1, 480, 720, 12, 2, Reason(kind, 123.456, 999, "x" * 200, past)
    )
    (row,) = Printer(district, WEEK).point_rows([point], words(lang))
    assert "1249" in row.reason


def cells_of(path: Path) -> list[dict[str, str]]:
    """The rows of a written file by column."""
    with path.open(encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def with_names(district: District) -> District:
    """With a name for o1 and one fixed duty, at p1 on workdays."""
    people = dict(district.people.persons)
    people[PersonId("o1")] = people[PersonId("o1")].model_copy(update={"name": "冯安博"})
    duty = DutyRow(duty="school-p1-am", squadron="s1", kind="school", weekdays=(1, 2, 3, 4, 5),
                   start=time(8, 30), end=time(9), place="p1")  # fmt: skip
    return replace(district, people=replace(district.people, persons=people), duties=(duty,))


def test_names_for_people(district: District, tmp_path: Path) -> None:
    """roster.csv and visits.csv name people and places, and fixed duties with hours."""
    named = with_names(district)
    file = week_of(named, WEEK)
    does = replace(file.roster.duties[0], tasks=(f"school-p1-am@{MONDAY}",))
    roster = Roster((does, *file.roster.duties[1:]))
    write_roster(tmp_path, Printer(named, WEEK), roster, 1, file.points)
    row, visit = cells_of(tmp_path / "roster.csv")[0], cells_of(tmp_path / "visits.csv")[0]
    place = district.places[PlaceId("p1")].name
    assert row["officer_name"] == visit["officer_name"] == "冯安博"
    assert row["squadron_name"] == district.settings.squadrons[0].name
    assert row["tasks"] == f"school-p1-am@{MONDAY}"
    assert row["task_names"] == f"school-p1-am 08:30–09:00 {place}"
    assert (visit["place_name"], visit["window_start"], visit["window_end"]) == (
        place, "08:00", "12:00",
    )  # fmt: skip
    node = district.node_of_place("p1")
    lon, lat = (float(visit[column]) for column in ("lon", "lat"))
    assert lon == pytest.approx(district.roads.lon[node], abs=1e-6)
    assert lat == pytest.approx(district.roads.lat[node], abs=1e-6)


def test_places_of_one_name_are_told_apart(district: District) -> None:
    """A street's name is all that an import may have; only there the id is told."""
    places = dict(district.places)
    first, second, third = list(places)[:3]
    for place in (first, second):
        places[place] = places[place].model_copy(update={"name": "解放路"})
    names = Names(replace(district, places=places))
    assert names.place(first) == f"解放路 · {first}"
    assert names.place(second) == f"解放路 · {second}"
    assert names.place(third) == district.places[third].name


def test_published_files_name_fixed_duties(district: District) -> None:
    """A roster that names none is given them; who does which is the same wherever it is told."""
    named = with_names(district)
    duties = duties_of(named, week_of(named, WEEK), 1)
    Kept(named).published(WEEK, Draft(1, parts_of(duties), hash=roster_hash(duties)))
    rows = cells_of(named.folder / "roster" / WEEK / "roster.csv")
    told = {row["duty"]: row["tasks"] for row in rows if row["tasks"]}
    dates = named.calendar.dates(WEEK)[:5]
    assert list(told.values()) == [f"school-p1-am@{day}" for day in dates]
    assert told == {duty.duty: duty.tasks[0].task for duty in duties if duty.tasks}
    task = next(duty.tasks[0] for duty in duties if duty.tasks)
    assert (task.kind, task.start[11:16], task.end[11:16]) == ("school", "08:30", "09:00")


def test_published_files_keep_who_does_which_fixed_duty(district: District) -> None:
    """Though another duty would suit the laws as well: what was planned is what is published."""
    named = with_names(district)
    file = week_of(named, WEEK)
    days = {duty.date for duty in file.roster.duties}
    for pick in (min, max):
        chosen = {day: pick(d.id for d in file.roster.duties if d.date == day) for day in days}
        told = Roster(tuple(
            replace(d, tasks=(f"school-p1-am@{d.date}",) if chosen[d.date] == d.id else ())
            for d in file.roster.duties
        ))  # fmt: skip
        duties = duties_of(named, replace(file, roster=told), 1)
        Kept(named).published(WEEK, Draft(1, parts_of(duties), hash=roster_hash(duties)))
        kept = read_roster(named, named.folder / "roster" / WEEK / "roster.csv")
        assert {d.id: d.tasks for d in kept.roster.duties} == {d.id: d.tasks for d in told.duties}


def test_a_fixed_duty_that_is_none_is_refused_at_its_cell(
    district: District, tmp_path: Path
) -> None:
    """A task of no such name, or of another week."""
    named = with_names(district)
    file = week_of(named, WEEK)
    for task in ("school-p1-am@2020-01-06", f"school-p2-am@{MONDAY}", "school-p1-am"):
        odd = Roster((replace(file.roster.duties[0], tasks=(task,)), *file.roster.duties[1:]))
        write_roster(tmp_path, Printer(named, WEEK), odd, 1, file.points)
        with pytest.raises(BadInput) as refused:
            read_roster(named, tmp_path / "roster.csv")
        (finding,) = refused.value.findings
        assert (finding.line, finding.fields["value"]) == (2, task)


def test_columns_for_people_are_ignored(district: District, tmp_path: Path) -> None:
    """Whatever a hand writes into the columns for people, the roster reads back the same."""
    file = week_of(district, WEEK)
    write_week(district, file, tmp_path)
    rows = cells_of(tmp_path / "roster.csv")
    with (tmp_path / "roster.csv").open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.DictWriter(out, list(rows[0]))
        writer.writeheader()
        writer.writerows({**row, "officer_name": "x" * 999, "task_names": ";;"} for row in rows)
    assert read_roster(district, tmp_path / "roster.csv").roster == file.roster
