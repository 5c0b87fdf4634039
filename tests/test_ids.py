"""Ids are names: whoever makes rosters by hand, or copies a point, may choose them as they like."""

import ast
from dataclasses import replace

import numpy as np
import pytest
from conftest import ROOT
from districts import WEEK, small_district
from planned import week_of, write_needs, write_week
from rosters import problem
from scipy.sparse import csr_array, eye_array
from sources import files, nodes, together
from typed import Typed, typed

from config.district import District, load
from config.ids import DutyId
from scheduler.breach_words import Shortfalls
from scheduler.changes.repair_words import nobody_lines
from scheduler.export import Printer
from scheduler.foresight.choosing import choose
from scheduler.foresight.levels import HOURS
from scheduler.foresight.must_arrive import WINDOWS, Budget, MustArrive, Points, Reason, Terms
from scheduler.names import Names
from scheduler.readback import RosterFile
from scheduler.roster import Roster
from scheduler.rules import Breach, Tier

__all__ = ["typed"]

TAKE_APART = ("config/duty_rows.py", "scheduler/fixed.py", "scheduler/changes/change_args.py",
              "scheduler/advice/answers.py: read")  # fmt: skip
"""The names of tasks, and what is typed behind a command."""
CUTS = frozenset(("partition", "rpartition", "split", "rsplit"))


@pytest.fixture(name="district", scope="module")
def _district(tmp_path_factory: pytest.TempPathFactory) -> District:
    """The small district, for reading."""
    return load(small_district(tmp_path_factory.mktemp("ids") / "d"))


def by_hand(district: District) -> RosterFile:
    """The hand-made week with duties that are called D1, D2 and so on."""
    file = week_of(district, WEEK)
    duties = (
        replace(duty, id=DutyId(f"D{n}")) for n, duty in enumerate(file.roster.duties, start=1)
    )
    return replace(file, roster=Roster(tuple(duties)))


@pytest.mark.parametrize(
    ("pinned", "found"),
    [("P0-2-17", "at-P0-2-17"), ("at-P0-2-17", "P0-2-17"), ("S1", "P0-2-17")],
)
def test_a_point_that_people_pinned_keeps_its_id(pinned: str, found: str) -> None:
    """A row of must_arrive.csv is pinned at another hour: what is chosen gets another id."""
    rates = np.full((2, HOURS), 1e-9)
    rates[0, 41:43] = 5.0
    points = Points(("P0", "P1"), np.zeros(2, dtype=np.int64), csr_array(eye_array(2)), np.zeros(2))
    able = Budget(np.array([2]), np.array([2]), np.full((1, WINDOWS), 99.0))
    own = MustArrive(pinned, "P0", "s", 5, 600, 720, 12, 1, Reason("pinned", 0.0, 0))
    chosen = choose(rates, points, ("s",), able, [own], Terms(random_share=0))
    assert own in chosen
    assert [one.id for one in chosen if one is not own] == [found]


def test_no_point_that_is_chosen_is_called_as_a_night_checks() -> None:
    """Not even at a place whose own id begins so."""
    rates = np.full((1, HOURS), 1.0)
    points = Points(
        ("night-5-x",), np.zeros(1, dtype=np.int64), csr_array(eye_array(1)), np.zeros(1)
    )
    able = Budget(np.array([1]), np.array([1]), np.full((1, WINDOWS), 99.0))
    (one,) = choose(rates, points, ("s",), able, terms=Terms(random_share=0))
    assert one.id == "at-night-5-x-1-01"


def test_who_else_could_do_a_duty_of_any_name(district: District, typed: Typed) -> None:
    """The law that bars the holder names the duty by its id and its date."""
    folder = district.folder / "roster" / WEEK
    write_week(district, by_hand(district), folder)
    write_needs(district, WEEK, folder)
    told = typed("roster", "candidates", district.folder, "10:00-16:00@2026-12-02", lang="en")
    assert told.code == 0, told.err
    assert "has another duty that day (D" in told.out


def test_a_shortfall_tells_the_date_of_its_duty(district: District) -> None:
    """Whatever the duty is called."""
    roster = by_hand(district).roster
    one = roster.duties[0]
    told = Shortfalls(Printer(district, WEEK), problem(), roster, "en")
    about = told.about(Breach("nights-in-turn", Tier.WISH, 8, one.officer, one.id))
    assert about.endswith(f"{one.officer} {one.date:%a} {one.date}")


def test_who_is_kept_from_a_duty_of_any_name(district: District) -> None:
    """In the week of the repair."""
    kept = [{"rule": "rest-between-duties", "amount": 60, "person": "o1", "duty": "D1"}]
    reason = {"teams": 1, "busy": 0, "laws": {"rest-between-duties": 1}, "kept": kept, "free": ()}
    *_, last = nobody_lines(reason, Names(district), "en", WEEK)
    assert last.startswith(f"    {WEEK}: ")


@together
def test_few_take_a_name_apart() -> None:
    """A name that somebody else chose need not be made of what one would read in it."""
    strays = []
    for file in files("config", "scheduler"):
        name = file.relative_to(ROOT).as_posix()
        strays += [
            f"{name}: {function.name}"
            for function in nodes(file) if isinstance(function, ast.FunctionDef)
            if any(_cuts(node) for node in ast.walk(function))
            if name not in TAKE_APART and f"{name}: {function.name}" not in TAKE_APART
        ]  # fmt: skip
    assert strays == []


def _cuts(node: ast.AST) -> bool:
    """Whether something is called that cuts a text at an @."""
    return (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        and node.func.attr in CUTS
        and any(isinstance(arg, ast.Constant) and arg.value == "@" for arg in node.args)
    )  # fmt: skip
