"""The monthly report as one page that asks nothing of any network and prints on A4."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined

from config.findings import with_remedy
from config.words import Say, words
from scheduler.alarm_words import alarm_text, kind_text
from scheduler.export import Printer, reason_text
from scheduler.foresight.must_arrive import MustArrive
from scheduler.hindsight.controls import part_colours
from scheduler.hindsight.month import Came, Moved, Report, first_week
from scheduler.month_kpi import FASTS, Figure
from scheduler.months import after, named
from scheduler.names import Names

CHINESE = re.compile("[\u4e00-\u9fff]")
SHADES = ("#7fb58a", "#e5b93c", "#c8372d")
MAP_W, MAP_H = 360, 250
MOST_POINTS = 8
"""Places of a squadron that are told, those with the most expected first."""


@dataclass(frozen=True, slots=True)
class Line:
    """A stretch of a section on the map."""

    d: str
    colour: str
    shade: int


def write_month(report: Report, figures: Sequence[Figure], path: Path, lang: str) -> None:
    """Write the page in a language."""
    environment = Environment(
        loader=PackageLoader("scheduler"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    page, told = environment.get_template("month.html.j2"), _told(report, figures, lang)
    text = page.render(**told, sourced=False)
    if lang == "en" and CHINESE.search(text):  # names of streets, kinds of violation
        text = page.render(**told, sourced=True)
    path.write_text(text, encoding="utf-8")


def _told(report: Report, figures: Sequence[Figure], lang: str) -> dict[str, Any]:
    say, district = words(lang), report.district
    names = Names(district)
    squadron = {str(s): names.squadron(s) or str(s) for s in district.squadrons}
    top = float(report.heat.max()) if report.heat.size else 0.0
    return {
        "say": say, "lang": lang, "month": named(report.month),
        "ahead": named(after(report.month, 1)),
        "brigade": district.settings.name or district.settings.brigade,
        "synthetic": district.settings.synthetic, "squadron": squadron,
        "days": [say(f"month.day.{n}") for n in range(1, 8)],
        "heat": [(squadron[str(s)], list(_heat(report.heat[row], top, say)))
                 for row, s in enumerate(district.squadrons)],
        "most": f"{top:.2f}", "maps": list(_maps(report, say)), "shades": SHADES,
        "map_w": MAP_W, "map_h": MAP_H,
        "alarms": [*(with_remedy(one, say, lang) for one in report.unrecorded),
                   *(alarm_text(one, say, report.recorded_to) for one in report.now.alarms)],
        "came": list(_came(report.came, squadron, say)),
        "all": _sum(report.came), "met": report.met, "silent": report.silent,
        "moved": [_moved(one, squadron, names, say) for one in report.moved],
        "posts": [(names.post(one.place) or one.place, squadron[one.squadron],
                   *(f"{each:.2f}" for each in one.expected)) for one in report.posts],
        "recoloured": report.recoloured, "sections": report.sections,
        "points": list(_points(report, squadron, say)), "chance": sum(
            point.reason.kind == "audit" for point in report.now.must_arrive),
        "correct": list(_correct(report, squadron)),
        "parts": [say(f"month.part.{part}") for part in range(4)],
        "figures": [_figure(one, say) for one in figures if not one.squadron and not one.kind],
        "fasts": list(fast_rows(figures, say)),
        "own": list(own_rows(figures, squadron, say)),
        "colours": [(say(f"month.colour.{n}"), say(f"month.grade.{n}"), SHADES[n],
                     int((report.now.colours.colour == n).sum())) for n in (2, 1, 0)],
    }  # fmt: skip


def _heat(rates: Any, top: float, say: Say) -> Iterator[list[tuple[str, str]]]:  # noqa: ANN401
    """Colour and tooltip of each hour, a row a weekday."""
    for day in range(7):
        row = []
        for hour in range(24):
            rate = float(rates[day * 24 + hour])
            light = 97 - 57 * (rate / top if top > 0 else 0.0)
            told = say("month.cell", day=say(f"month.day.{day + 1}"), hour=f"{hour:02d}",
                       rate=f"{rate:.2f}")  # fmt: skip
            row.append((f"hsl(14,80%,{light:.0f}%)", told))
        yield row


def _maps(report: Report, say: Say) -> Iterator[tuple[str, list[Line]]]:
    """A map of the sections for each part of the day."""
    roads = report.district.roads
    row = {name: n for n, name in enumerate(report.now.sections)}
    if not row:
        return
    x_m, y_m = roads.x_m, roads.y_m
    wide, high = max(np.ptp(x_m), 1.0), max(np.ptp(y_m), 1.0)
    scale = min((MAP_W - 12) / wide, (MAP_H - 12) / high)
    x = 6 + (x_m - x_m.min()) * scale
    y = 6 + (y_m.max() - y_m) * scale
    paths: dict[str, list[str]] = {name: [] for name in row}
    for edge, name in enumerate(roads.edge_section):
        if name is not None and (roads.twin[edge] < 0 or edge < roads.twin[edge]):
            a, b = int(roads.tail[edge]), int(roads.head[edge])
            paths[name].append(f"M{x[a]:.1f} {y[a]:.1f}L{x[b]:.1f} {y[b]:.1f}")
    shade = part_colours(report.now)
    for part in range(4):
        lines = [
            Line("".join(paths[name]), SHADES[int(shade[n, part])], int(shade[n, part]))
            for name, n in row.items()
        ]  # fmt: skip
        yield say(f"month.part.{part}"), sorted(lines, key=lambda line: line.shade)


def _sum(came: Sequence[Came]) -> tuple[str, int, int | None]:
    """Expected, came, a year ago, of all."""
    ago = [one.year_ago for one in came if one.year_ago is not None]
    return f"{sum(c.expected for c in came):.0f}", sum(c.came for c in came), (
        sum(ago) if ago else None
    )  # fmt: skip


def _came(
    came: Sequence[Came], squadron: dict[str, str], say: Say
) -> Iterator[tuple[str, list[tuple[str, str, str, int, str, bool]]]]:
    for own, name in squadron.items():
        rows = [
            (kind_text(one.kind, say), f"{one.expected:.1f}", f"{one.low:.0f}–{one.high:.0f}",
             one.came, "" if one.year_ago is None else str(one.year_ago), one.outside)
            for one in came if one.squadron == own
        ]  # fmt: skip
        yield name, rows


def _moved(
    one: Moved, squadron: dict[str, str], names: Names, say: Say
) -> tuple[str, str, int, int, str]:
    why = say(f"month.why.{one.why}", before=f"{one.expected[0]:.2f}", now=f"{one.expected[1]:.2f}")
    return names.place(one.place) or one.place, squadron[one.squadron], *one.visits, why


def _points(
    report: Report, squadron: dict[str, str], say: Say
) -> Iterator[tuple[str, int, list[tuple[str, str, int, str, str, str]]]]:
    """The places with the most expected in their windows, by squadron; and how many windows."""
    printer = Printer(report.district, first_week(after(report.month, 1)))
    comma = say("planner.report.comma")
    for own, name in squadron.items():
        mine = [p for p in report.now.must_arrive if p.squadron == own]
        places: dict[str, list[MustArrive]] = {}
        for point in sorted(mine, key=lambda p: (p.reason.kind != "pinned", -p.reason.expected)):
            places.setdefault(point.place, []).append(point)
        rows = []
        for points in list(places.values())[:MOST_POINTS]:
            row = next(iter(printer.point_rows(points[:1], say)))
            correct = dict.fromkeys(each for point in points for each in point.must_correct)
            check = dict.fromkeys(each for point in points for each in point.must_check)
            rows.append((row.name, _windows(points, say), sum(p.visits for p in points),
                         reason_text(points[0], say), comma.join(list(correct)[:3]),
                         comma.join(check)))  # fmt: skip
        yield name, len(mine), rows


def _windows(points: Sequence[MustArrive], say: Say) -> str:
    """Windows of a place with their weekdays: 07:00–09:00 Mon–Wed; 17:00–19:00 Fri."""
    days: dict[tuple[int, int], list[int]] = {}
    for point in points:
        days.setdefault((point.start_min, point.end_min), []).append(point.weekday)
    return "; ".join(
        f"{_clock(start)}–{_clock(end)} {_days(sorted(set(own)), say)}"
        for (start, end), own in sorted(days.items())
    )  # fmt: skip


def _days(days: Sequence[int], say: Say) -> str:
    """Weekdays in rising order, three and more in a row as a span."""
    runs: list[list[int]] = []
    for day in days:
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    told = []
    for run in runs:
        names = [say(f"month.day.{day}") for day in run]
        told += [f"{names[0]}–{names[-1]}"] if len(run) > 2 else names
    return " ".join(told)


def _clock(minute: int) -> str:
    return f"{minute // 60 % 24:02d}:{minute % 60:02d}"


def _correct(
    report: Report, squadron: dict[str, str]
) -> Iterator[tuple[str, list[tuple[str, ...]]]]:
    """What to correct, by squadron and part of the day."""
    for own, name in squadron.items():
        cells = [report.now.must_correct.get((own, part), ()) for part in range(4)]
        if any(cells):
            yield name, cells


def own_rows(
    figures: Sequence[Figure], squadron: dict[str, str], say: Say
) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Each key figure's value and what it is made of, by squadron; blank where about nothing."""
    cells = {(one.name, one.squadron): _figure(one, say) for one in figures}
    for name in dict.fromkeys(one.name for one in figures):
        row = [cells.get((name, own), ("", "", "")) for own in squadron]
        if any(value for _, value, _ in row):
            yield say(f"month.kpi.{name}"), [(value, made) for _, value, made in row]


def fast_rows(figures: Sequence[Figure], say: Say) -> Iterator[tuple[str, list[str]]]:
    """Each kind of incident with its three fasts, of how many they are known; a dash for none."""
    cells = {(one.kind, one.name): _figure(one, say) for one in figures}
    for kind in dict.fromkeys(one.kind for one in figures if one.kind):
        row = [cells.get((kind, name)) for name in FASTS]
        told = [f"{cell[1]} ({cell[2]})" if cell else "–" for cell in row]
        yield say(f"code.incident.{kind}"), told


def _figure(one: Figure, say: Say) -> tuple[str, str, str]:
    """Name, value and what it is made of."""
    name = say(f"month.kpi.{one.name}")
    if one.times:
        value = f"{(one.median_s or 0) / 60:.1f} / {(one.p90_s or 0) / 60:.1f}"
        return name, value, say("month.kpi_of.times", count=len(one.times))
    return name, f"{100 * (one.share or 0):.1f} %", f"{one.met} / {one.due}"
