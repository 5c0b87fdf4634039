"""A week's must-arrive points and colours as GeoJSON (WGS-84), for anybody's map."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from config.district import District
from config.words import Say
from scheduler.export import Printer
from scheduler.foresight.must_arrive import WINDOW_H, WINDOWS, MustArrive

if TYPE_CHECKING:  # scipy: who publishes needs none of it
    from scheduler.foresight.analysis import Analysis
    from scheduler.foresight.colours import Colours

POINTS, COLOURS = "must_arrive.geojson", "colours.geojson"


def write_geo(
    out: Path, printer: Printer, analysis: "Analysis", points: Sequence[MustArrive], say: Say
) -> None:
    """Write both files into a folder; districts without named sections have no colours."""
    _write(out / POINTS, point_features(printer, points, say))
    if analysis.sections:
        _write(out / COLOURS, colour_features(printer.district, analysis, say))


def point_features(
    printer: Printer, points: Sequence[MustArrive], say: Say
) -> Iterable[dict[str, Any]]:
    """A point each, with the columns of must_arrive.csv."""
    for row in printer.point_rows(points, say):
        told = row.model_dump(mode="json", by_alias=True)
        where = [told.pop("lon"), told.pop("lat")]
        yield _feature({"type": "Point", "coordinates": where}, told)


def colour_features(district: District, analysis: "Analysis", say: Say) -> Iterable[dict[str, Any]]:
    """A section each: its highest colour and control grade, why, and the colour of each band.

    bands: 84 numbers, 0 green, 1 yellow, 2 red; the first is Monday 00:00 to 02:00.
    """
    roads = district.roads
    lines: dict[str, list[list[list[float]]]] = {name: [] for name in analysis.sections}
    for edge, name in enumerate(roads.edge_section):
        if name is not None and (roads.twin[edge] < 0 or edge < roads.twin[edge]):
            ends = int(roads.tail[edge]), int(roads.head[edge])
            lines[name].append([
                [round(float(roads.lon[node]), 7), round(float(roads.lat[node]), 7)]
                for node in ends
            ])  # fmt: skip
    strict = {row.section: row.reason for row in district.strict_roads}
    for row, name in enumerate(analysis.sections):
        bands = analysis.colours.colour[row].tolist()
        highest = max(bands)
        told = {
            "section": name, "colour": say(f"month.colour.{highest}"),
            "grade": say(f"month.grade.{highest}"),
            "why": colour_text(analysis.colours, row, say, strict.get(name)), "bands": bands,
        }  # fmt: skip
        yield _feature({"type": "MultiLineString", "coordinates": lines[name]}, told)


def colour_text(colours: "Colours", row: int, say: Say, strict: str | None = None) -> str:
    """Why a section has its highest colour: its riskiest band, and what else raised it.

    Args:
        colours: Of all sections.
        row: The section's.
        say: The reader's words.
        strict: Why it is a strict-control road, if anybody wrote it.
    """
    shade = colours.colour[row]
    band = max(range(WINDOWS), key=lambda n: (int(shade[n]), float(colours.per_km[row, n])))
    weekday, hour = divmod(band * WINDOW_H, 24)
    parts = [say(
        "month.colour_why.risk", day=say(f"month.day.{weekday + 1}"), hour=f"{hour:02d}",
        end=f"{hour + WINDOW_H:02d}", rank=int(colours.rank[row, band]), all=colours.rank.size,
        per_km=f"{float(colours.per_km[row, band]):.3f}",
    )]  # fmt: skip
    if colours.held[row, band]:
        parts.append(say("month.colour_why.held"))
    if colours.risen[row].any():
        parts.append(say("month.colour_why.risen"))
    if colours.strict[row].any():
        key = "month.colour_why.strict_for" if strict else "month.colour_why.strict"
        parts.append(say(key, reason=strict))
    return "; ".join(parts)


def _feature(geometry: dict[str, Any], properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def _write(path: Path, features: Iterable[dict[str, Any]]) -> None:
    whole = {"type": "FeatureCollection", "features": list(features)}
    path.write_text(json.dumps(whole, ensure_ascii=False) + "\n", encoding="utf-8")
