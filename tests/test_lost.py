"""What a change loses is told task by task: which school is left without a team, and when."""

from pathlib import Path
from typing import Any

import pytest
from districts import small_district

from config.district import load
from scheduler.changes.lost import lost
from scheduler.changes.repair_words import lost_lines
from scheduler.names import Names

DAY = "2026-12-02"


def duty(team: str, start: str, end: str, *tasks: dict[str, str]) -> dict[str, Any]:
    """A duty of that day as frames keep it."""
    return {
        "duty": f"{team}@{DAY}", "team": team, "date": DAY, "kind": "patrol",
        "start": f"{DAY}T{start}:00+08:00", "end": f"{DAY}T{end}:00+08:00", "tasks": tasks,
    }  # fmt: skip


SCHOOL = {
    "task": f"school-a@{DAY}", "kind": "school", "place": "p1",
    "start": f"{DAY}T07:10:00+08:00", "end": f"{DAY}T08:20:00+08:00",
}  # fmt: skip
EARLY = duty("t1", "07:00", "15:00", SCHOOL)


@pytest.mark.parametrize(
    ("after", "left"),
    [
        ([], [0]),
        ([duty("t2", "07:00", "15:00", SCHOOL)], []),
        ([duty("t1", "08:30", "16:30")], [0]),
        ([duty("t1", "07:00", "07:40", SCHOOL)], [0]),
        ([duty("t1", "07:00", "07:40", SCHOOL), duty("t2", "07:40", "15:00", SCHOOL)], []),
    ],
    ids=["nobody does it", "another does it", "moved", "cut amid it", "relieved amid it"],
)  # fmt: skip
def test_a_task_is_lost_where_no_duty_does_it_to_its_end(
    after: list[dict[str, Any]], left: list[int]
) -> None:
    """Whatever became of the duty that carried it."""
    assert [task.left for task in lost([EARLY], after, ()).tasks] == left


@pytest.mark.parametrize(
    ("lang", "line"),
    [
        ("en", f"left without a team: school post Wed {DAY} 07:10–08:20 {{place}} ({{task}})"),
        ("zh-CN", f"无人值守：护学岗 周三 {DAY} 07:10–08:20 {{place}}（{{task}}）"),
    ],
)
def test_the_school_that_is_left_bare_is_named_with_its_hours(
    tmp_path: Path, lang: str, line: str
) -> None:
    """That its duty is a hole does not say so."""
    names = Names(load(small_district(tmp_path / "d")))
    told = list(lost_lines(lost([EARLY], [], [EARLY["duty"]]), names, lang))
    assert told[1:] == [line.format(place=names.place("p1"), task=SCHOOL["task"])]


def test_a_task_that_keeps_one_of_two_teams_says_so(tmp_path: Path) -> None:
    """It is thinner, not bare."""
    names = Names(load(small_district(tmp_path / "d")))
    second = duty("t2", "07:00", "15:00", SCHOOL)
    told = list(lost_lines(lost([EARLY, second], [second], ()), names, "en"))
    assert [line.partition(": ")[2][:14] for line in told] == ["1, before 2: s"]
