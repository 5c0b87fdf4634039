"""The two benchmark commands, their answers scored by code that knows no engine."""

import csv
import itertools
import json
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT


def command(name: str, *words: str) -> list[str]:
    """A benchmark's command line."""
    return [sys.executable, str(ROOT / "benchmarks" / name), *words]


def run(name: str, *words: str, code: int = 0) -> tuple[dict[str, Any], str]:
    """The last line of the output, and what went to stderr."""
    ended = subprocess.run(  # noqa: S603
        command(name, *words), cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ended.returncode == code, ended.stderr
    lines = ended.stdout.splitlines()
    return (json.loads(lines[-1]) if lines else {}), ended.stderr


def sections(path: Path) -> dict[str, list[list[str]]]:
    """Fields of each line, by section."""
    found: dict[str, list[list[str]]] = {}
    rows: list[list[str]] = []
    for line in path.read_text().splitlines():
        if line.startswith("SECTION_"):
            rows = found[line] = []
        elif line.strip() and not line.startswith("#"):
            rows.append(line.split(","))
    return found


def curtois_cost(file: Path, solution: Path) -> int:
    """Cost of a roster; stops at the first broken rule."""
    part = sections(file)
    days = int(part["SECTION_HORIZON"][0][0])
    shifts = {
        name: (int(minutes), bars.split("|")) for name, minutes, bars in part["SECTION_SHIFTS"]
    }
    worked: dict[tuple[str, int], str] = {}
    for row in csv.DictReader(solution.open()):
        key = (row["staff"], int(row["day"]))
        assert key not in worked
        worked[key] = row["shift"]
    assert {day for _, day in worked} <= set(range(days))
    off = {row[0]: {int(day) for day in row[1:]} for row in part.get("SECTION_DAYS_OFF", [])}
    for name, most, most_min, least_min, run_most, run_least, off_least, weekends in part[
        "SECTION_STAFF"
    ]:
        line = [worked.get((name, day)) for day in range(days)]
        counts = Counter(filter(None, line))
        limits = dict(pair.split("=") for pair in most.split("|"))
        assert all(count <= int(limits[shift]) for shift, count in counts.items())
        minutes = sum(shifts[shift][0] * count for shift, count in counts.items())
        assert int(least_min) <= minutes <= int(most_min)
        assert all(b not in shifts[a][1] for a, b in itertools.pairwise(line) if a and b)
        assert not any(line[day] for day in off.get(name, ()))
        assert sum(bool(line[d] or line[d + 1]) for d in range(5, days - 1, 7)) <= int(weekends)
        begin = 0
        for works, group in itertools.groupby(map(bool, line)):
            length = len(list(group))
            inside = begin > 0 and begin + length < days
            assert not works or length <= int(run_most)
            assert not inside or length >= int(run_least if works else off_least)
            begin += length
    on = part["SECTION_SHIFT_ON_REQUESTS"]
    cost = sum(int(w) for name, day, s, w in on if worked.get((name, int(day))) != s)
    against = part["SECTION_SHIFT_OFF_REQUESTS"]
    cost += sum(int(w) for name, day, s, w in against if worked.get((name, int(day))) == s)
    there = Counter((day, shift) for (_, day), shift in worked.items())
    for day, shift, want, short, over in part["SECTION_COVER"]:
        lack = int(want) - there[int(day), shift]
        cost += lack * int(short) if lack > 0 else -lack * int(over)
    return cost


def staggered_cost(week: dict[str, Any], solution: Path) -> int:
    """Cost of a staggered week; stops at the first broken rule."""
    duties: dict[int, dict[int, int]] = {n: {} for n in range(week["officers"])}
    for row in csv.DictReader(solution.open()):
        own = duties[int(row["officer"])]
        assert int(row["day"]) not in own
        own[int(row["day"])] = int(row["start"])
    cost, cover = 0, [0] * 168
    for officer, own in duties.items():
        assert len(own) == week["days_worked"]
        if "people" in week:
            person = week["people"][officer]
            assert person["unavailable_day"] not in own
            for day, what, weight in person["wishes"]:
                start = own.get(day)
                late = start is not None and start >= 12
                broken = {"off": start is not None, "early": late,
                          "late": start is not None and not late}  # fmt: skip
                cost += weight * broken[what]
        else:
            assert week["off_day_of_class"][week["class_of_officer"][officer]] not in own
        for day, start in own.items():
            if day + 1 in own:
                assert own[day + 1] + 24 - start - week["duty_h"] >= week["rest_h"]
                assert abs(own[day + 1] - start) <= week["start_drift_h"]
            for hour in range(week["duty_h"]):
                cover[(24 * day + start + hour) % 168] += 1
    for wanted, there in zip(week["demand"], cover, strict=True):
        lack = wanted - there
        cost += lack * week["cost_short"] if lack > 0 else -lack * week["cost_over"]
    return cost


@pytest.mark.parametrize(("number", "best"), [(1, 607), (4, 1716)])
def test_an_instance_is_solved_and_scored(
    number: int, best: int, shared_data: Callable[[str], Path], tmp_path: Path
) -> None:
    """The cost printed is the cost of the file written; the bound is not above the best known."""
    file = shared_data(f"rosters/Instance{number}.txt")
    out = tmp_path / "out.csv"
    told, _ = run("curtois.py", str(file), "--seconds", "5", "--out", str(out))
    assert told["cost"] == curtois_cost(file, out)
    assert told["bound"] <= best <= told["cost"]
    assert set(told) == {"cost", "bound", "proven", "seconds", "first_seconds"}


@pytest.mark.parametrize("words", [["40"], ["30", "--wishes", "2"]])
def test_a_staggered_week_is_solved_and_scored(
    words: list[str], shared_data: Callable[[str], Path], tmp_path: Path
) -> None:
    """Classes and wishes; the last duty of Sunday covers Monday's first hours."""
    script = shared_data("rosters/staggered_week.py")
    made = subprocess.run(  # noqa: S603
        [sys.executable, str(script), *words], capture_output=True, text=True, check=True
    )
    file, out = tmp_path / "week.json", tmp_path / "out.csv"
    file.write_text(made.stdout)
    told, _ = run("staggered.py", str(file), "--seconds", "4", "--out", str(out))
    assert told["cost"] == staggered_cost(json.loads(made.stdout), out)
    assert told["bound"] <= told["cost"]
    if words == ["40"]:
        assert told["bound"] <= 917 <= told["cost"]


def test_an_interrupt_writes_the_best_so_far(
    shared_data: Callable[[str], Path], tmp_path: Path
) -> None:
    """Ctrl-C ends the search, not the answer."""
    file, out = shared_data("rosters/Instance9.txt"), tmp_path / "out.csv"
    words = command("curtois.py", str(file), "--seconds", "100", "--out", str(out))
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        assert process.stdout is not None
        lines = iter(process.stdout.readline, "")
        assert any("cost" in line for line in lines)
        began_s = time.monotonic()
        process.send_signal(signal.SIGINT)
        told = json.loads(list(lines)[-1])
    assert process.returncode == 0
    assert time.monotonic() - began_s < 30
    assert told["cost"] == curtois_cost(file, out)


SMALL = "SECTION_HORIZON\n7\nSECTION_SHIFTS\nD,480,\nSECTION_STAFF\n"
BAD = [
    ("", ":1: SECTION_HORIZON is missing or empty"),
    ("SECTION_HORIZON\n1000000\n", ":2: the horizon is 1000000; write a number up to 3660"),
    (SMALL + "A,D=7,960,1440,5,1,1,1\n", ":6: A is to work at least 1440 minutes and at most 960"),
    (SMALL + "A,D=7|D=1,960,480,5,1,1,1\n", ":6: type 'D' stands twice in 'D=7|D=1'"),
    (
        SMALL + "A,D=7,1000001,480,5,1,1,1\n",
        ":6: the most minutes is 1000001; write a number up to",
    ),
    (SMALL + "A,D=7,960,480,1000001,1,1,1\n", ":6: the most run is 1000001; write a number up to"),
    (
        SMALL + "A,D=7,960,480,5,1,1,1\nSECTION_COVER\n0,D,1000001,1,1\n",
        ":8: a number of the cover is 1000001; write a number up to",
    ),
    (
        SMALL + "A,D=7,960,480,5,1,1,1\nSECTION_COVER\n0,D,1,1,1\n1,D,1,1,1\n0,D,2,1,1\n",
        ":10: a second cover of day 0, shift D; it stands in line 8 already",
    ),
    ("SECTION_HORIZON\nfour\n", ":2: the horizon is 'four'; write a whole number"),
    ("7\n", ":1: text before the first section; begin with SECTION_HORIZON"),
    ("SECTION_HORIZON\n7\nSECTION_MOON\n", ":3: section SECTION_MOON is not known"),
    ("SECTION_HORIZON\n7\nSECTION_SHIFTS\nD,480\n", ":4: 2 fields instead of 3"),
    ("SECTION_HORIZON\n7\nSECTION_SHIFTS\nD,480,\nSECTION_DAYS_OFF\nA,1\n", ":6: no person 'A'"),
    ("SECTION_HORIZON\n7\nSECTION_SHIFTS\nD,480,\nSECTION_COVER\n9,D,1,1,1\n", ":6: day 9 lies"),
    ("SECTION_HORIZON\n7\nSECTION_SHIFTS\nD,480,N\n", "SECTION_STAFF is missing or empty"),
]


@pytest.mark.parametrize(("text", "said"), BAD)
def test_a_bad_instance_is_refused_with_its_line(text: str, said: str, tmp_path: Path) -> None:
    """File, line, cause and remedy; exit 2."""
    file = tmp_path / "bad.txt"
    file.write_text(text)
    _, trouble = run("curtois.py", str(file), code=2)
    assert f"{file}" in trouble
    assert said in trouble
    assert "Traceback" not in trouble


def test_who_has_no_lawful_line_is_named_and_the_code_is_one(tmp_path: Path) -> None:
    """Three days of seven are free: four duties are not to be had; the roster is written."""
    file, out = tmp_path / "small.txt", tmp_path / "out.csv"
    staff = "A,D=7,3360,1920,5,1,1,1\nB,D=7,3360,1440,5,1,1,1\nSECTION_DAYS_OFF\nA,0,1,2,3\n"
    file.write_text(f"{SMALL}{staff}SECTION_COVER\n5,D,1,1,1\n")
    told, trouble = run("curtois.py", str(file), "--seconds", "2", "--out", str(out), code=1)
    assert told["cost"] >= 10_000
    assert "A works 1440 minutes of at least 1920: no lawful line was found" in trouble
    assert "B works" not in trouble
    assert sum(row["staff"] == "A" for row in csv.DictReader(out.open())) == 3


def test_no_price_buys_less_than_the_least_minutes(tmp_path: Path) -> None:
    """Wishes at a million each, and runs as long as can be written."""
    file, out = tmp_path / "small.txt", tmp_path / "out.csv"
    staff = "A,D=7,3360,960,1000000,1,1,1\nSECTION_SHIFT_OFF_REQUESTS\n"
    wishes = "".join(f"A,{day},D,1000000\n" for day in range(7))
    file.write_text(f"{SMALL}{staff}{wishes}SECTION_COVER\n5,D,0,1,1000000\n")
    told, _ = run("curtois.py", str(file), "--seconds", "2", "--out", str(out))
    assert told["cost"] == 2_000_000


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", ":1: no JSON"),
        ('{\n"officers": -1}', ":2: officers is -1; write a whole number"),
        ("[]", "no JSON object"),
    ],
)
def test_a_bad_week_is_refused_with_its_line(text: str, said: str, tmp_path: Path) -> None:
    """File, line, cause and remedy; exit 2."""
    file = tmp_path / "bad.json"
    file.write_text(text)
    _, trouble = run("staggered.py", str(file), code=2)
    assert said in trouble
    assert "Traceback" not in trouble
