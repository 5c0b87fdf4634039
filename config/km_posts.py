"""Km posts 公里桩 as people write them, and the known post nearest to one.

G312国道K123+400, 沪宁高速123公里400米, 123km+400m: one reading for a ledger and for the desk.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from config.road_names import RoadNames, plain
from config.tables import PlaceRow

KM_POST_KM = 1.0
"""How far the known km post may be from the one that is named."""
_POST = re.compile(r"""
    (?: (?P<k> (?<![a-z]) [zy]?k) \s* | (?<![\d.+]) )
    (?P<km> \d{1,4} (?:\.\d+)?) (?!\d) \s*
    (?P<unit> 公里 | 千米 | km)? \s*
    (?: \+ \s* (?P<plus> \d{1,4}) (?!\d) (?: \s* [米m] )? | (?P<metres> \d{1,3}) \s* [米m] )?
""", re.VERBOSE)  # fmt: skip
_AWAY = re.compile(r"(?:[东南西北]侧?|[前后]方|约|距离?)\s*$")
_BOUND = re.compile(r"[由从自][东南西北]{1,2}[向往至到][东南西北]{1,2}\s*$")
"""路口向东2公里 tells how far off; 由东向西123公里 which way they drove."""
_OWN_NAME = re.compile(r"(?<=[0-9])\s?[^\W\d与和及跟同近至到]{1,8}?(?:高速|公路|[路线])")
"""G42沪蓉高速: behind a road's number its name."""
_ANOTHER = re.compile(r"高速|公路|大道|街|[国省县乡]道|路(?![段面肩侧])|(?<![a-z0-9])[gsxy]\d")
"""What names another road between a road and a post, whose post it then is."""


@dataclass(frozen=True, slots=True)
class Told:
    """A km post that a text names, and what is known there.

    section: Its road as the district writes it; None where the text names none that has posts.
    km: Kilometre on the road.
    row: The known post nearest to it; None where none is within `KM_POST_KM`.
    first, last: Kilometres of the section's first and last known post.
    """

    section: str | None
    km: float
    row: PlaceRow | None = None
    first: float = 0.0
    last: float = 0.0

    def known(self) -> str:
        """The section and its known posts: G312 K100–K130."""
        return f"{self.section} {post_text(self.first)}–{post_text(self.last)}"


class KmPosts:
    """The known km posts of a district or a map, by road."""

    def __init__(self, places: Iterable[PlaceRow], roads: Iterable[str] = ()) -> None:
        """Take the places, of which only km posts count, and the names of roads without any."""
        self._rows: dict[str, list[PlaceRow]] = {}
        for row in places:
            if row.kind == "km_post" and row.section and row.km is not None:
                self._rows.setdefault(plain(row.section), []).append(row)
        names = (rows[0].section or "" for rows in self._rows.values())
        self._names = RoadNames([*names, *roads])

    def find(self, text: str) -> Told | None:
        """The km post that a text names; None where it names none."""
        text = plain(text)
        post = _post_in(text)
        if post is None:
            return None
        at, km = post
        road = self._road_at(text, at)
        return Told(None, km) if road is None else self.on(road, km)

    def on(self, section: str, km: float) -> Told:
        """The km post of a section, however the name is spelled."""
        rows = self._rows.get(plain(section), [])
        if not rows:
            return Told(None, km)
        kms = [row.km or 0.0 for row in rows]
        return Told(rows[0].section, km, nearest_post(rows, km), min(kms), max(kms))

    def _road_at(self, text: str, at: int) -> str | None:
        """The road whose post a text names there: the last before, without another in between."""
        named = list(self._names.within(text))
        before = [(start, name) for start, name in named if start < at]
        if not before:  # K12+350 外环高速
            first = not re.search(r"\w", text[:at].replace("桩号", ""))
            return named[0][1] if named and first else None
        start, road = before[-1]
        own = _OWN_NAME.match(text, start + len(road), at)
        end = own.end() if own else start + len(road)
        return None if _ANOTHER.search(text, end, at) else road


def nearest_post(rows: Iterable[PlaceRow], km: float) -> PlaceRow | None:
    """The km post of one section's that is nearest to a kilometre, at most `KM_POST_KM` off."""
    far = [(abs(row.km - km), row.place, row) for row in rows if row.km is not None]
    far_km, _, row = min(far, key=lambda one: one[:2], default=(2 * KM_POST_KM, "", None))
    return row if far_km <= KM_POST_KM else None


def section_post(rows: Iterable[PlaceRow], section: str, km: float) -> PlaceRow | None:
    """The known km post nearest to a kilometre of a section that is named as places.csv does."""
    return nearest_post((r for r in rows if r.kind == "km_post" and r.section == section), km)


def read_km(text: str) -> float | None:
    """The kilometre of 12.35, K12+350, １２公里; None where a text is none."""
    found = _POST.fullmatch(plain(text).removesuffix("处").strip())
    return None if found is None else _km(found)


def post_text(km: float) -> str:
    """How a kilometre is written on its post: K12+350."""
    whole, metres = divmod(round(km * 1000), 1000)
    return f"K{whole}+{metres:03d}" if metres else f"K{whole}"


def _post_in(text: str) -> tuple[int, float] | None:
    """Where a `plain` text names a km post, and which: a bare number is none."""
    for found in _POST.finditer(text):
        if found["k"] or len(found["plus"] or "") == 3:
            return found.start(), _km(found)
        before = text[: found.start()]
        if found["unit"] and (_BOUND.search(before) or not _AWAY.search(before)):
            return found.start(), _km(found)
    return None


def _km(found: re.Match[str]) -> float:
    return round(float(found["km"]) + int(found["plus"] or found["metres"] or 0) / 1000, 3)
