"""Names of roads in what people write: S20外环高速, Ｇ３１２ and 312国道 are found as the map's.

Only names that are known are looked for; what begins or ends inside another word is of a longer
name.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator

_BEFORE = frozenset("区县市镇乡省与和及跟同近靠距至到在于由从向往沿进过交口处侧号道、，。；：")
_WORD = re.compile(r"\w")
_NUMBER_BEFORE = re.compile(r"(?<![a-z0-9])[gsxyc]\d{1,4}$")
"""S20外环高速: a road's number stands before its name."""
_POST_BEFORE = re.compile(r"(?:(?<![a-z])[zy]?k ?\d{1,4}(?:\.\d+)?|\d ?\+ ?\d{3})[m米]?$")
"""K12+350外环高速: so may its km post."""
_SPELT = r"[^\W_\u2e80-\U0003ffff]"
"""A digit, or a letter of those that make words: Chinese has one word after the other."""
_WHOLE = rf"(?!(?<={_SPELT})(?![zy]?k\s*\d){_SPELT})"
"""Where a name ends: S2 is not in S20, nor Aragó in Aragónia; after 路, or before K12, anything
may follow."""
_RANKS = {"国": "g", "省": "s", "县": "x", "乡": "y"}
_NUMBERED = re.compile(
    r"(?<![a-z0-9])[gsxy]?(\d{1,4})\s?([国省县乡])道|([国省])道[gs]?(\d{1,4})(?!\d|号)"
)


def plain(text: str) -> str:
    """A text in one spelling: half-width, small letters, single blanks, g312 for 312国道."""
    text = unicodedata.normalize("NFKC", text).casefold()
    text = _NUMBERED.sub(_numbered, text).replace("高速公路", "高速")
    return " ".join(text.split())


def _numbered(found: re.Match[str]) -> str:
    return f"{_RANKS[found[2] or found[3]]}{found[1] or found[4]} "  # 312国道123公里: apart


class RoadNames:
    """The names that are known, in one spelling, and how the district writes each."""

    def __init__(self, names: Iterable[str]) -> None:
        """Take the names; of two that are spelled alike the first is how it is written."""
        self.written: dict[str, str] = {}
        for name in names:
            self.written.setdefault(plain(name), name)
        longest_first = sorted(self.written, key=lambda name: (-len(name), name))
        any_name = "|".join(map(re.escape, filter(None, longest_first))) or r"(?!)"
        self._names = re.compile(f"(?:{any_name}){_WHOLE}")

    def within(self, text: str) -> Iterator[tuple[int, str]]:
        """Where a `plain` text names roads, and which, as they are spelled there."""
        end = 0
        for found in self._names.finditer(text):
            at = found.start()
            before = text[at - 1 : at]
            apart = at == end or before in _BEFORE or not _WORD.match(before)
            apart |= bool(_NUMBER_BEFORE.search(text, max(0, at - 6), at))
            if apart or _POST_BEFORE.search(text, max(0, at - 12), at):
                yield at, found[0]
                end = found.end()
