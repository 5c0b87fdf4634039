"""A tiny district made by hand, for the tests of every package.

    folder = small_district(tmp_path)
    district = config.district.load(folder)

Two squadrons, a grid of 6 × 5 junctions 300 m apart, 8 officers, 12 auxiliaries, so four teams
with two auxiliaries (lawful everywhere) and four with one (lawful on local roads).
"""

import csv
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from config.coordinates import Frame, from_wgs84
from config.district import check
from config.reading import write_rows
from config.settings import Crs
from config.tables import (
    BondRow,
    CalendarRow,
    DeviceRow,
    DutyRow,
    EdgeRow,
    HazardRow,
    LeaveRow,
    MustArriveRow,
    MustCorrectRow,
    NodeRow,
    PersonRow,
    PlaceRow,
    PostRow,
    Row,
    StrictRoadRow,
    VehicleRow,
    WatchRow,
)

COLUMNS, ROWS, SIDE_M = 6, 5, 300.0
MONDAY = date(2026, 11, 30)  # of 2026-W49
WEEK = "2026-W49"
NOW = datetime(2026, 11, 30, 4, tzinfo=UTC)
"""Monday noon in Shanghai."""
SQUADRONS = ("s1", "s2")
ORIGIN = {"origin_lon": 120.15, "origin_lat": 30.28}
_MADE: dict[tuple[Any, ...], dict[str, bytes]] = {}
"""The files of what this process made before: the same is written again as it was."""
_STREETS = ("栾河路", "当代路", "中华路", "莫干山路", "天目山路")
_AVENUES = ("学院路", "大外环", "文一路", "文二路", "文三路", "古墩路")


def small_district(
    folder: Path, *, monday: date = MONDAY, weeks: int = 2, lonlat: str = "WGS-84",
    straight_line: bool = False, **settings: Any,  # noqa: ANN401 - whatever settings.yaml takes
) -> Path:  # fmt: skip
    """Write the district into `folder` and give it back.

    Args:
        folder: Where to; made if absent.
        monday: First day of the calendar and of the duties with a date.
        weeks: How many weeks the calendar covers.
        lonlat: System of the nodes' degrees.
        straight_line: A district of cells without roads.
        settings: Parts of settings.yaml that replace the usual ones, e.g. `crew_law="all"`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    key = (monday, weeks, lonlat, straight_line, repr(settings))
    for name, content in _MADE.get(key, {}).items():
        (folder / name).write_bytes(content)
    if key in _MADE:
        return folder
    crs = {"lonlat": lonlat, "metric": "local", **ORIGIN}
    written: dict[str, Any] = {
        "brigade": "hz", "name": "试验大队", "synthetic": True, "time_zone": "Asia/Shanghai",
        "crs": crs, "crew_law": "by_class", "duty_officer": "o1",
        "squadrons": [{"id": "s1", "name": "一中队"}, {"id": "s2", "name": "二中队"}],
        "visits": {"per_week": 40},
        "night_check": {"least_units": 2, "points": 2},
    }  # fmt: skip
    if straight_line:
        written["travel"] = {"model": "straight_line", "cell_m": int(SIDE_M)}
    text = yaml.safe_dump(written | settings, allow_unicode=True, sort_keys=False)
    (folder / "settings.yaml").write_text(text, encoding="utf-8")
    rows: list[list[Any]] = [
        _nodes(crs), [] if straight_line else _edges(), _places(), _posts(), _people(), _bonds(),
        [LeaveRow(person="a12", since=monday + timedelta(2), until=monday + timedelta(3))],
        _vehicles(), [DeviceRow(device=f"pda{n}", squadron=_squadron(n)) for n in range(1, 9)],
        _duties(monday), _watchlist(),
        [HazardRow(hazard="h1", node="n23", kind="视线遮挡", found=monday - timedelta(20))],
        [] if straight_line else [StrictRoadRow(section="栾河路", reason="超载")],
        _must_arrive(),
        [MustCorrectRow(squadron="s1", violation="未戴头盔", hour_from=7, hour_to=9)],
        [_day(monday + timedelta(n)) for n in range(7 * weeks)],
    ]  # fmt: skip
    for kept in rows:
        if kept:
            write_rows(folder / type(kept[0]).file, kept)
    names = ("settings.yaml", *(type(kept[0]).file for kept in rows if kept))
    _MADE[key] = {name: (folder / name).read_bytes() for name in names}
    return folder


def edit(folder: Path, model: type[Row], record: int, **cells: str) -> int:
    """Overwrite cells of a record (0 is the first after the header); gives its line."""
    path = folder / model.file
    with path.open(encoding="utf-8-sig", newline="") as file:
        records = list(csv.DictReader(file))
    records[record] |= cells
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(records[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(records)
    return record + 2


def set_settings(folder: Path, **parts: Any) -> None:  # noqa: ANN401 - as above
    """Overwrite parts of settings.yaml; None takes a part out."""
    path = folder / "settings.yaml"
    held: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    merged = {key: value for key, value in (held | parts).items() if value is not None}
    path.write_text(yaml.safe_dump(merged, allow_unicode=True, sort_keys=False), encoding="utf-8")


def found(folder: Path, level: str = "error") -> list[tuple[str, int | None, int | None, str]]:
    """File, line, column and key of what `check` finds on that Monday, of one level."""
    return [
        (f.file, f.line, f.column, f.key.removeprefix("check."))
        for f in check(folder, NOW) if f.level == level
    ]  # fmt: skip


def node(column: int, row: int) -> str:
    """Id of a junction of the grid: column 0 to 5 from the west, row 0 to 4 from the south."""
    return f"n{column}{row}"


def _squadron(number: int) -> str:
    """Odd numbers belong to s1, even ones to s2."""
    return SQUADRONS[(number - 1) % 2]


def _nodes(crs: Mapping[str, Any]) -> list[NodeRow]:
    places = [(column, row) for column in range(COLUMNS) for row in range(ROWS)]
    x_m = np.array([(column - 2.5) * SIDE_M for column, _ in places])
    y_m = np.array([(row - 2.0) * SIDE_M for _, row in places])
    frame = Frame(Crs.model_validate(crs))
    lon, lat = from_wgs84(*frame.to_lonlat(x_m, y_m), str(crs["lonlat"]))
    return [
        NodeRow(node=node(column, row), x_m=float(x_m[at]), y_m=float(y_m[at]),
                lon=round(float(lon[at]), 7), lat=round(float(lat[at]), 7),
                squadron="s1" if column < COLUMNS // 2 else "s2")
        for at, (column, row) in enumerate(places)
    ]  # fmt: skip


def _edges() -> list[EdgeRow]:
    """Streets west to east, avenues south to north; 天目山路 is one-way, 莫干山路 an arterial."""
    edges: list[EdgeRow] = []
    for row, street in enumerate(_STREETS):
        for column in range(COLUMNS - 1):
            kind = "primary" if street == "莫干山路" else "residential"
            edges.append(EdgeRow(
                origin=node(column, row), to=node(column + 1, row), length_m=SIDE_M,
                seconds=20 if kind == "primary" else 30, patrol_seconds=40, road_class=kind,
                oneway="1" if street == "天目山路" else "0", section=street,
            ))  # fmt: skip
    for column, avenue in enumerate(_AVENUES):
        edges += [
            EdgeRow(origin=node(column, row), to=node(column, row + 1), length_m=SIDE_M,
                    seconds=25, patrol_seconds=36, road_class="tertiary", oneway="0",
                    section=avenue)
            for row in range(ROWS - 1)
        ]  # fmt: skip
    return edges


def _places() -> list[PlaceRow]:
    return [
        PlaceRow(place="p1", kind="junction", node=node(1, 3), name="莫干山路/大外环路口"),
        PlaceRow(place="p2", kind="school", node=node(0, 1), name="第一小学"),
        PlaceRow(place="p3", kind="bars", node=node(2, 2), name="酒吧街"),
        PlaceRow(place="p4", kind="gate", node=node(2, 4), name="天目山路卡口"),
        PlaceRow(place="p5", kind="junction", node=node(4, 3), name="莫干山路/文三路口"),
        PlaceRow(
            place="p6", kind="km_post", node=node(5, 2), name="大外环 K3", km=3, section="古墩路"
        ),
        PlaceRow(place="p7", kind="school", node=node(4, 0), name="实验中学"),
        PlaceRow(place="p8", kind="other", node=node(3, 1), name="窗口服务大厅"),
    ]


def _posts() -> list[PostRow]:
    return [
        PostRow(post="st1", node=node(1, 1), squadron="s1", name="一中队", station="1"),
        PostRow(post="st2", node=node(4, 2), squadron="s2", name="二中队", station="1"),
        PostRow(post="w1", node=node(0, 3), squadron="s1", name="学院路待命点"),
        PostRow(post="w2", node=node(5, 4), squadron="s2", name="古墩路待命点"),
    ]


def _people() -> list[PersonRow]:
    """Officers o1 to o8 lead teams t1 to t8; odd numbers are s1. Two leaders a squadron."""
    officers = [
        PersonRow(person=f"o{n}", squadron=_squadron(n), role="officer", team=f"t{n}",
                  skills=("car", "breath_test", *(("leader",) if n <= 4 else ("desk",))),
                  name=f"民警{n}", badge=f"B{n:04d}", phone=f"1380000{n:04d}")
        for n in range(1, 9)
    ]  # fmt: skip
    auxiliaries = [
        PersonRow(person=f"a{n}", squadron=_squadron(n), role="auxiliary", skills=("motorcycle",),
                  name="𠮷田" if n == 1 else f"辅警{n}")
        for n in range(1, 13)
    ]  # fmt: skip
    return officers + auxiliaries


def _bonds() -> list[BondRow]:
    """a1 to a8 to the officer of their number, a9 to a12 to o1 to o4."""
    return [BondRow(officer=f"o{n if n <= 8 else n - 8}", auxiliary=f"a{n}") for n in range(1, 13)]


def _vehicles() -> list[VehicleRow]:
    return [
        VehicleRow(vehicle=f"v{n}", squadron=_squadron(n), kind="car" if n <= 4 else "motorcycle",
                   seats=5 if n <= 4 else 2, plate=f"浙A{n:04d}警")
        for n in range(1, 9)
    ]  # fmt: skip


def _duties(monday: date) -> list[DutyRow]:
    cells: list[dict[str, Any]] = [
        {"duty": "school1", "squadron": "s1", "kind": "school", "weekdays": "1;2;3;4;5",
         "start": "07:00", "end": "13:00", "place": "p2", "school_days": "1"},
        {"duty": "school2", "squadron": "s2", "kind": "school", "weekdays": "1;2;3;4;5",
         "start": "07:00", "end": "13:00", "place": "p7", "school_days": "1"},
        {"duty": "desk", "squadron": "s2", "kind": "desk", "weekdays": "6", "start": "09:00",
         "end": "17:00", "place": "p8", "skills": "desk"},
        {"duty": "joint", "squadron": "s1", "kind": "operation",
         "on": monday + timedelta(3), "start": "20:00", "end": "02:00", "post": "w1"},
    ]  # fmt: skip
    return [DutyRow.model_validate(row) for row in cells]


def _watchlist() -> list[WatchRow]:
    return [
        WatchRow(entry="w-1", plate_hash="ab" * 32, reason="overload", priority=1),
        WatchRow(entry="w-2", plate_hash="cd" * 32, reason="overdue_inspection"),
    ]


def _must_arrive() -> list[MustArriveRow]:
    cells: list[dict[str, Any]] = [
        {"id": "fixed1", "place": "p3", "squadron": "s1", "weekday": 5, "window_start": "22:00",
         "window_end": "00:00", "reason": "酒吧街夜间"},
        {"id": "fixed2", "place": "p5", "weekday": 1, "window_start": "07:00",
         "window_end": "09:00", "dwell_min": 15},
    ]  # fmt: skip
    return [MustArriveRow.model_validate(row) for row in cells]


def _day(day: date) -> CalendarRow:
    works = day.isoweekday() <= 5
    return CalendarRow(day=day, kind="workday" if works else "rest", school="1" if works else "0")
