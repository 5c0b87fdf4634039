"""Who and what is named on the command line: by id or name; a slip is told the nearest."""

from pathlib import Path

import pytest
from districts import WEEK, small_district
from planned import week_of, write_week
from typed import Typed, typed

from config.district import load
from config.errors import NotFound
from config.named import chosen, closest
from config.words import LANGUAGES, words

__all__ = ["typed"]
NAMES = {"o1": "张伟", "o2": "李娜", "o3": "张伟", "o4": None}
NEW = ("incident", "new", "DIR", "--kind", "crash")


def test_an_id_or_a_name_that_one_has_is_taken() -> None:
    """People say names."""
    assert (chosen("o3", NAMES, "f"), chosen("李娜", NAMES, "f")) == ("o3", "o2")


def test_a_name_that_several_have_needs_the_id() -> None:
    """Each id is told."""
    with pytest.raises(NotFound) as several:
        chosen("张伟", NAMES, "f")
    assert (several.value.key, several.value.fields["choices"]) == ("named.several", "o1, o3")


def test_three_of_many_and_all_of_few_are_told() -> None:
    """Short ids are like none of the others: s9 has half of s1."""
    many = {f"n{n:04d}": f"n{n:04d}" for n in range(2_000)}
    assert len(closest("n012", many)) == 3
    with pytest.raises(NotFound) as few:
        chosen("z", {"s1": "一中队", "s2": "二中队"}, "f")
    assert few.value.fields["near"] == "s1 一中队, s2 二中队"
    with pytest.raises(NotFound) as none:
        chosen("zzzz", dict.fromkeys(many), "f")
    assert none.value.key == "named.no_at_all"


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    ("told", "code", "near"),
    [
        (("roster", "ics", "DIR", "--week", WEEK, "--out", "DIR/x", "--person", "o01"), 1, "o1"),
        (("roster", "absent", "DIR", "0o1", "2026-12-01"), 1, "o1"),
        (("roster", "absent", "DIR", "o1", "2026/12/1"), 2, "2026-12-01"),
        (("plan", "DIR", "--week", "2026W49", "--out", "DIR/x"), 2, "2026-W49"),
        (("publish", "DIR", "--week", "2026-49"), 2, "2026-W49"),
        (("roster", "json", "DIR", "--week", "2026-W9"), 2, "2026-W09"),
        (("log", "DIR", "--squadron", "s9"), 1, "s1"),
        (("log", "DIR", "--kind", "wacth"), 2, "WATCH"),
        ((*NEW, "--place", "p11"), 1, "p1"),
        ((*NEW, "--junction", "n00x"), 1, "n00"),
        ((*NEW, "--text", "x", "--squadron", "s11"), 1, "s1"),
        ((*NEW, "--unit", "t11"), 1, "t1"),
        (("command", "DIR", "end-shift", "--unit", "t11"), 1, "t1"),
    ],
)
def test_a_slip_is_told_the_nearest(
    told: tuple[str, ...], code: int, near: str, lang: str, typed: Typed,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:  # fmt: skip
    """Of a person, a week, a day, a squadron, a kind, a place, a junction and a unit."""
    folder = small_district(tmp_path_factory.mktemp("named") / "d")
    district = load(folder)
    write_week(district, week_of(district, WEEK), folder / "roster" / WEEK)
    shown = typed(*(one.replace("DIR", str(folder)) for one in told), lang=lang)
    assert (shown.code, shown.out) == (code, "")
    near = words(lang)("console.kind.watch") if near == "WATCH" else near
    assert near in shown.err.partition("；" if lang == "zh-CN" else "; ")[2]
    assert not (folder / "duty.db").exists()


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("where", [
    ("--junction", "莫干山路/天目山路"), ("--junction", "莫干山路"), ("--junction", "?"),
    ("--junction", "莫干山路K900"), ("--section", "?", "--km", "1"), ("--place", "???"),
])  # fmt: skip
def test_who_locates_is_told_which_command_takes_words(
    where: tuple[str, ...], lang: str, typed: Typed, tmp_path: Path
) -> None:
    """`command locate` has no --text, which it advised."""
    folder = small_district(tmp_path / "d")
    shown = typed("command", folder, "locate", "--incident", "i", *where, lang=lang)
    assert shown.code == 1
    assert shown.err.count("--text") == shown.err.count("incident new --text") == 1
