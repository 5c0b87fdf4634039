"""Solves a staggered week: `python benchmarks/staggered.py FILE.json --seconds 60 --out out.csv`.

FILE is what the shared `staggered_week.py` prints. Officers of a class are one group with so many
people, and named only at the end; with wishes everybody is a group. Writes columns officer, day,
start (hour 0–23; day 0 is Monday) and prints, as the last line, one JSON {cost, bound, proven,
seconds, first_seconds}. Ctrl-C writes the best so far.
"""

import csv
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.run_lines import BadFile, command
from scheduler.solve.lines.laws import Law, Succession
from scheduler.solve.lines.problem import OFF, FloatArray, Group, LineProblem, Options, Rows

if TYPE_CHECKING:
    from scheduler.solve.lines.search import Lines

DAYS, HOURS, WEEK_H = 7, 24, 168
LACK_PRICE = 100_000.0
"""Of each hour below the week's hours: never bought."""
WISHES = ("off", "early", "late")


def read(path: Path) -> dict[str, Any]:
    """The checked file.

    Raises:
        BadFile: With file, line or field, cause and remedy.
    """
    try:
        week = json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as trouble:
        msg = f"{path}:{trouble.lineno}: no JSON ({trouble.msg}); print it by staggered_week.py"
        raise BadFile(msg) from trouble
    except (OSError, UnicodeDecodeError) as trouble:
        msg = f"{path}:1: cannot be read ({trouble}); give a file of staggered_week.py"
        raise BadFile(msg) from trouble
    if not isinstance(week, dict):
        msg = f"{path}:1: no JSON object; print it by staggered_week.py"
        raise BadFile(msg)
    for name, most in (
        ("officers", 10**6), ("days_worked", DAYS), ("duty_h", HOURS), ("rest_h", WEEK_H),
        ("start_drift_h", HOURS), ("cost_short", 10**6), ("cost_over", 10**6),
    ):  # fmt: skip
        number(path, week.get(name), name, most)
    demand = week.get("demand")
    if not isinstance(demand, list) or len(demand) != WEEK_H:
        refuse(path, "demand", f"is no list of {WEEK_H} numbers", "write one number an hour")
    for hour, wanted in enumerate(demand):
        number(path, wanted, f"demand[{hour}]", 10**6)
    check_people(path, week)
    return week


def refuse(path: Path, name: str, what: str, remedy: str) -> NoReturn:
    """Say what is wrong with a field, and in which line it stands."""
    key = f'"{name.partition("[")[0]}"'
    lines = path.read_text(encoding="utf-8").splitlines()
    line = next((n for n, text in enumerate(lines, 1) if key in text), 1)
    msg = f"{path}:{line}: {name} {what}; {remedy}"
    raise BadFile(msg)


def number(path: Path, value: object, name: str, most: int) -> None:
    """A whole number from 0 to `most`."""
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        refuse(path, name, f"is {value!r}", f"write a whole number from 0 to {most}")


def check_people(path: Path, week: dict[str, Any]) -> None:
    """Either people with wishes, or classes."""
    name = "people" if "people" in week else "class_of_officer"
    listed = week.get(name)
    if not isinstance(listed, list) or len(listed) != week["officers"]:
        refuse(path, name, "does not name every officer once", "write one entry an officer")
    if name == "people":
        for n, person in enumerate(listed):
            check_person(path, f"people[{n}]", person)
        return
    days = week.get("off_day_of_class")
    if not isinstance(days, list):
        refuse(path, "off_day_of_class", "is no list", "write the day off of each class")
    for n, day in enumerate(days):
        if day is not None:
            number(path, day, f"off_day_of_class[{n}]", DAYS - 1)
    for n, of in enumerate(listed):
        number(path, of, f"class_of_officer[{n}]", len(days) - 1)


def check_person(path: Path, name: str, person: object) -> None:
    """A day that is not available, and wishes."""
    if not isinstance(person, dict) or not isinstance(person.get("wishes", []), list):
        refuse(path, name, "is no object", "write unavailable_day and wishes")
    number(path, person.get("unavailable_day"), f"{name}.unavailable_day", DAYS - 1)
    for wish in person.get("wishes", []):
        if not (isinstance(wish, list) and len(wish) == 3 and wish[1] in WISHES):
            refuse(path, f"{name}.wishes", f"has {wish!r}", f"write day, {WISHES}, weight")
        number(path, wish[0], f"{name}.wishes", DAYS - 1)
        number(path, wish[2], f"{name}.wishes", 10**6)


def law_of(week: dict[str, Any]) -> Law:
    """Rest and drift between duties on days that follow each other."""
    starts = range(HOURS)
    allowed = tuple(
        tuple(
            abs(then - start) <= week["start_drift_h"]
            and then + HOURS - start - week["duty_h"] >= week["rest_h"]
            for then in starts
        )
        for start in starts
    )
    return Law((Succession(allowed),))


def problem_of(week: dict[str, Any]) -> LineProblem:
    """The week for the engine; equal officers are one group."""
    options = DAYS * HOURS
    covered = (np.arange(options)[:, None] + np.arange(week["duty_h"])[None, :]) % WEEK_H
    made = Options(
        DAYS, np.repeat(np.arange(DAYS), HOURS), np.tile(np.arange(HOURS), DAYS),
        np.full(options, week["duty_h"] * 60), np.arange(options + 1) * week["duty_h"],
        covered.ravel(),
    )  # fmt: skip
    rows = Rows(
        np.array(week["demand"]), np.full(WEEK_H, float(week["cost_short"])),
        np.full(WEEK_H, float(week["cost_over"])), after=np.arange(WEEK_H) - 1,
    )  # fmt: skip
    minutes = week["days_worked"] * week["duty_h"] * 60
    groups = []
    for day, cost, constant, own in people_of(week):
        allowed = np.ones((DAYS, HOURS), dtype=bool)
        if day is not None:
            allowed[day] = False
        groups.append(
            Group(0, allowed.ravel(), cost, minutes, minutes, (), constant, count=len(own))
        )
    return LineProblem(made, rows, (law_of(week),), tuple(groups), LACK_PRICE)


def people_of(week: dict[str, Any]) -> list[tuple[int | None, FloatArray, float, list[int]]]:
    """Day off, cost of each option, constant, and officers: equal ones are one group."""
    groups: dict[tuple[int | None, str], list[int]] = {}
    if "people" not in week:
        for officer, of in enumerate(week["class_of_officer"]):
            groups.setdefault((week["off_day_of_class"][of], "[]"), []).append(officer)
    else:
        for officer, person in enumerate(week["people"]):
            wishes = json.dumps(sorted(person.get("wishes", [])))
            groups.setdefault((person["unavailable_day"], wishes), []).append(officer)
    found = []
    for (day, wishes), own in groups.items():
        cost = np.zeros((DAYS, HOURS))
        for on, what, weight in json.loads(wishes):
            hours = {"off": slice(0, 24), "early": slice(12, 24), "late": slice(0, 12)}[what]
            cost[on, hours] += weight
        found.append((day, cost.ravel(), 0.0, own))
    return found


def write(path: Path, week: dict[str, Any], found: "Lines") -> None:
    """Who of a group works which of its lines is settled here, in the order of their numbers."""
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(("officer", "day", "start"))
        for (*_, own), lines in zip(people_of(week), found.lines, strict=True):
            each = (line for line, count in lines for _ in range(count))
            for officer, line in sorted(zip(own, each, strict=True), key=lambda pair: pair[0]):
                for day, option in enumerate(line):
                    if option != OFF:
                        out.writerow((officer, day, int(option) % HOURS))


if __name__ == "__main__":
    sys.exit(command(__doc__, read, problem_of, write))
