"""Random one-cell mutations of a district: never a traceback, and the right line when refused.

`QINWU_MUTATIONS=10000 pytest tests/test_mutations.py` tries more of them (default 1,000).
A mutation changes one cell, or one value of settings.yaml, into something nasty. An eighth as
many change the history, its mapping, a kept roster or a day to be played; some are given to the
command itself.
"""

import csv
import os
import random
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from districts import WEEK, small_district
from kept_files import with_kept
from typed import within

from config.district import District, check, load
from config.errors import BadInput, Finding
from config.findings import line
from config.importers.mapping import MAPPING
from config.tables import TABLES
from events.scene import read_scene
from scheduler.foresight.history import incidents_by_kind, read_history
from scheduler.readback import duties_around, read_roster

MUTATIONS = int(os.environ.get("QINWU_MUTATIONS", "1000"))
SHARES = 8  # so that several processes can run them
pytestmark = pytest.mark.timeout(max(300, MUTATIONS // 2))  # seconds; a share, on a busy machine
NOW = datetime(2026, 11, 30, 4, tzinfo=UTC)

NASTY = (
    "", " ", "0", "-1", "1", "2", "7", "1e9", "1e400", "nan", "inf", "-0", "0x10", "1_000", "１２",
    "99999999999999999999999", "1.5", "1,5", "true", "null", "None", "~", "x" * 300, "𠮷", "é",
    "n00", "s1", "s2", "s9", "o1", "a1", "p1", "st1", "a;b", ";", ";;", "1;2;3", "8", "1;1", "a b",
    "07:30", "24:00", "25:61", "7:5", "2026-11-30", "2026-02-30", "0001-01-01", "9999-12-31",
    "2026-11-30T00:00:00Z", "0001-01-02T00:00:00+08:00", "9999-12-31T23:59:59-12:00",
    "1970-01-01T00:00:00Z", "now", "1e308", "1e-300", "{x}", "{", "%s", "=1+1", "'",
    "\\", "../x", "a\nb", "\t", '"', '"x"',
    "residential", "officer", "auxiliary", "workday", "junction", "patrol", "http://x",
)  # fmt: skip


def mutate_cell(folder: Path, pick: random.Random) -> tuple[str, int, str, str]:
    """Change one cell of one file; gives file, line, column and what is there now."""
    file = pick.choice([m.file for m in TABLES if (folder / m.file).exists()])
    return mutate_cell_of(folder, file, pick)


def mutate_cell_of(folder: Path, name: str, pick: random.Random) -> tuple[str, int, str, str]:
    """Change one cell of this file."""
    path = folder / name
    with path.open(encoding="utf-8", newline="") as file:
        header, *records = list(csv.reader(file))
    record, column = pick.randrange(len(records)), pick.randrange(len(header))
    nasty = pick.choice(NASTY)
    if pick.random() < 0.3:  # a slip of the finger in what is there
        cell = records[record][column]
        at = pick.randrange(len(cell) + 1)
        nasty = (
            cell[:at]
            + pick.choice(["", "1", "-", ".", "x", "中", cell[at : at + 1] * 2])
            + cell[at + 1 :]
        )
    records[record][column] = nasty
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *records])
    return name, record + 2, header[column], nasty


def mutate_setting(folder: Path, pick: random.Random) -> tuple[str, int, str, str]:
    """Change the text behind a key of settings.yaml."""
    return mutate_yaml(folder, "settings.yaml", pick)


def mutate_yaml(folder: Path, name: str, pick: random.Random) -> tuple[str, int, str, str]:
    """Change the text behind a key of a YAML file."""
    path = folder / name
    lines = path.read_text(encoding="utf-8").splitlines()
    at = pick.randrange(len(lines))
    key, colon, _ = lines[at].partition(": ")
    nasty = pick.choice(
        [*NASTY, "[", "{a: 1}", "[1, 2]", "- x", "&a", "*a", "!!python/none x", "|"]
    )
    lines[at] = f"{key}{colon or ': '}{nasty}"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return name, at + 1, key.strip(), nasty


@pytest.mark.parametrize("share", range(SHARES))
def test_a_mutated_cell_is_taken_or_refused_at_its_line(tmp_path: Path, share: int) -> None:
    """What is refused because of its own value is refused at its own line and file."""
    folder = small_district(tmp_path)
    sound = {path: path.read_bytes() for path in folder.iterdir()}
    outcomes: Counter[str] = Counter()
    for number in range(share, MUTATIONS, SHARES):
        pick = random.Random(number)  # noqa: S311 - a seed that the message shows
        mutate = mutate_setting if pick.random() < 0.15 else mutate_cell
        file, at, column, nasty = mutate(folder, pick)
        what = f"seed {number}: {file}:{at} {column} = {nasty!r}"
        faults = [f for f in check(folder, NOW) if f.level == "error"]
        if not faults:
            load(folder)
        elif number % 5 == 0:
            with pytest.raises(BadInput):
                load(folder)
        for fault in faults:
            for lang in ("en", "zh-CN"):
                assert "\n" not in line(fault, lang), what
        if faults:
            places = {f.line for f in faults if f.file == file}
            others = {f.key.removeprefix("check.") for f in faults}
            assert at in places or others <= ELSEWHERE[file[-3:]], (what, [line(f) for f in faults])
            outcomes["at its line" if at in places else "elsewhere"] += 1
        else:
            outcomes["taken"] += 1
        (folder / file).write_bytes(sound[folder / file])
    assert min(outcomes["at its line"], outcomes["taken"]) > 0
    assert outcomes["elsewhere"] * 5 < outcomes["at its line"], outcomes


ELSEWHERE = {
    "csv": {
        "unknown_name",  # the name that a row had is gone: refused where it is used
        "station_missing",  # a station became a post: said of the squadron
        "no_duty_officer",  # the duty officer's row is gone: said of the settings
        "bond_role_officer", "bond_role_auxiliary", "bond_squadron",  # role or squadron changed
        "twice", "bond_overlap", "station_twice",  # the second of two is refused, not the first
    },
    "aml": {
        "key_missing", "key_twice", "part", "unknown_key",  # what the line said is gone
        "not_yaml",  # quotes or brackets swallow the lines below
        "crs_lonlat", "crs_zone", "crs_origin",  # said of the part, not of its key
        "unknown_name",  # a squadron's id is gone: refused where it is used
        "twice",  # it has another's id: the second of the two is refused, and names the first
        "station_missing",
        "position_off",  # another origin of the metric frame: said of the nodes
    },
}  # fmt: skip
"""Faults that rightly stand at another line than the one that was changed."""


# --- history, kept rosters, days to be played --------------------------------------------------

COMMAND_EVERY = 100
"""So many mutations apart, one of each share is given to the command."""
DAY = "live/2026-12-01.csv"


def mutate_kept(folder: Path, pick: random.Random) -> tuple[str, int, str, str]:
    """Change one cell or one key of what lies beside the tables."""
    if pick.random() < 0.3:
        return mutate_yaml(folder, MAPPING, pick)
    kept = sorted(
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*.csv") if path.parent != folder
    )  # fmt: skip
    return mutate_cell_of(folder, pick.choice(kept), pick)


def readers(folder: Path, district: District) -> dict[str, Callable[[], object]]:
    """What planner and play read, by the part of the folder."""
    return {
        "history": lambda: incidents_by_kind(read_history(district), district.calendar),
        "roster": lambda: read_roster(district, folder / "roster" / WEEK / "roster.csv", WEEK),
        "earlier": lambda: duties_around(district, "2026-W50"),
        "live": lambda: read_scene(district, folder / DAY),
    }


def used(folder: Path, district: District) -> list[str]:
    """Parts of the folder that planner or play refuse; whatever else they raise is a fault."""
    refused = []
    for part, read in readers(folder, district).items():
        try:
            read()
        except BadInput:
            refused.append(part.replace("earlier", "roster"))
    return refused


def errors(folder: Path) -> list[Finding]:
    """What is an error, rendered in both languages."""
    found = [one for one in check(folder, NOW) if one.level == "error"]
    for one in found:
        assert "\n" not in line(one, "en") + line(one, "zh-CN")
    return found


@pytest.mark.parametrize("share", range(SHARES))
def test_what_planner_or_play_refuse_is_found_by_check(tmp_path: Path, share: int) -> None:
    """In the same part of the folder; and the command shows no traceback of it."""
    folder = with_kept(small_district(tmp_path / "d"))
    district = load(folder)
    kept = [path for path in folder.rglob("*") if path.is_file() and path.parent != folder]
    sound = {path: path.read_bytes() for path in kept}
    assert (errors(folder), used(folder, district)) == ([], [])
    outcomes: Counter[bool] = Counter()
    for number in range(share, MUTATIONS // 8, SHARES):
        pick = random.Random(number)  # noqa: S311 - a seed that the message shows
        file, at, column, nasty = mutate_kept(folder, pick)
        what = f"seed {number}: {file}:{at} {column} = {nasty!r}"
        try:
            found, refused = errors(folder), used(folder, district)
        except Exception as error:
            raise AssertionError(what) from error
        parts = {one.file.split("/")[0] for one in found}
        assert set(refused) <= parts, (what, [line(one) for one in found])
        assert parts <= {file.split("/")[0]}, (what, [line(one) for one in found])
        outcomes[bool(found)] += 1
        if number % COMMAND_EVERY == share:
            told = commanded(folder)
            assert "Traceback" not in told, (what, told)
        (folder / file).write_bytes(sound[folder / file])
    assert min(outcomes[True], outcomes[False]) > 0


def commanded(folder: Path) -> str:
    """All that a user sees of `qinwu check` and of the planner's own look at the folder."""
    told, kept = "", folder / "roster" / WEEK / "roster.csv"
    for words in (["check", str(folder)], ["roster", "check", str(folder), str(kept)]):
        done = within(*words)
        assert done.returncode in (0, 1, 2, 3), (words, done.stderr)
        told += done.stdout + done.stderr
    return told
