"""Help and usage errors in Chinese: of every command, and whatever is typed wrongly."""

import inspect
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from typed import Typed, typed

import qinwu
from config import usage
from config.words import LANGUAGES, catalogue, cell_width

if TYPE_CHECKING:
    from typer._click import Command

__all__ = ["typed"]
SENTENCE = re.compile(r"\b[A-Za-z]+,? [a-z]+,? [a-z]+\b")
"""Three words in a row: English that nobody translated."""


def commands() -> Iterator[tuple[tuple[str, ...], "Command"]]:
    """Every command and sub-command with the words that call it."""
    yield (), qinwu._root()
    for name in qinwu.COMMANDS:
        found = qinwu._load(name)
        yield (name,), found
        for below, one in getattr(found, "commands", {}).items():
            yield (name, below), one


def english_in(shown: str) -> list[str]:
    """What looks like an English sentence; the command that is called is none."""
    return SENTENCE.findall(re.sub(r"(用法|帮助)：qinwu [a-z -]*", "", shown))


@pytest.fixture(name="english")
def _english(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """All that commands say of themselves and of their options, as it stands in code."""
    monkeypatch.setenv("QINWU_LANG", "en")
    texts = {"Show this message and exit."}
    for _, command in commands():
        parts = inspect.cleandoc(command.help or "").split("\n\n")
        texts |= {" ".join(part.split()) for part in parts if part}
        texts |= {p.help for p in command.params if p.help and not p.hidden}  # type: ignore[attr-defined]
    return texts


def test_every_help_text_has_its_chinese_and_no_chinese_is_left_over(english: set[str]) -> None:
    """A text that is rewritten in code needs a new translation; the old one is dead."""
    assert set(usage.texts()["help"]) == english


@pytest.mark.parametrize(("lang", "said"), [
    ("en", ["'--kind': 'crsh' is not one of 'crash', ", "'other'. Did you mean 'crash'?"]),
    ("zh-CN", ["'--kind' 的值有误：'crsh' 不在可选值之列：'crash' 交通事故", "是否要用 'crash'？"]),
])  # fmt: skip
def test_a_word_of_a_list_that_is_mistyped_is_told_the_nearest(
    lang: str, said: list[str], typed: Typed
) -> None:
    """And nothing of whoever validated it."""
    told = typed("--lang", lang, "incident", "new", "town", "--kind", "crsh").err
    assert [part for part in said if part not in told] == []
    assert "Value error" not in told


def test_a_kind_may_be_typed_by_its_name_and_is_told_the_word_for_it(typed: Typed) -> None:
    """Who thinks 交通事故 does not know which English word it is."""
    told = typed("--lang", "zh-CN", "incident", "new", "town", "--kind", "交通事故").err
    assert "'crash' 交通事故, 'congestion' 拥堵, " in told
    assert "是否要用 'crash'？" in told


@pytest.mark.parametrize("told", [" ".join(words) for words, _ in commands()])
def test_help_in_chinese_has_no_english_sentence(told: str, typed: Typed) -> None:
    """Titles, texts, kinds and defaults, of each command; no line is wider than a terminal."""
    shown = typed("--lang", "zh-CN", *told.split(), "--help")
    assert shown.code == 0
    assert shown.out.startswith("用法：")
    assert english_in(shown.out) == []
    for title in ("Usage", "Options", "Arguments", "Commands", "default", "required", "range"):
        assert title not in shown.out
    written = [line for line in shown.out.splitlines() if not line.lstrip().startswith("--")]
    assert max(map(cell_width, written)) <= 80


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("told", [" ".join(words) for words, _ in commands()])
def test_help_names_arguments_as_people_do(told: str, lang: str, typed: Typed) -> None:
    """Without braces, patterns and types of a program; in Chinese without English for them."""
    shown = typed("--lang", lang, *told.split(), "--help").out
    for mark in ("{", "[[", "%Y", "datetime", "range>", "x>=", "<=x"):
        assert mark not in shown or (lang == "en" and "x" in mark)
    if lang == "zh-CN":
        called = shown.splitlines()[0].removeprefix(f"用法：qinwu {told}".rstrip())
        assert not re.search("[A-Za-z]", called.replace(".xlsx", ""))
        placed = [name for name in usage.texts()["value"] if re.search(rf"\b{name} <", shown)]
        assert placed == []


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    "told", [" ".join(words) for words, one in commands() if hasattr(one, "commands")]
)
def test_no_command_of_a_list_is_cut(told: str, lang: str, typed: Typed) -> None:
    """Each says in one line of 80 cells what it is for."""
    shown = typed("--lang", lang, *told.split(), "--help").out
    [found] = [one for words, one in commands() if " ".join(words) == told]
    names: dict[str, object] = getattr(found, "commands")  # noqa: B009 - of groups alone
    head = catalogue(lang)["help.commands"]
    lines = re.split(rf"^{head}[:：]$", shown, flags=re.MULTILINE)[1].strip("\n").splitlines()
    assert [line.split()[0] for line in lines] == list(names)
    assert max(map(cell_width, lines)) <= 80
    assert "..." not in "".join(lines)


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ("nonsense", "没有命令 'nonsense'。"),
        ("plna", "没有命令 'plna'。是否要用 'play', 'plan'？"),
        ("--nonsense", "没有选项 --nonsense"),
        ("--lang fr", "'--lang' 的值有误：'fr' 不在可选值之列：'en', 'zh-CN'。"),
        ("check", "缺少参数 '文件夹'。"),
        ("check a b c", "多余的参数：b c"),
        ("check a --json=1", "选项 '--json' 不带值。"),
        ("plan a --wek x", "没有选项 --wek（相近的选项：--week）"),
        ("plan a", "缺少选项 '--week'。"),
        ("plan a --week", "选项 '--week' 需要一个值。"),
        ("plan a --week 2026-W49 --out x --seed x", "'--seed' 的值有误：应为整数"),
        ("plan a --week 2026-W49 --out x --time 0", "'--time' 的值有误：应不小于 1"),
        ("init a --today x", "'--today' 的值有误：'x' 不符合格式 'YYYY-MM-DD'。"),
        ("play a b --speed x", "'--speed' 的值有误：应为数字"),
        ("play a b --speed 9999", "'--speed' 的值有误：应不大于 3600"),
        ("incident new a", "缺少选项 '--kind'。可选："),
        ("incident new a --kind x", "'--kind' 的值有误：'x' 不在可选值之列："),
        ("roster whyy", "没有命令 'whyy'。是否要用 'why'？"),
    ],
)
def test_a_usage_error_is_told_in_chinese(told: str, says: str, typed: Typed) -> None:
    """Exit 2, on stderr, with how to get help; chosen by the environment."""
    shown = typed(*told.split(), lang="zh-CN")
    assert (shown.code, shown.out) == (2, "")
    assert f"错误：{says}" in shown.err
    assert english_in(shown.err) == []
    assert "Usage" not in shown.err


def test_the_language_is_known_before_anything_is_parsed(typed: Typed) -> None:
    """Help that is asked for first, or a fault beside it, speaks the language asked for, too."""
    assert typed("--help", "--lang", "zh-CN").out.startswith("用法：")
    assert "没有选项 --nonsense" in typed("--lang=zh-CN", "--nonsense").err
    assert typed("--lang", "en", "--help", lang="zh-CN").out.startswith("Usage: ")


def test_english_stays_as_it_is(typed: Typed) -> None:
    """After Chinese was spoken in the same process, too."""
    typed("plan", lang="zh-CN")
    shown = typed("plan", "a", "--wek", "x")
    assert shown.err.splitlines() == [
        "Usage: qinwu plan [OPTIONS] DIR",
        "Try 'qinwu plan --help' for help.",
        "",
        "Error: No such option: --wek (Possible options: --week)",
    ]


def test_lines_break_between_characters_but_not_before_a_full_stop() -> None:
    """Chinese has no blanks to break at."""
    assert list(usage.wrapped("把每人的勤务写成日历。", 20)) == ["把每人的勤务写成日", "历。"]
    assert list(usage.wrapped("use qinwu now", 9)) == ["use qinwu", "now"]
