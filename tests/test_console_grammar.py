"""The console line is parsed back without loss, in both languages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.words import cell_width, words
from dispatch.console.grammar import (
    KINDS,
    NotALine,
    Shown,
    escaped,
    from_text,
    to_text,
    unescaped,
)

LANGUAGES = ("en", "zh-CN")
NAMES = st.none() | st.text(min_size=1, max_size=12)
CLOCKS = st.none() | st.sampled_from(("00:00", "07:45", "23:59", "12-04 00:47"))


@st.composite
def shown_lines(draw: st.DrawFn) -> Shown:
    """Any line, hostile names included."""
    return Shown(
        draw(st.sampled_from(("07:42:12.207", "23:59:59.999"))),
        draw(st.sampled_from(("+08", "-0330"))),
        draw(st.sampled_from(KINDS)),
        **{name: draw(NAMES) for name in ("squadron", "unit", "order", "about", "place")},
        **{mark: draw(CLOCKS) for mark in ("due", "eta", "now", "arrived")},
        delta=draw(st.none() | st.sampled_from(("-01m", "+00m03", "+125m59"))),
        free=draw(st.text(max_size=20)),
    )


@pytest.mark.parametrize("lang", LANGUAGES)
@given(shown=shown_lines())
def test_a_line_is_parsed_back_without_loss(lang: str, shown: Shown) -> None:
    """Whatever stands in a name, every column and the free text come back."""
    say = words(lang)
    line = to_text(shown, say)
    assert "\n" not in line
    assert from_text(line, say) == shown


@pytest.mark.parametrize("unseen", ["\u115f\u1160", "\u3164", "\u2800", "\ufe0f", "\u200b"])
def test_what_nobody_can_see_is_written_as_its_number(unseen: str) -> None:
    """Fillers are letters to the program; an id of nothing else looked like no id at all."""
    for free in (False, True):
        assert escaped(f"a{unseen}b", free=free).isascii()
    assert unescaped(escaped(unseen)) == unseen


def test_the_line_of_the_domain_description_keeps_its_shape() -> None:
    """The example that dispatchers were promised, column by column."""
    shown = Shown(
        "07:42:12.207", "+08", "dispatch", "二中队", "P012", "D1042.0", "M07",
        "天目山路/莫干山路口", "07:45", "07:44", delta="-01m", free="why=nearest lawful of 4",
    )  # fmt: skip
    assert to_text(shown, words("en")).split() == [
        "07:42:12.207",
        "+08",
        "DISPATCH",
        "二中队",
        "P012",
        "D1042.0",
        ">",
        "M07",
        "天目山路/莫干山路口",
        "due",
        "07:45",
        "eta",
        "07:44",
        "-01m",
        "why=nearest",
        "lawful",
        "of",
        "4",
    ]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_kind_is_eight_cells_at_most_and_one_of_a_kind(lang: str) -> None:
    """A longer word would move the columns, an equal one could not be parsed back."""
    labels = [words(lang)(f"console.kind.{kind}") for kind in KINDS]
    assert max(map(cell_width, labels)) <= 8
    assert len(set(labels)) == len(KINDS)


@pytest.mark.parametrize(
    "line",
    ["", "hello", "07:42:12.207 +08 NOPE - - - > - -", "07:42:12.207 +08 CLEAR \\q - - > - -"],
)
def test_what_is_no_line_is_refused(line: str) -> None:
    """A reader of the log is told, not given half a line."""
    with pytest.raises(NotALine):
        from_text(line, words("en"))
