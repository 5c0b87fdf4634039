"""One kind of mistake, one exit code, whatever the command: 1 not there, 2 not readable."""

from pathlib import Path

import pytest
from districts import WEEK, small_district
from planned import week_of, write_needs, write_week
from typed import Typed, typed

from config.district import load

__all__ = ["typed"]
DUTY = "t1@2026-12-01"
NEW = ("incident", "new", "DIR", "--kind", "crash")

NOT_THERE = [
    ("check", "DIR/no"), ("log", "DIR/no"), ("doctor", "DIR/no"), ("backup", "DIR", "DIR/no/x.db"),
    ("import", "DIR/no", "--out", "DIR/x"),
    ("import", "DIR", "--mapping", "DIR/no.yaml", "--out", "DIR/x"),
    ("roster", "check", "DIR", "DIR/no.csv"), ("roster", "read", "DIR", "DIR/no.xlsx"),
    ("roster", "diff", "DIR", WEEK, "DIR/no"), ("events", "send", "DIR", "DIR/no.jsonl"),
    ("roster", "ics", "DIR", "--week", WEEK, "--out", "DIR/x", "--before", "DIR/no.csv"),
    ("publish", "DIR", "--week", WEEK, "--from", "DIR/no"),
    ("roster", "why", "DIR", "nobody", "2026-12-01"),
    ("roster", "absent", "DIR", "nobody", "2026-12-01"),
    ("roster", "undo", "DIR", "--week", WEEK, "--by", "nobody"),
    ("roster", "candidates", "DIR", "nobody@2026-12-01"),
    ("roster", "swap", "DIR", DUTY, "nobody@2026-12-01"),
    ("roster", "edit", "DIR", "--week", WEEK, "--duty", DUTY, "--team", "nobody"),
    ("log", "DIR", "--squadron", "nobody"), (*NEW, "--unit", "nobody"),
    ("command", "DIR", "end-shift", "--unit", "nobody"), ("order", "why", "DIR", "D9.9"),
    (*NEW, "--place", "nowhere"), (*NEW, "--junction", "nowhere"),
    ("roster", "missing", "DIR", "--week", "2026-W30"),
]  # fmt: skip
"""Well said, but nobody and nothing has that name."""
UNREADABLE = [
    ("roster", "missing", "DIR", "--week", "2026-49"), ("publish", "DIR", "--week", "next"),
    ("roster", "why", "DIR", "o1", "tomorrow"), ("roster", "absent", "DIR", "o1", "1.12."),
    ("roster", "candidates", "DIR", "noon"), ("log", "DIR", "--since", "noon"),
    ("log", "DIR", "--kind", "nothing"), ("events", "sample", "nothing"),
    ("events", "schema", "nothing"), ("command", "DIR", "nothing"), (*NEW[:-1], "nothing"),
    ("roster", "extra", "DIR", "--squadron", "s1", "--from", "2026-12-01T08:00",
     "--to", "2026-12-01T10:00", "--kind", "nothing"),
    ("roster", "fairness", "DIR", "--since", "spring"), ("log", "DIR", "--nothing"),
    ("plan", "DIR", "--week", WEEK, "--out", "DIR/x", "--since", "noon"), ("nothing",),
]  # fmt: skip
"""No date, no week, no word of a list that the program has."""


def code_of(told: tuple[str, ...], typed: Typed, tmp_path: Path) -> int:
    """Of a command about a small district with its week."""
    folder = small_district(tmp_path / "d")
    district = load(folder)
    kept = folder / "roster" / WEEK
    write_week(district, week_of(district, WEEK), kept)
    write_needs(district, WEEK, kept)
    shown = typed(*(one.replace("DIR", str(folder)) for one in told))
    assert shown.err.strip() or shown.out.strip()
    return shown.code


@pytest.mark.parametrize("told", NOT_THERE, ids=" ".join)
def test_what_is_not_there_is_1(told: tuple[str, ...], typed: Typed, tmp_path: Path) -> None:
    """A file that is absent was 1 here and 2 there."""
    assert code_of(told, typed, tmp_path) == 1


@pytest.mark.parametrize("told", UNREADABLE, ids=" ".join)
def test_what_cannot_be_read_is_2(told: tuple[str, ...], typed: Typed, tmp_path: Path) -> None:
    """A kind of line that there is not was 1, a kind of duty 2."""
    assert code_of(told, typed, tmp_path) == 2
