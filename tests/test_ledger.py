"""The ledger: what was done about each week, and what is due by it."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from config.calendar import Calendar
from config.ids import AreaId, SquadronId
from config.settings import Publication
from events.facts import Accepted
from events.frame import FIRST_PREV, Frame
from events.plan_decisions import (
    Analysed,
    Approved,
    Cause,
    Drafted,
    DraftPart,
    MonthReported,
    PlanDecision,
    PublicationRefused,
    Published,
    Skipped,
    Withdrawn,
)
from scheduler.due import (
    Analyse,
    MakeDraft,
    Publish,
    ReportMonth,
    Skip,
    asked,
    due,
    next_due_ms,
)
from scheduler.ledger import Ledger, folded

CALENDAR = Calendar(ZoneInfo("Asia/Shanghai"), {})
RULES = Publication()
THIS, NEXT = "2026-W48", "2026-W49"


def at(iso: str) -> int:
    """Unix ms of a local time."""
    return int(datetime.fromisoformat(iso + "+08:00").timestamp() * 1000)


def frame(*decisions: PlanDecision, facts: tuple[Accepted, ...] = (), seq: int = 1) -> Frame:
    """A frame of the planner."""
    return Frame(
        area=AreaId("hz"), seq=seq, prev=FIRST_PREV, writer="t", time_ms=0, facts=facts,
        decisions=decisions,
    )  # fmt: skip


def drafted(week: str, version: int = 1) -> tuple[PlanDecision, ...]:
    """A whole draft of one duty."""
    duty = {
        "duty": "d", "officer": "o1", "auxiliaries": ["a1"], "date": "2026-11-30",
        "start": "2026-11-30T08:00:00+08:00", "end": "2026-11-30T16:00:00+08:00",
    }  # fmt: skip
    return (
        DraftPart(week=week, version=version, squadron=SquadronId("s"), date="2026-11-30",
                  duties=(duty,), hash="h"),
        Drafted(week=week, version=version, parts=1, duties=1, hash="h", cause="timer"),
    )  # fmt: skip


def published(week: str, version: int = 1, replaces: int | None = None) -> Published:
    """A version in force."""
    return Published(week=week, version=version, replaces=replaces, duties=1, hash="h")


ANALYSED = Analysed(month="2026-11", hash="h")
IN_FORCE = (*drafted(THIS), published(THIS), ANALYSED)


def actions(iso: str, *decisions: PlanDecision, publish: str = "auto") -> list[object]:
    """What is due at a local time after these decisions."""
    rules = RULES.model_copy(update={"publish": publish})
    return list(due(folded([frame(*decisions)]), at(iso), CALENDAR, rules))


@pytest.mark.parametrize(
    ("iso", "expected"),
    [
        ("2026-11-26T03:59:59", []),
        ("2026-11-26T04:00:00", [MakeDraft(NEXT)]),
        ("2026-11-29T23:59:59", [MakeDraft(NEXT)]),
    ],
)
def test_draft_time(iso: str, expected: list[object]) -> None:
    """The next week is drafted from Thursday 04:00 local time on, not a second before."""
    assert actions(iso, *IN_FORCE) == expected


@pytest.mark.parametrize(
    ("iso", "expected"),
    [("2026-11-28T17:59:59", []), ("2026-11-28T18:00:00", [Publish(NEXT, 1)])],
)
def test_publication_time(iso: str, expected: list[object]) -> None:
    """A draft is published from Saturday 18:00 on."""
    assert actions(iso, *IN_FORCE, *drafted(NEXT)) == expected


def test_approval() -> None:
    """Where people approve, only an approved draft is published."""
    saturday = "2026-11-28T19:00:00"
    approved = Approved(week=NEXT, version=1)
    assert actions(saturday, *IN_FORCE, *drafted(NEXT), publish="approve") == []
    told = actions(saturday, *IN_FORCE, *drafted(NEXT), approved, publish="approve")
    assert told == [Publish(NEXT, 1)]


def test_withdrawn() -> None:
    """A draft that a person took back is neither published nor made anew by itself."""
    gone = Withdrawn(week=NEXT, version=1)
    assert actions("2026-11-28T19:00:00", *IN_FORCE, *drafted(NEXT), gone) == []


def test_hopeless() -> None:
    """After three refused drafts the planner stops trying."""
    refused = [
        one for n in (1, 2, 3)
        for one in (*drafted(NEXT, n), PublicationRefused(week=NEXT, version=n, breaches=()))
    ]  # fmt: skip
    assert actions("2026-11-28T19:00:00", *IN_FORCE, *refused[:-3]) == [MakeDraft(NEXT)]
    assert actions("2026-11-28T19:00:00", *IN_FORCE, *refused) == []


@pytest.mark.parametrize(("cause", "count"), [("timer", 1), ("absence", 1), ("edit", 0)])
def test_what_an_engine_made_and_was_refused_is_counted(cause: Cause, count: int) -> None:
    """Whoever hands in an unlawful roster is told; that is no fault of the program."""
    (*parts, whole) = drafted(NEXT)
    whole = whole.model_copy(update={"cause": cause})
    told = (*parts, whole, PublicationRefused(week=NEXT, version=1, breaches=()))
    assert folded([frame(*told)]).refused == count


def test_current_week_first() -> None:
    """Without a roster in force the current week comes before the next, from now on."""
    now = "2026-11-28T19:00:00"
    assert actions(now, ANALYSED) == [MakeDraft(THIS, at(now)), MakeDraft(NEXT)]


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ((), "planner_down"),
        ((*drafted("2026-W52"), Withdrawn(week="2026-W52", version=1)), "withdrawn"),
        (
            (*drafted("2026-W52"), PublicationRefused(week="2026-W52", version=1, breaches=())),
            "refused",
        ),
    ],
)
def test_skipped(more: tuple[PlanDecision, ...], reason: str) -> None:
    """A wholly past week that was never in force is skipped with its reason, over a new year."""
    before = (*drafted("2026-W51"), published("2026-W51"), *more)
    found = [one for one in actions("2027-01-05T12:00:00", *before) if isinstance(one, Skip)]
    assert found == [Skip("2026-W52", reason), Skip("2026-W53", "planner_down")]
    after = (*before, *(Skipped(week=one.week, reason=one.reason) for one in found))
    assert not [a for a in actions("2027-01-05T12:00:00", *after) if isinstance(a, Skip)]


def test_weeks_skipped_before_a_later_one_was_handled() -> None:
    """A person published a week while the planner was down: those before it have a record, too."""
    before = (*drafted("2026-W49"), published("2026-W49"), *drafted("2026-W52"),
              published("2026-W52"))  # fmt: skip
    found = [one for one in actions("2027-01-02T12:00:00", *before) if isinstance(one, Skip)]
    assert found == [Skip(f"2026-W{n}", "planner_down") for n in (50, 51)]


def test_analysis() -> None:
    """A month is analysed once, from 03:00 of its first day on."""
    months = [
        [a for a in actions(iso, *IN_FORCE) if isinstance(a, Analyse)]
        for iso in ("2026-11-30T12:00:00", "2026-12-01T02:59:00", "2026-12-01T03:00:00")
    ]
    assert months == [[], [], [Analyse("2026-12")]]


def test_older_version_changes_nothing() -> None:
    """A second planner's frame of a version that is in force, or of an older one, is ignored."""
    ledger = folded([frame(*drafted(NEXT, 2), published(NEXT, 2)), frame(published(NEXT, 1))])
    assert ledger.week(NEXT).published == (2,)


def accepted(kind: str, **told: object) -> Accepted:
    """A fact of the inbox."""
    return Accepted(
        type="accepted", topic="hz.inbox", partition=0, offset=0, event=f"desk/{kind}",
        kind=f"qinwu.{kind}.v1", data=told,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("now", "person", "repairs"),
    [
        ("2026-11-30T15:59:59", "o1", 1), ("2026-11-30T15:59:59", "a1", 1),
        ("2026-11-30T15:59:59", "o2", 0), ("2026-11-30T16:00:00", "o1", 0),
    ],
)  # fmt: skip
def test_repairs(now: str, person: str, repairs: int) -> None:
    """An absence asks for a repair while a duty of that person on that day has not ended."""
    told = accepted("absence_reported", person=person, dates=["2026-11-30"])
    ledger = folded([frame(*drafted(NEXT), published(NEXT), facts=(told,))])
    assert len(list(asked(ledger, at(now), CALENDAR))) == repairs


def test_wish() -> None:
    """A plan that somebody asked for is due for any week until it is drafted."""
    told = accepted("plan_requested", week="2020-W01", what="plan", time_s=5)
    ledger = folded([frame(facts=(told,))])
    assert [a.week for a in asked(ledger, 0, CALENDAR) if isinstance(a, MakeDraft)] == ["2020-W01"]
    after = folded([frame(*drafted("2020-W01"), seq=2)], ledger)
    assert not list(asked(after, 0, CALENDAR))


def test_next_moment() -> None:
    """Every moment at which something becomes due is one that the timer waits for."""
    now, moments = at("2026-11-23T00:00:00"), []
    while now < at("2026-12-08T00:00:00"):
        now = next_due_ms(now, CALENDAR, RULES)
        moments.append(CALENDAR.local(now).strftime("%m-%d %H:%M"))
    assert moments == [
        "11-26 04:00", "11-28 18:00", "11-30 00:00", "12-01 03:00", "12-03 04:00", "12-05 18:00",
        "12-07 00:00", "12-10 04:00",
    ]  # fmt: skip


def test_empty() -> None:
    """An empty journal is an empty ledger."""
    assert folded([]) == Ledger()


def reports(iso: str, *decisions: PlanDecision) -> list[str]:
    """Months whose report is due."""
    return [one.month for one in actions(iso, *decisions) if isinstance(one, ReportMonth)]


def test_a_month_is_reported_once_it_is_over() -> None:
    """With the analysis of the next, from 03:00 of the 1st on; and once."""
    moments = ("2026-11-30T12:00:00", "2026-12-01T02:59:00", "2026-12-01T03:00:00")
    assert [reports(iso, *IN_FORCE) for iso in moments] == [[], [], ["2026-11"]]
    made = MonthReported(month="2026-11", hash="h")
    refused = MonthReported(month="2026-11", refused="no records")
    for done in (made, refused):
        assert reports("2026-12-20T12:00:00", *IN_FORCE, done) == []


def test_months_that_ended_while_nobody_planned_are_reported_too() -> None:
    """The oldest first, over a new year, and none from before there was a planner."""
    assert reports("2027-02-01T03:00:00", *IN_FORCE) == ["2026-11", "2026-12", "2027-01"]
    done = MonthReported(month="2026-12", hash="h")
    assert reports("2027-02-01T03:00:00", *IN_FORCE, done) == ["2026-11", "2027-01"]


def test_a_new_planner_reports_no_month_before_it() -> None:
    """It was not there."""
    assert reports("2026-12-01T03:00:00", *drafted(THIS), published(THIS)) == []
