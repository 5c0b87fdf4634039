"""A week changed by hand, over a real SQLite file: swap, extra, undo, vehicle, drafts, races."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from desks import at, held
from districts import WEEK, small_district
from planned import week_of
from planners import House, settle

from config.district import District, load
from config.errors import BadInput, Impossible, NotFound
from config.ids import DutyId, PersonId, SquadronId, TeamId
from config.reading import write_rows
from config.tables import LeaveRow
from events.kinds import RosterPublished
from events.memory import MemoryBus
from events.ports import inbox
from events.schema import Envelope, parse
from events.sqlite import SqliteBus
from scheduler.ask import Desk
from scheduler.changes.change_told import changed_lines
from scheduler.changes.changing import Changes
from scheduler.changes.reporting import Reports
from scheduler.changes.version_list import fingerprint, versions
from scheduler.commands import desk_on
from scheduler.drafting import OVERTAKEN
from scheduler.ledger import Draft
from scheduler.planner import Planner
from scheduler.publish import breaches, duties_of, handed, normal, renumbered
from scheduler.readback import kept_folder, of_events
from scheduler.roster import Roster
from scheduler.wanted import Edited, Extra, Swap

SUNDAY = "2026-11-29T12:00:00+08:00"
TUESDAY = "2026-12-01"


@pytest.fixture
def district(tmp_path: Path) -> District:
    """The hand-made district."""
    return load(small_district(tmp_path / "d"))


@pytest.fixture
def bus(tmp_path: Path) -> Iterator[SqliteBus]:
    """A file."""
    found = SqliteBus(tmp_path / "duty.db")
    yield found
    found.close()


@pytest.fixture
def desk(district: District, bus: SqliteBus) -> Desk:
    """A desk on the file, on the day before the week; its first version is in force."""
    found = at(desk_on(bus, district), SUNDAY)
    found.publish(WEEK, week_of(district, WEEK))
    return found


def in_force(desk: Desk) -> Draft:
    """The version in force."""
    week = held(desk)
    return week.drafts[week.held or 0]


def duty(draft: Draft, name: str) -> dict[str, object] | None:
    """A duty without the number of its version."""
    found = next((d for d in draft.duties if d["duty"] == name), None)
    return None if found is None else {k: v for k, v in found.items() if k != "version"}


def stays(of: dict[str, object]) -> list[tuple[str, str, str]]:
    """When a duty is at which point."""
    found: list[dict[str, str]] = of["visits"]  # type: ignore[assignment]
    return [(visit["must_arrive"], visit["arrive"], visit["leave"]) for visit in found]


def told(desk: Desk) -> list[tuple[str, ...]]:
    """Of each version that was sent: who must be told."""
    events = (parse(stored.value) for stored in desk.bus.read(inbox(desk.area)))
    return [
        tuple(map(str, one.data.told)) for one in events
        if isinstance(one, Envelope) and isinstance(one.data, RosterPublished)
    ]  # fmt: skip


def swapped(desk: Desk) -> Swap:
    """Two teams of one squadron: one's Tuesday for the other's Wednesday."""
    squadron = {str(d["duty"]): d.get("squadron") for d in in_force(desk).duties}
    one = f"t1@{TUESDAY}"
    other = next(
        name for name, of in sorted(squadron.items())
        if of == squadron[one] and name.endswith(TUESDAY) and name != one
    )  # fmt: skip
    return Swap(DutyId(one), DutyId(other))


def test_a_swap_tells_those_whom_it_concerns(desk: Desk) -> None:
    """Each team has the other's post and vehicle; the version says who must know."""
    wanted = swapped(desk)
    before = in_force(desk)
    done = Changes(desk).wanted(WEEK, wanted, "o1", publish_it=True)
    after = in_force(desk)
    assert done.published
    assert after.version == 2
    one, other = duty(before, wanted.duty), duty(before, wanted.other)
    new = duty(after, wanted.duty)
    assert one
    assert other
    assert new
    assert (new["vehicle"], stays(new)) == (other["vehicle"], stays(other))
    people = {str(p) for d in (one, other) for p in (d["officer"], *d["auxiliaries"])}  # type: ignore[misc]
    assert set(done.told) == people == set(told(desk)[-1])
    assert done.change == after.change
    assert [move["why"] for move in (after.change or {})["moves"]] == ["asked", "asked"]
    assert [(act.what, act.by) for act in held(desk).acts if act.version == 2] == [
        ("drafted", "o1"), ("approved", "o1"), ("published", "o1"),
    ]  # fmt: skip


def test_undo_restores_byte_for_byte(desk: Desk, district: District) -> None:
    """The third version is the first but for its number, in the journal and in the file."""
    path = kept_folder(district, WEEK) / "roster.csv"
    first, text = in_force(desk), path.read_bytes()
    Changes(desk).wanted(WEEK, swapped(desk), "o1", publish_it=True)
    assert path.read_bytes().replace(b",2,", b",1,") != text
    done = Changes(desk).undo(WEEK, "o2")
    third = in_force(desk)
    assert (done.version, third.version, third.cause) == (3, 3, "undo")
    assert fingerprint(third) == fingerprint(first)
    assert renumbered(third.duties, 1) == renumbered(first.duties, 1)
    assert path.read_bytes().replace(f"{WEEK},3,".encode(), f"{WEEK},1,".encode()) == text
    listed = versions(district, WEEK, held(desk))
    assert [(one.cause, one.in_force) for one in listed] == [
        ("edit", False), ("swap", False), ("undo", True),
    ]  # fmt: skip
    assert listed[0].fingerprint == listed[2].fingerprint != listed[1].fingerprint
    assert listed[1].changes == listed[2].changes == len(done.told)


def test_an_undo_that_breaks_a_law_changes_nothing(desk: Desk) -> None:
    """Whoever is sick is still sick."""
    Reports(desk).absent("o1", date.fromisoformat(TUESDAY))
    done = Changes(desk).undo(WEEK, None)
    assert not done.published
    assert {breach["rule"] for breach in done.breaches} & {"leave", "bonds"}
    assert list(changed_lines(done, desk.district, "en"))[-1].endswith("PERSON DATE --back")
    assert held(desk).held == 2


def test_what_has_begun_is_not_undone(desk: Desk) -> None:
    """Nor swapped: only what is to come."""
    wanted = swapped(desk)
    Changes(desk).wanted(WEEK, wanted, None, publish_it=True)
    at(desk, f"{TUESDAY}T09:00:00+08:00")
    with pytest.raises(BadInput, match="begun"):
        Changes(desk).undo(WEEK, None)
    with pytest.raises(BadInput, match="begun"):
        Changes(desk).wanted(WEEK, wanted, None, publish_it=True)


def test_nothing_before_the_first(desk: Desk) -> None:
    """Said, not done."""
    with pytest.raises(NotFound, match="nothing_before"):
        Changes(desk).undo(WEEK, None)


def test_an_extra_duty_goes_to_somebody_free(desk: Desk, district: District) -> None:
    """One more duty; nobody else's moves, since t3 is free on Wednesday."""
    squadron = SquadronId(district.people.persons[PersonId("o3")].squadron)
    parse_iso = district.calendar.parse_iso
    wanted = Extra(
        squadron, parse_iso("2026-12-02T09:00:00+08:00"), parse_iso("2026-12-02T15:00:00+08:00")
    )
    before = in_force(desk)
    done = Changes(desk).wanted(WEEK, wanted, None, publish_it=True)
    after = in_force(desk)
    assert done.change is not None
    assert done.change["proven"]
    assert len(after.duties) == len(before.duties) + 1
    new = {str(d["duty"]) for d in after.duties} - {str(d["duty"]) for d in before.duties}
    assert all(duty(before, str(d["duty"])) == duty(after, str(d["duty"])) for d in before.duties)
    assert len(new) == 1


def test_a_vehicle_withdrawn_alone_brings_the_next_version(desk: Desk) -> None:
    """Its duties of those days get another or are a hole; those before keep it."""
    before = in_force(desk)
    done = Reports(desk).vehicle("v1", date(2026, 12, 2), date(2026, 12, 3), None)
    after = in_force(desk)
    assert [one.version for one in done] == [2]
    moved = {move["why"] for move in (done[0].change or {})["moves"]}
    lines = list(changed_lines(done[0], desk.district, "en"))
    assert moved & {"vehicle", "undone"}
    assert any("2026-12-02" in line for line in lines)
    assert any("points" in line for line in lines)
    assert lines[-1].startswith("to be told:")
    assert after.cause == "vehicle"
    with_it = {str(d["date"]) for d in after.duties if d.get("vehicle") == "v1"}
    had = {str(d["date"]) for d in before.duties if d.get("vehicle") == "v1"}
    assert with_it == had - {"2026-12-02", "2026-12-03"} != had
    kept = [d for d in before.duties if str(d["date"]) < "2026-12-02"]
    assert all(duty(before, str(d["duty"])) == duty(after, str(d["duty"])) for d in kept)
    assert not Reports(desk).vehicle("v1", date(2026, 12, 2), date(2026, 12, 3), None)


def test_a_repair_stands_in_the_journal_with_who_told_of_it(desk: Desk) -> None:
    """Of an absence and of a vehicle; where nobody said, nobody."""
    Reports(desk).absent("o1", date(2026, 12, 1), "o3")
    Reports(desk).vehicle("v2", date(2026, 12, 2), date(2026, 12, 2), None, "o4")
    Reports(desk).absent("o1", date(2026, 12, 3))
    acts = {act.version: act.by for act in held(desk).acts if act.what == "published"}
    assert acts == {1: None, 2: "o3", 3: "o4", 4: None}


def test_drafts_are_acts_of_people(desk: Desk, district: District) -> None:
    """Edited, approved, withdrawn, each by somebody; nothing is in force by any of it."""
    changes = Changes(desk)
    wanted = Edited(DutyId(f"t1@{TUESDAY}"), remove=True)
    edited = changes.wanted(WEEK, wanted, "o1", publish_it=False)
    assert (edited.version, edited.published) == (2, False)
    changes.approve(WEEK, None, "o2")
    changes.withdraw(WEEK, 2, "o3", "not now")
    with pytest.raises(NotFound, match="no_draft"):
        changes.approve(WEEK, None, "o2")
    draft = changes.draft(WEEK, week_of(district, WEEK), "o4")
    assert draft.version == 3
    assert held(desk).held == 1
    assert [(a.what, a.by) for a in held(desk).acts if a.version > 1] == [
        ("drafted", "o1"), ("approved", "o2"), ("withdrawn", "o3"), ("drafted", "o4"),
    ]  # fmt: skip
    assert desk.publish(WEEK).version == 3


def test_a_draft_of_an_older_version_is_refused(desk: Desk) -> None:
    """It would undo what came between, whoever publishes it."""
    first = in_force(desk)
    Changes(desk).wanted(WEEK, swapped(desk), None, publish_it=True)
    for part in handed(renumbered(first.duties, 3), base=1):
        desk.send("draft_edited", part)
    Planner(desk.bus, desk.district, desk.clock, "t", timed=False).turn()
    answer = desk.publish(WEEK)
    assert answer.refused
    assert [breach["rule"] for breach in answer.breaches] == [OVERTAKEN]


def test_a_file_of_an_older_version_is_not_published_over_what_came_between(
    desk: Desk, district: District
) -> None:
    """Nor handed in as a draft; both are done when somebody says so."""
    old = replace(week_of(district, WEEK), version=1)
    Changes(desk).wanted(WEEK, swapped(desk), None, publish_it=True)
    swap = in_force(desk)
    answer = desk.publish(WEEK, old)
    assert [breach["rule"] for breach in answer.breaches] == [OVERTAKEN]
    draft = Changes(desk).draft(WEEK, old, None)
    assert [breach["rule"] for breach in draft.breaches] == [OVERTAKEN]
    assert in_force(desk) == swap
    assert not desk.publish(WEEK, replace(old, version=2)).refused
    assert not Changes(desk).draft(WEEK, old, None, over=True).breaches
    assert not desk.publish(WEEK, old, over=True).refused


def test_a_draft_is_published_by_its_number_and_by_somebody(desk: Desk, district: District) -> None:
    """Not the newest."""
    for _ in range(2):
        Changes(desk).draft(WEEK, week_of(district, WEEK), None)
    assert desk.publish(WEEK, by="o2", version=2).version == 2
    assert held(desk).published == (1, 2)
    assert [(a.what, a.by) for a in held(desk).acts if a.version == 2][-1] == ("published", "o2")


def test_two_swaps_at_once_are_both_in_force(district: District) -> None:
    """The second is made anew of the first's version."""
    bus = MemoryBus()
    first = at(desk_on(bus, district), SUNDAY)
    first.publish(WEEK, week_of(district, WEEK))
    one = swapped(first)
    days = ("2026-12-03", "2026-12-04")
    wishes = [
        Swap(*(DutyId(name.replace(TUESDAY, day)) for name in (one.duty, one.other)))
        for day in days
    ]
    before = in_force(first)
    with ThreadPoolExecutor(2) as pool:
        jobs = [
            pool.submit(
                Changes(at(desk_on(bus, district), SUNDAY)).wanted, WEEK, wish, None,
                publish_it=True,
            )
            for wish in wishes
        ]  # fmt: skip
        done = [job.result(timeout=60) for job in jobs]
    after = in_force(first)
    assert all(one.published for one in done)
    for wish in wishes:
        old, new = duty(before, wish.other), duty(after, wish.duty)
        assert old
        assert new
        assert old["vehicle"] == new["vehicle"]


def test_two_planners_repair_two_absences_once_each(tmp_path: Path) -> None:
    """A planner whose version was overtaken starts from the one in force: nobody comes back."""
    house = House(tmp_path)
    one, other = house.planner(), house.planner()
    settle(one, other)
    house.send("absence_reported", person="o1", dates=[TUESDAY])
    house.send("absence_reported", person="o2", dates=["2026-12-03"])
    settle(one, other)
    week = one.ledger.week(WEEK)
    last = week.drafts[week.held or 0]
    absent = {("o1", TUESDAY), ("o2", "2026-12-03")}
    assert not {(str(d["officer"]), str(d["date"])) for d in last.duties} & absent
    published = week.publications
    assert [one.replaces for one in published[1:]] == [one.version for one in published[:-1]]


def test_an_edit_gives_a_duty_to_another_team(desk: Desk) -> None:
    """Which does it; whose own duty of the day nobody does, but a visit of it that fits in."""
    wanted = swapped(desk)
    team = TeamId(wanted.other.partition("@")[0])
    done = Changes(desk).wanted(WEEK, Edited(wanted.duty, team), "o1", publish_it=False)
    draft = held(desk).drafts[done.version or 0]
    new, old = duty(draft, wanted.other), duty(in_force(desk), wanted.duty)
    own = duty(in_force(desk), wanted.other)
    assert new
    assert old
    assert own
    assert set(stays(old)) <= set(stays(new))
    more = set(stays(new)) - set(stays(old))
    assert {point for point, *_ in more} <= {point for point, *_ in stays(own)}
    assert duty(draft, wanted.duty) is None


@pytest.mark.usefixtures("desk")
def test_a_change_may_bear_what_the_version_in_force_bears(
    district: District, bus: SqliteBus
) -> None:
    """Leave that came into the files after publication is no fault of a later swap."""
    thursday = date(2026, 12, 3)
    leave = LeaveRow(person=PersonId("o2"), since=thursday, until=thursday)
    write_rows(district.folder / LeaveRow.file, [leave])
    since = at(desk_on(bus, load(district.folder)), SUNDAY)
    assert breaches(since.district, of_events(since.district, WEEK, in_force(since).duties))
    wanted = swapped(since)
    names = (name.replace(TUESDAY, "2026-12-04") for name in (wanted.duty, wanted.other))
    done = Changes(since).wanted(WEEK, Swap(*map(DutyId, names)), None, publish_it=True)
    assert done.published, done.breaches


def test_what_is_read_back_and_made_again_is_the_same(district: District) -> None:
    """Of two units that stay for unlike times at one point neither is told another's time."""
    file = week_of(district, WEEK)
    points = {name: replace(point, dwell_min=177) for name, point in file.points.items()}
    duties = []
    for n, duty in enumerate(file.roster.duties):  # each shorter than the one before
        shorter = (replace(visit, leave_min=visit.arrive_min + 60 - n) for visit in duty.visits)
        duties.append(replace(duty, visits=tuple(shorter)))
    unlike = replace(file, points=points, roster=Roster(tuple(duties)))
    made = duties_of(district, unlike, 1)
    assert duties_of(district, of_events(district, WEEK, normal(made)), 1) == made


# --- what another changed since it was decided ---------------------------------------------------

LATER, LATEST = "2026-11-29T12:05:00+08:00", "2026-11-29T12:10:00+08:00"


def waited(desk: Desk) -> Desk:
    """Another's desk: they decided after the first version, and had to wait for the first desk."""
    began_ms = desk.district.calendar.parse_iso(SUNDAY) + 60_000
    return replace(at(desk, LATEST), began_ms=began_ms)


def test_a_swap_that_another_made_meanwhile_is_not_swapped_back(desk: Desk) -> None:
    """Both wanted the same; the second would undo the first."""
    wanted = swapped(desk)
    Changes(at(desk, LATER)).wanted(WEEK, wanted, "o1", publish_it=True)
    with pytest.raises(Impossible, match="between"):
        Changes(waited(desk)).wanted(WEEK, wanted, "o2", publish_it=True)
    assert held(desk).published == (1, 2)


def test_a_change_of_other_duties_is_made_of_what_came_meanwhile(desk: Desk) -> None:
    """Nothing of the first is lost."""
    wanted = swapped(desk)
    Changes(at(desk, LATER)).wanted(WEEK, wanted, None, publish_it=True)
    taken = Edited(DutyId(wanted.duty.replace(TUESDAY, "2026-12-03")), remove=True)
    assert Changes(waited(desk)).wanted(WEEK, taken, None, publish_it=True).published
    assert duty(in_force(desk), wanted.duty) == duty(held(desk).drafts[2], wanted.duty)


def test_an_undo_does_not_undo_the_undo_that_another_made_meanwhile(desk: Desk) -> None:
    """They saw the swap in force, not what came of it."""
    Changes(desk).wanted(WEEK, swapped(desk), None, publish_it=True)
    Changes(at(desk, LATER)).undo(WEEK, "o1")
    with pytest.raises(Impossible, match="between"):
        Changes(waited(desk)).undo(WEEK, "o2")
    assert held(desk).published == (1, 2, 3)


def test_an_extra_duty_that_another_just_added_is_not_added_twice(desk: Desk) -> None:
    """Both wanted one more; another hour or another squadron's is another wish, and is done."""
    parse_iso, squadron = desk.district.calendar.parse_iso, SquadronId("s1")
    hours = [parse_iso(f"2026-12-02T{hour:02}:00:00+08:00") for hour in (9, 15, 16)]
    asked = Extra(squadron, hours[0], hours[1])
    Changes(at(desk, LATER)).wanted(WEEK, asked, "o1", publish_it=True)
    with pytest.raises(Impossible, match="between"):
        Changes(waited(desk)).wanted(WEEK, asked, "o2", publish_it=True)
    assert held(desk).published == (1, 2)
    longer = Extra(squadron, hours[0], hours[2])
    Changes(waited(desk)).wanted(WEEK, longer, "o2", publish_it=True)


def test_a_change_of_a_named_version_is_refused_where_another_is_in_force(desk: Desk) -> None:
    """Whoever names one means that one."""
    wanted = swapped(desk)
    Changes(desk).wanted(WEEK, wanted, None, publish_it=True)
    with pytest.raises(Impossible, match="not_of"):
        Changes(desk).undo(WEEK, None, upon=1)
    with pytest.raises(Impossible, match="not_of"):
        Changes(desk).wanted(WEEK, wanted, None, publish_it=True, upon=1)
    assert Changes(desk).undo(WEEK, None, upon=2).version == 3
