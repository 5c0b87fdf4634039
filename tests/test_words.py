"""The words: both languages whole, nothing said to people past them, widths of a terminal."""

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st
from sources import files, nodes, together

from config import words as module
from config.words import LANGUAGES, catalogue, cell_width, clip, language, pad, words

SOURCES = [*ROOT.glob("qinwu*.py"), *files()]
TROUBLE = {"QinwuError", "NotFound", "Impossible"}
PRINTERS = {"print", "echo", "secho"}


def holes(text: str) -> set[str]:
    """Names of a template's placeholders."""
    return {
        name.split(".")[0].split("[")[0] for _, name, _, _ in string.Formatter().parse(text) if name
    }


def calls(names: set[str]) -> Iterator[tuple[str, ast.Call]]:
    """Calls of these functions in the program's sources, each with its place."""
    for file in SOURCES:
        for node in nodes(file):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                inner = node.func.func if isinstance(node.func, ast.Call) else None
                name = "say" if getattr(inner, "id", "") == "words" else name
                if name in names:
                    yield f"{file.relative_to(ROOT)}:{node.lineno}", node


def test_both_languages_have_the_same_keys_and_placeholders() -> None:
    """A text that is missing, or asks for another field, would crash at night only."""
    english, chinese = (catalogue(lang) for lang in LANGUAGES)
    assert sorted(english) == sorted(chinese)
    assert {key: holes(english[key]) for key in english} == {
        key: holes(chinese[key]) for key in chinese
    }


def test_the_files_that_are_read_for_a_key_hold_it() -> None:
    """A text is looked up in the files that name the first part of its key, not in all."""
    for lang in LANGUAGES:
        for key, text in catalogue(lang).items():
            assert module._some(lang, key.partition(".")[0])[key] == text


def test_no_text_is_empty() -> None:
    """An empty text is a forgotten one."""
    empty = [(lang, key) for lang in LANGUAGES for key, text in catalogue(lang).items() if not text]
    assert empty == []


def test_chinese_is_chinese() -> None:
    """A text with letters in it that nobody translated stands the same in both."""
    english, chinese = (catalogue(lang) for lang in LANGUAGES)
    same = {key for key, text in english.items() if text == chinese[key]}
    prose = {key for key in same if len(english[key].split()) > 2 and "qinwu " not in english[key]}
    assert prose == set()


@together
def test_every_key_that_code_names_is_in_the_catalogue_with_its_fields() -> None:
    """Keys and fields of `say(...)` and of raised trouble, as far as they are literals."""
    texts, wrong, seen = catalogue("en"), [], 0
    for place, call in calls({"say"} | TROUBLE):
        named = [k.value for k in call.keywords if k.arg == "key"]
        key = next(iter(call.args or named), None)
        if not isinstance(key, ast.Constant) or not isinstance(key.value, str):
            continue
        seen += 1
        given_ = {k.arg for k in call.keywords}
        if key.value not in texts:
            wrong.append(f"{place}: {key.value} is not there")
        elif None not in given_ and (lacking := holes(texts[key.value]) - given_):
            wrong.append(f"{place}: {key.value} lacks {sorted(lacking)}")
    assert wrong == []
    assert seen > 20  # else this test looks past the code


def said() -> tuple[set[str], re.Pattern[str]]:
    """All literal texts of the sources, and what a key that is put together there looks like."""
    literal, made = set[str](), set[str]()
    for page in (ROOT / "scheduler" / "templates").glob("*.j2"):
        literal.update(re.findall(r'say\("([\w.-]+)"', page.read_text(encoding="utf-8")))
    for file in SOURCES:
        for node in nodes(file):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                literal.add(node.value)
            elif isinstance(node, ast.JoinedStr):
                parts = [p.value if isinstance(p, ast.Constant) else None for p in node.values]
                known = [str(part) for part in parts if part is not None]
                if any(re.fullmatch(r"[\w.]*[._][\w.]*", part) and len(part) > 3 for part in known):
                    made.add("".join(".+" if p is None else re.escape(str(p)) for p in parts))
    return literal, re.compile("|".join(f"(?:{one})" for one in made))


@together
def test_every_key_of_the_catalogue_is_named_by_code() -> None:
    """A text that nothing says any more is read and translated for nobody."""
    literal, made = said()
    dead = [key for key in catalogue("en") if key not in literal and not made.fullmatch(key)]
    assert dead == []


@together
def test_nothing_is_printed_past_the_words() -> None:
    """No literal text in output paths."""
    seen = list(calls(PRINTERS))
    literal = [
        place for place, call in seen for part in call.args
        if isinstance(part, (ast.Constant, ast.JoinedStr))
        and any(isinstance(n, ast.Constant) and any(map(str.isalpha, str(n.value)))
                for n in ast.walk(part))
    ]  # fmt: skip
    assert literal == []
    assert len(seen) > 10  # else this test looks past the code


@pytest.mark.parametrize(
    ("variables", "spoken"),
    [
        ({"QINWU_LANG": "zh-CN", "LC_ALL": "en_US.UTF-8"}, "zh-CN"),
        ({"QINWU_LANG": "en", "LC_ALL": "zh_CN.UTF-8"}, "en"),
        ({"LC_ALL": "zh_CN.UTF-8"}, "zh-CN"),
        ({"LANG": "zh_CN.GB18030"}, "zh-CN"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({}, "en"),
    ],
)
def test_the_language_is_the_users(
    variables: dict[str, str], spoken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was told, else the locale; zh of any kind is zh-CN, all others English."""
    for name in ("QINWU_LANG", "LC_ALL", "LC_CTYPE", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert language() == spoken
    assert words()("help.commands") == catalogue(spoken)["help.commands"]


def test_a_key_twice_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two parts that define one key would overwrite each other by the order of their names."""
    (tmp_path / "xx").mkdir()
    for part in ("a", "b"):
        (tmp_path / "xx" / f"{part}.toml").write_text('[s]\nkey = "x"\n')
    monkeypatch.setattr(module, "FOLDER", tmp_path)
    with pytest.raises(ValueError, match=r"s\.key"):
        catalogue("xx")


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("", 0),
        ("duty", 4),
        ("勤务", 4),
        ("A1勤", 4),
        ("é", 1),
        ("e\u0301", 1),
        ("𠮷", 2),
        ("（）", 4),
    ],
)
def test_width_in_cells(text: str, cells: int) -> None:
    """Chinese takes two cells, a combining mark none."""
    assert cell_width(text) == cells


TEXTS = st.text(st.sampled_from("a勤𠮷é\u0301 （"), max_size=12)


@given(text=TEXTS, cells=st.integers(2, 20))
def test_clipped_and_padded_fills_a_column(text: str, cells: int) -> None:
    """Never wider; exactly as wide after padding; whole when it fits."""
    short = clip(text, cells)
    assert cell_width(short) <= cells
    assert cell_width(pad(short, cells)) == cells
    assert (short == text) == (cell_width(text) <= cells)
