"""Must-check vehicles 必查车辆: what was found wanting on a section is stopped on sight there."""

from dataclasses import replace

import numpy as np
import pytest
from districts import small_district

from config.district import District, load
from scheduler.foresight.checking import classes_at, with_classes
from scheduler.foresight.ground import sections_of
from scheduler.foresight.history import History
from scheduler.foresight.must_arrive import MustArrive, Reason

DAY_MS = 86_400_000
NAMES = ("渣土车违法", "超速", "超载")
LORRIES, SPEED, OVERLOAD = range(3)


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> District:
    """A small district with named sections."""
    return load(small_district(tmp_path_factory.mktemp("district")))


def history(district: District, *told: tuple[int, int, int, int]) -> History:
    """Violations: day, node, which, how many."""
    rows = np.array([one[:3] for one in told for _ in range(one[3])], dtype=np.int64)
    day, place, violation = rows[np.argsort(rows[:, 0], kind="stable")].T
    none = np.full(len(day), -1)
    return History(
        tuple(district.roads.node_ids), (), ("none",), NAMES, day * DAY_MS,
        np.ones(len(day), dtype=bool), place, none, np.zeros(len(day), dtype=np.int64),
        violation, np.full(len(day), np.nan),
    )  # fmt: skip


def point(place: str, kind: str = "risk") -> MustArrive:
    """A visit there at nine."""
    why = Reason("pinned" if kind == "pinned" else "risk", 1.0, 1)
    return MustArrive(f"{place}-1-09", place, "s1", 1, 540, 660, 12, 1, why, ("未戴头盔",))


def nodes(district: District, place: str, *, on: bool) -> np.ndarray:
    """Those on the sections that meet at a place, or all others."""
    _, shares, _, _ = sections_of(district)
    at = np.flatnonzero(shares[:, [district.node_of_place(place)]].toarray().ravel())
    here = np.unique(shares[at].indices)
    return here if on else np.setdiff1d(np.arange(len(district.roads.node_ids)), here)


def test_what_was_found_on_its_section_is_asked_for_at_a_point(district: District) -> None:
    """Beside what is to be corrected there; speed is of no class of vehicles."""
    far = int(nodes(district, "p3", on=True)[-1])
    past = history(district, (400, far, LORRIES, 4), (400, far, SPEED, 9))
    [one] = with_classes(district, past, [point("p3")])
    assert (one.must_correct, one.must_check) == (("未戴头盔",), ("渣土车违法",))


def test_what_was_found_on_other_sections_is_not(district: District) -> None:
    """Lorries drive where lorries drive."""
    [far, *_] = nodes(district, "p3", on=False)
    past = history(district, (400, int(far), LORRIES, 9))
    assert with_classes(district, past, [point("p3")]) == (point("p3"),)


def test_what_people_pinned_is_theirs(district: District) -> None:
    """Their list stays as they wrote it."""
    past = history(district, (400, district.node_of_place("p3"), LORRIES, 9))
    assert with_classes(district, past, [point("p3", "pinned")]) == (point("p3", "pinned"),)


def test_two_records_and_those_of_years_ago_are_no_class(district: District) -> None:
    """Three within a year are."""
    node = district.node_of_place("p3")
    old, few = (1, node, LORRIES, 9), (800, node, LORRIES, 2)
    past = history(district, old, few, (800, node, OVERLOAD, 3))
    [one] = with_classes(district, past, [point("p3")])
    assert one.must_check == ("超载",)


def test_the_most_frequent_class_comes_first(district: District) -> None:
    """In any letters."""
    past = history(district, (1, 0, LORRIES, 3), (1, 0, OVERLOAD, 5))
    told = replace(past, violations=("MUCK truck", "超速", "超载"))
    assert classes_at(told, np.array([0])) == ("超载", "MUCK truck")
