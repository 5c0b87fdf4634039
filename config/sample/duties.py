"""What people decide: fixed duties, pinned points, must-correct rules, strict roads, registers."""

import hashlib
import hmac
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from config.sample import names
from config.sample.draws import stream
from config.sample.places import Places, node_id
from config.sample.town import Town
from config.tables import DutyRow, HazardRow, MustArriveRow, MustCorrectRow, StrictRoadRow, WatchRow

IntArray = NDArray[np.int64]

WORKDAYS, WEEK_END, ALL_DAYS = (1, 2, 3, 4, 5), (6, 7), (1, 2, 3, 4, 5, 6, 7)
OVERLOAD_POST = "w15"
STANDING = ("fixed", "peak", "school")
"""Kinds of duty that a squadron's units man between calls."""
HAZARDS, OPEN_HAZARDS = 203, 14
HAZARD_KINDS = (
    "视线遮挡",
    "标线缺失",
    "信号灯损坏",
    "护栏缺口",
    "路面坑槽",
    "急弯无警示",
    "照明缺失",
)
WATCHED = (("overdue_inspection", 38), ("overload", 9), ("scrapped", 16), ("muck_truck", 18),
           ("hit_and_run", 4), ("national_3_diesel", 9))  # fmt: skip
MONTHS_AHEAD = 14


def make_duties(places: Places, today: date) -> list[DutyRow]:
    """All rows of duties.csv."""
    order = [name for name, _ in names.SQUADRONS]
    of = {row.place: order[int(places.squadron[int(row.node[1:])])] for row in places.places}
    cells = [*_by_place(places, of), *_by_squadron(order, of["hall"]), *_joint(places, of, today)]
    return [DutyRow.model_validate(row) for row in cells]


def _by_place(places: Places, of: Mapping[str, str]) -> Iterator[Mapping[str, Any]]:
    """Schools on school days, main junctions at the peaks of workdays."""
    for row in places.places:
        if row.kind == "school":
            base = {"squadron": of[row.place], "kind": "school", "place": row.place,
                    "weekdays": ALL_DAYS, "school_days": "1"}  # fmt: skip
            yield base | {"duty": f"school-{row.place}-am", "start": "07:10", "end": "08:20"}
            yield base | {"duty": f"school-{row.place}-pm", "start": "16:00", "end": "17:20"}
    for number, place in enumerate(_peaks(places, of), start=1):
        base = {"squadron": of[place], "kind": "peak", "place": place, "weekdays": WORKDAYS}
        yield base | {"duty": f"peak{number}-am", "start": "07:00", "end": "09:00"}
        yield base | {"duty": f"peak{number}-pm", "start": "17:00", "end": "19:00"}


def _by_squadron(order: Sequence[str], hall: str) -> Iterator[Mapping[str, Any]]:
    """The overload check, the service desk at week-ends, leaders and stand-bys of every day."""
    yield {"duty": "overload-check", "squadron": "s3", "kind": "fixed", "weekdays": (2, 4),
           "start": "20:00", "end": "00:00", "post": OVERLOAD_POST}  # fmt: skip
    yield {"duty": "desk", "squadron": hall, "kind": "desk", "weekdays": WEEK_END,
           "start": "09:00", "end": "16:30", "place": "hall", "skills": ("desk",)}  # fmt: skip
    for name in order:
        base = {"squadron": name, "weekdays": ALL_DAYS, "post": f"st{name[1:]}"}
        yield base | {"duty": f"leader-{name}", "kind": "leader", "start": "09:00",
                      "end": "15:00", "skills": ("leader",)}  # fmt: skip
        yield base | {"duty": f"stand-by-{name}", "kind": "stand_by", "start": "18:00",
                      "end": "22:00"}  # fmt: skip


def _peaks(places: Places, of: Mapping[str, str]) -> list[str]:
    """Junctions of main streets that are manned at peaks: two of each town squadron, one else."""
    main = {
        "中华路",
        "当代路",
        "人民路",
        "学府路",
        "东风路",
        "迎宾大道",
        "西环路",
        "东环路",
        "栾河路",
    }
    found: dict[str, list[str]] = {}
    for row in places.places:
        if row.kind == "junction" and set(row.name.removesuffix("口").split("/")) <= main:
            found.setdefault(of[row.place], []).append(row.place)
    return [place for name, count in (("s1", 2), ("s2", 2), ("s3", 1), ("s4", 1))
            for place in found[name][len(found[name]) // 2 :][:count]]  # fmt: skip


def _joint(places: Places, of: Mapping[str, str], today: date) -> Iterator[Mapping[str, Any]]:
    """The monthly joint operation 联合行动 on 中华路: every month's second Thursday."""
    place = next(row.place for row in places.places if row.kind == "junction"
                 and "中华路" in row.name and "当代路" in row.name)  # fmt: skip
    for number in range(-1, MONTHS_AHEAD - 1):
        year, month = divmod(today.year * 12 + today.month - 1 + number, 12)
        first = date(year, month + 1, 1)
        day = first + timedelta(days=(3 - first.weekday()) % 7 + 7)
        yield {"duty": f"joint-{day:%Y-%m}", "squadron": of[place], "kind": "operation", "on": day,
               "start": "19:00", "end": "23:00", "teams": 2, "place": place}  # fmt: skip


def standing_units(duties: list[DutyRow]) -> IntArray:
    """Units at schools, peaks and fixed posts in a school week, shape (squadrons, 168)."""
    order = [name for name, _ in names.SQUADRONS]
    units = np.zeros((len(order), 168), dtype=np.int64)
    for row in duties:
        if row.kind not in STANDING:
            continue
        end = row.end.hour + (row.end.minute > 0) if row.end > row.start else 24
        for day in row.weekdays if row.school_days == "0" else WORKDAYS:
            units[order.index(row.squadron), 24 * (day - 1) + row.start.hour : 24 * (day - 1) + end] += row.teams  # fmt: skip # noqa: E501
    return units


def make_pinned(places: Places) -> list[MustArriveRow]:
    """Points that people pinned: bars on nights before days off, the ring, markets, schools."""
    km = [row.place for row in places.places if row.place.startswith("km")]
    found: list[Mapping[str, Any]] = []
    for place in ("bar1", "bar2", "bar3", "bar4"):
        found += [
            {"id": f"pin-{place}-{day}", "place": place, "weekday": day, "window_start": "21:00",
             "window_end": "23:30", "reason": "夜间餐饮集中", "must_correct": ("酒驾醉驾",)}
            for day in (5, 6)
        ]  # fmt: skip
    found += [
        {"id": f"pin-{place}-{day}", "place": place, "weekday": day, "window_start": "14:00",
         "window_end": "16:00", "reason": "大外环新开通", "must_correct": ("超速", "疲劳驾驶")}
        for place, day in zip(km[::3], (1, 2, 3, 4, 5, 7), strict=False)
    ]  # fmt: skip
    found += [
        {"id": f"pin-{place}-{day}", "place": place, "weekday": day, "window_start": "09:00",
         "window_end": "11:00", "dwell_min": 15, "reason": "集市", "must_correct": ("非标电动车",)}
        for place, day in (("vil5", 6), ("vil3", 7), ("vil8", 6))
    ]  # fmt: skip
    return [MustArriveRow.model_validate(row) for row in found]


def make_rules() -> tuple[list[MustCorrectRow], list[StrictRoadRow]]:
    """Must-correct violations pinned by people, and the strict-control roads."""
    correct = (("s1", "未戴头盔", 7, 9), ("s2", "酒驾醉驾", 20, 24), ("s2", "未戴头盔", 16, 19),
               ("s3", "超载", 0, 6), ("s3", "抛洒遗漏", 6, 12), ("s4", "超速", 9, 16))  # fmt: skip
    rows = [MustCorrectRow(squadron=squadron, violation=name, hour_from=start, hour_to=end)
            for squadron, name, start, end in correct]  # fmt: skip
    return rows, [StrictRoadRow(section="栾河路", reason="货车超载、抛洒"),
                  StrictRoadRow(section="当代路", reason="事故多发")]  # fmt: skip


def make_hazards(seed: int, town: Town, today: date) -> list[HazardRow]:
    """The hazards of half a year: found, nearly all rectified and verified."""
    random = stream(seed, "hazards")
    found = []
    for number in range(HAZARDS):
        node = int(random.integers(len(town.x_m)))
        day = today - timedelta(days=1 + (HAZARDS - 1 - number) * 180 // HAZARDS)
        after = min(day + timedelta(days=int(random.integers(3, 28))), today - timedelta(days=1))
        still = number >= HAZARDS - OPEN_HAZARDS
        found.append(HazardRow(
            hazard=f"hz{number + 1:03d}", node=node_id(node), found=day,
            kind=HAZARD_KINDS[int(random.integers(len(HAZARD_KINDS)))],
            due=day + timedelta(days=30), verified=None if still else after,
        ))  # fmt: skip
    return found


def plate_key(seed: int) -> bytes:
    """Key of the plates' hashes. From the seed, since the plates are made up; a real brigade's
    key is random and kept out of the district's folder by its rights."""  # noqa: D205, D209
    return stream(seed, "plates").bytes(32)


def plate_hash(key: bytes, plate: str) -> str:
    """Keyed hash of a plate, as it stands in watchlist.csv: HMAC-SHA-256, hex."""
    return hmac.new(key, plate.encode(), hashlib.sha256).hexdigest()


def made_up_plate(number: int) -> str:
    """A plate that no authority gives out."""
    return f"测B{number:05d}"


def make_watchlist(seed: int, today: date) -> list[WatchRow]:
    """Listed vehicles; the plates themselves stand nowhere."""
    key, random = plate_key(seed), stream(seed, "watchlist")
    reasons = [reason for reason, count in WATCHED for _ in range(count)]
    rows = []
    for number, reason in enumerate(reasons, start=1):
        since = today - timedelta(days=int(random.integers(1, 120)))
        rows.append(WatchRow(
            entry=f"W{number:03d}", plate_hash=plate_hash(key, made_up_plate(number)),
            reason=reason, priority=1 if reason == "hit_and_run" else 2 + number % 2,
            since=since, until=since + timedelta(days=365),
        ))  # fmt: skip
    return rows
