"""Km posts 公里桩 as people write them, and the known post nearest to one.

G312国道K123+400, 沪宁高速123公里400米, 123km+400m: one reading for a ledger and for the desk.
"""

import re
from collections.abc import Iterable, Sequence
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
_TOWN = r"[^\W\d由从自往向去至到过距离约前后站口门处]"
"""A letter of what 上海方向 names; 江桥往西 or 收费站 would be where a distance begins."""
_ALONG = re.compile(rf"""
    (?: [\s,:()第] | 桩号 | (?:里程|公里)桩? | 主?线 | [上下]行 | [内外][圈环]
    | [左右东南西北]半?幅 | (?:[一二三四\d] | 应急)车道 | 方向 | 行驶?[至到]
    | [由从自]? [东南西北]{{1,2}} [向往至到] [东南西北]{{1,2}}
    | [往向去]? (?![东南西北]{{2}}方向)
      (?: {_TOWN}{{2}} | {_TOWN}{{2,3}} (?![东南西北]) {_TOWN} ) 方向
    | (?:north|south|east|west)bound )*+
""", re.VERBOSE)  # fmt: skip
"""What may stand between a road and its 123公里: which way they drove, 由东向西.

路口向东2公里 tells how far off."""
_FROM = re.compile(r"(?:距\w*|离|(?<![经通])过)\s?(?:[gsxyc]\d{1,4}\s?)?$")
"""距沪宁高速2公里: so far from the road, not on it."""
_MEASURE = re.compile(
    r"\s*(?:/?\s*(?:h|小?时)|每|[限测超时]速|以?[内外](?![侧圈环])|范围|[长远]|拥堵|缓行)"
)
"""What makes a speed or a length of kilometres: 60km/h, 200公里以内."""
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
        named = list(self._names.within(text))
        for found in _POST.finditer(text):
            before = [one for one in named if one[0] < found.start()]
            if _is_marked(found):
                road = _road_at(text, found.start(), before or named)
                return Told(None, _km(found)) if road is None else self.on(road, _km(found))
            if found["unit"] and before and _is_along(text, before[-1], found):
                return self.on(before[-1][1], _km(found))
        return None

    def on(self, section: str, km: float) -> Told:
        """The km post of a section, however the name is spelled."""
        rows = self._rows.get(plain(section), [])
        if not rows:
            return Told(None, km)
        kms = [row.km or 0.0 for row in rows]
        return Told(rows[0].section, km, nearest_post(rows, km), min(kms), max(kms))


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


def _is_marked(found: re.Match[str]) -> bool:
    """Whether it is written as on a post: K123, 123+400; 123公里 may be a distance, too."""
    return bool(found["k"]) or len(found["plus"] or "") == 3


def _is_along(text: str, road: tuple[int, str], found: re.Match[str]) -> bool:
    """Whether kilometres are the road's own: right behind its name, or which way they drove."""
    if _FROM.search(text, 0, road[0]) or _MEASURE.match(text, found.end()):
        return False
    return bool(_ALONG.fullmatch(text, _name_end(text, road, found.start()), found.start()))


def _road_at(text: str, at: int, named: Sequence[tuple[int, str]]) -> str | None:
    """The road whose post a text names there: the last before, without another in between.

    Args:
        text: In the one spelling of `plain`.
        at: Where the post begins.
        named: The roads before it, and where; else those behind: K12+350 外环高速.
    """
    if not named:
        return None
    if named[0][0] > at:
        return None if re.search(r"\w", text[:at].replace("桩号", "")) else named[0][1]
    return None if _ANOTHER.search(text, _name_end(text, named[-1], at), at) else named[-1][1]


def _name_end(text: str, road: tuple[int, str], at: int) -> int:
    """Where the name of a road ends before a post, with what it is called behind its number."""
    end = road[0] + len(road[1])
    own = _OWN_NAME.match(text, end, at)
    return own.end() if own else end


def _km(found: re.Match[str]) -> float:
    return round(float(found["km"]) + int(found["plus"] or found["metres"] or 0) / 1000, 3)
