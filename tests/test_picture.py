"""The picture of a console log: each character stands in its cells, whatever font a browser has."""

import re
import subprocess
import sys

import pytest
from conftest import ROOT

TEXT = re.compile(r'<text class="w" x="([^"]*)"[^>]*>([^<]*)</text>')


@pytest.fixture
def picture() -> str:
    """What the program draws of two lines."""
    lines = "07:12:35 派警 一中队 P002\n         缘由=抽调固定岗；次选P003\n"
    program = str(ROOT / "deploy" / "picture.py")
    return subprocess.run(  # noqa: S603 - the repository's own program
        [sys.executable, "-X", "utf8", program],
        input=lines, capture_output=True, encoding="utf-8", check=True,
    ).stdout  # fmt: skip


def test_wide_characters_are_two_cells_apart(picture: str) -> None:
    """Also two of them: one length for both would put all that is left between them."""
    told = {text: [int(x) for x in each.split()] for each, text in TEXT.findall(picture)}
    assert told["派警"] == [86, 102]
    assert list(told) == ["派警", "一中队", "缘由", "抽调固定岗；次选"]
    for text, each in told.items():
        assert [x - each[0] for x in each] == [16 * n for n in range(len(text))]


@pytest.mark.parametrize("name", ["picture.svg", "picture.zh-CN.svg"])
def test_the_pictures_of_the_pages_are_drawn_so(name: str) -> None:
    """Whoever reads on the web has no font of ours."""
    drawn = (ROOT / "docs" / name).read_text(encoding="utf-8")
    assert TEXT.search(drawn)
