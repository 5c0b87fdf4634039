"""Random one-cell mutations of a district: never a traceback, and the right line when refused.

`QINWU_MUTATIONS=10000 pytest tests/test_mutations.py` tries more of them (default 1,000).
A mutation changes one cell, or one value of settings.yaml, into something nasty.
"""

import csv
import os
import random
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from districts import small_district

from config.district import check, load
from config.errors import BadInput
from config.findings import line
from config.tables import TABLES

MUTATIONS = int(os.environ.get("QINWU_MUTATIONS", "1000"))
SHARES = 8  # so that several processes can run them
NOW = datetime(2026, 11, 30, 4, tzinfo=UTC)

NASTY = (
    "", " ", "0", "-1", "1", "2", "7", "1e9", "1e400", "nan", "inf", "-0", "0x10", "1_000", "１２",
    "99999999999999999999999", "1.5", "1,5", "true", "null", "None", "~", "x" * 300, "𠮷", "é",
    "n00", "s1", "s2", "s9", "o1", "a1", "p1", "st1", "a;b", ";", ";;", "1;2;3", "8", "1;1", "a b",
    "07:30", "24:00", "25:61", "7:5", "2026-11-30", "2026-02-30", "0001-01-01", "9999-12-31",
    "2026-11-30T00:00:00Z", "{x}", "{", "%s", "=1+1", "'", "\\", "../x", "a\nb", "\t", '"', '"x"',
    "residential", "officer", "auxiliary", "workday", "junction", "patrol", "http://x",
)  # fmt: skip


def mutate_cell(folder: Path, pick: random.Random) -> tuple[str, int, str, str]:
    """Change one cell of one file; gives file, line, column and what is there now."""
    model = pick.choice([m for m in TABLES if (folder / m.file).exists()])
    path = folder / model.file
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
    return model.file, record + 2, header[column], nasty


def mutate_setting(folder: Path, pick: random.Random) -> tuple[str, int, str, str]:
    """Change the text behind a key of settings.yaml."""
    path = folder / "settings.yaml"
    lines = path.read_text(encoding="utf-8").splitlines()
    at = pick.randrange(len(lines))
    key, colon, _ = lines[at].partition(": ")
    nasty = pick.choice(
        [*NASTY, "[", "{a: 1}", "[1, 2]", "- x", "&a", "*a", "!!python/none x", "|"]
    )
    lines[at] = f"{key}{colon or ': '}{nasty}"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return "settings.yaml", at + 1, key.strip(), nasty


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
        for path, content in sound.items():
            path.write_bytes(content)
    assert min(outcomes["at its line"], outcomes["taken"]) > 0
    assert outcomes["elsewhere"] * 5 < outcomes["at its line"], outcomes


ELSEWHERE = {
    "csv": {
        "unknown_name",  # the name that a row had is gone: refused where it is used
        "station_missing",  # a station became a post: said of the squadron
        "bond_role_officer", "bond_role_auxiliary", "bond_squadron",  # role or squadron changed
        "twice", "bond_overlap", "station_twice",  # the second of two is refused, not the first
    },
    "aml": {
        "key_missing", "key_twice", "part", "unknown_key",  # what the line said is gone
        "not_yaml",  # quotes or brackets swallow the lines below
        "crs_lonlat", "crs_zone", "crs_origin",  # said of the part, not of its key
        "unknown_name",  # a squadron's id is gone: refused where it is used
        "station_missing",
        "position_off",  # another origin of the metric frame: said of the nodes
    },
}  # fmt: skip
"""Faults that rightly stand at another line than the one that was changed."""
