"""Road networks given as two tables: junctions, and directed roads with their driving times."""

import math
from collections.abc import Sequence

import numpy as np

from config.coordinates import Frame, to_wgs84
from config.errors import BadInput
from config.importers.mapping import Graph, Mapping, Seconds
from config.importers.network import Made, largest_part, node_rows
from config.importers.quality import FileQuality, finding
from config.importers.reader import Sheet, Source, read
from config.tables import EdgeRow

LONGEST_S = 86_400.0


def read_graph(sources: Sequence[Source], mapping: Mapping, graph: Graph
               ) -> tuple[Made, list[FileQuality], list[Source]]:  # fmt: skip
    """The network of the first pair of files that fit, its quality, and the other files.

    Raises:
        BadInput: No file has the columns of the junctions, or none those of the roads.
    """
    sheets: dict[str, Sheet] = {}
    left = list(sources)
    for name, needed in graph.needed().items():
        for source in left:
            sheet = read(source, needed, mapping.reading_of(None, source.name))
            if sheet is not None:
                sheets[name] = sheet
                left.remove(source)
                break
        else:
            names = ", ".join(sorted(needed))
            raise BadInput([finding(mapping.name, "import.no_graph", table=name, columns=names)])
    qualities = [
        FileQuality(sheet.name, name, read=sheet.read, repaired=sheet.repaired)
        for name, sheet in sheets.items()
    ]
    for sheet, quality in zip(sheets.values(), qualities, strict=True):
        for line, reason, text in sheet.refused:
            quality.refuse(line, reason, text)
    nodes = _nodes(sheets["nodes"], graph, mapping, qualities[0])
    edges = _edges(sheets["arcs"], graph, nodes, qualities[1])
    rows = node_rows(list(nodes), *_columns(nodes), mapping.crs)
    counts: dict[str, float] = {"junctions": len(rows), "roads": len(edges)}
    return largest_part(Made(rows, edges, counts)), qualities, left


def _columns(nodes: dict[str, tuple[float, float]]) -> tuple[list[float], list[float]]:
    return [x for x, _ in nodes.values()], [y for _, y in nodes.values()]


def _name(cell: str) -> str:
    """A node's name: `n12` for 12 and for 12.0."""
    try:
        number = float(cell)
    except ValueError:
        return f"n{cell}"
    return f"n{int(number)}" if number.is_integer() else f"n{cell}"


def _number(cell: str) -> float:
    """A cell's number; nan where it is none."""
    try:
        return float(cell)
    except ValueError:
        return math.nan


def _nodes(sheet: Sheet, graph: Graph, mapping: Mapping, quality: FileQuality
           ) -> dict[str, tuple[float, float]]:  # fmt: skip
    """Metres of each junction by its name."""
    spot = graph.nodes.place
    east, north = (np.array([_number(cell) for cell in sheet.cells[name]]) for name in spot.names())
    good = np.isfinite(east) & np.isfinite(north)
    if not spot.metric:
        good &= (np.abs(east) <= 180) & (np.abs(north) <= 90)
        lonlat = to_wgs84(east[good], north[good], str(mapping.crs.lonlat))
        east[good], north[good] = Frame(mapping.crs).to_metric(*lonlat)
    found: dict[str, tuple[float, float]] = {}
    rows = zip(sheet.lines, sheet.cells[graph.nodes.id], good.tolist(), east.tolist(),
               north.tolist(), strict=True)  # fmt: skip
    for line, cell, fine, x_m, y_m in rows:
        if not cell or not fine:
            quality.refuse(line, "no_id" if not cell else "bad_number", cell)
        elif _name(cell) in found:
            quality.duplicate += 1
        else:
            found[_name(cell)] = (x_m, y_m)
    return found


def _edges(sheet: Sheet, graph: Graph, nodes: dict[str, tuple[float, float]],
           quality: FileQuality) -> list[EdgeRow]:  # fmt: skip
    arcs = graph.arcs
    lights = _seconds(sheet, arcs.seconds)
    patrol = _seconds(sheet, arcs.patrol_seconds or arcs.seconds)
    edges: list[EdgeRow] = []
    rows = zip(sheet.lines, sheet.cells[arcs.origin], sheet.cells[arcs.to], lights, patrol,
               strict=True)  # fmt: skip
    for line, cell, other, seconds, patrol_s in rows:
        origin, to = _name(cell), _name(other)
        reason = _fault(origin, to, nodes, (seconds, patrol_s))
        if reason is not None:
            quality.refuse(line, reason, f"{cell} {other} {seconds} {patrol_s}")
            continue
        (x, y), (x_to, y_to) = nodes[origin], nodes[to]
        metres = max(0.1, round(math.hypot(x_to - x, y_to - y), 1))
        edges.append(EdgeRow(
            edge=f"e{line}", origin=origin, to=to, length_m=metres,
            seconds=max(0.001, round(seconds, 3)), patrol_seconds=max(0.001, round(patrol_s, 3)),
        ))  # fmt: skip
    return edges


def _seconds(sheet: Sheet, given: Seconds) -> list[float]:
    return [_number(cell) * given.unit_s for cell in sheet.cells[given.column]]


def _fault(origin: str, to: str, nodes: dict[str, tuple[float, float]],
           times: tuple[float, float]) -> str | None:  # fmt: skip
    if origin not in nodes or to not in nodes:
        return "no_node"
    if origin == to:
        return "loop"
    if not all(0 < seconds <= LONGEST_S for seconds in times):  # nan is refused too
        return "bad_time"
    return None
