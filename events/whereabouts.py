"""Places as a person names them on the command line, made into what the schema wants.

Only the file that is asked of is read: reporting an incident needs no road network.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from config.errors import NotFound
from config.faults import shown
from config.km_posts import KmPosts, Told, post_text
from config.named import unknown
from config.reading import read_table
from config.road_names import RoadNames, plain
from config.settings import Settings
from config.tables import EdgeRow, NodeRow, PlaceRow
from config.yaml_reading import read_yaml

EARTH_KM = 6371.0
MAP_KM = 5.0
"""A point farther from every junction may lie on no road of the map: the engine then asks where."""
MOST_ALIKE = 12
"""Places of one name that are listed."""


def known_place(folder: Path, told: str) -> str:
    """The id of a place given by its id or by its name.

    Raises:
        NotFound: There is none, or several have that name; the nearest is named.
    """
    rows = read_table(folder / PlaceRow.file, PlaceRow).rows
    if any(row.place == told for row in rows):
        return told
    named = [row for row in rows if row.name == told]
    if len(named) == 1:
        return named[0].place
    if named:
        raise _several(folder, told, named)
    alike = [row for row in rows if _squeezed(row.name) == _squeezed(told)]
    if len(alike) == 1:
        return alike[0].place
    names = {row.place: f"{row.place} {row.name}" for row in rows}
    names |= {row.name: f"{row.place} {row.name}" for row in rows}
    raise unknown("incident.no_place", told, names, file=PlaceRow.file)


def _squeezed(name: str) -> str:
    """A name as it is told in haste: without blanks, 大外环k3 for 大外环 K3."""
    return plain(name).replace(" ", "")


def _several(folder: Path, told: str, rows: Sequence[PlaceRow]) -> NotFound:
    """Several places bear a name: each with where it is, by which people tell them apart."""
    nodes = {row.node: row for row in read_table(folder / NodeRow.file, NodeRow).rows}
    system = read_yaml(folder / "settings.yaml", Settings).sound().crs.lonlat or "WGS-84"
    some = ", ".join(_where(row, nodes) for row in rows[:MOST_ALIKE])
    left = len(rows) - MOST_ALIKE
    key = "incident.which_place_of_more" if left > 0 else "incident.which_place"
    return NotFound(key, value=told, places=some, count=len(rows), left=left, crs=system)


def _where(row: PlaceRow, nodes: Mapping[str, NodeRow]) -> str:
    node = nodes.get(row.node)
    if node is None:
        return row.place
    degrees = None if node.lon is None or node.lat is None else f"{node.lon:.5f} {node.lat:.5f}"
    told = " ".join(filter(None, (degrees, node.squadron)))
    return f"{row.place} ({told})" if told else row.place


def known_junction(folder: Path, told: str) -> str:
    """The node itself, or the one where two streets cross: 南京西路/石门一路.

    Raises:
        NotFound: There is none, with the nearest; or the streets do not cross, or in two places.
    """
    nodes = read_table(folder / NodeRow.file, NodeRow)
    names = nodes.column("node")
    if told not in names:
        from config.crossings import Crossings  # noqa: PLC0415 - numpy; nodes need none

        crossings = Crossings(nodes.rows, read_table(folder / EdgeRow.file, EdgeRow).rows)
        found = crossings.find(told)
        if isinstance(found, int):
            return nodes.rows[found].node
        if found == "two_crossings":
            raise NotFound("incident.two_crossings", value=told)
        if streets := crossings.streets(told):
            key = "incident.no_crossing" if len(streets) > 1 else "incident.one_street"
            raise NotFound(key, value=shown(told), streets=", ".join(streets[:2]))
        raise unknown("incident.no_junction", told, {one: one for one in names}, file=NodeRow.file)
    return told


def known_post(folder: Path, told: str) -> dict[str, Any] | None:
    """Section and km of the km post that a text names: 大外环K12+350; None where it names none.

    Raises:
        NotFound: Its road has no km posts, or none near that one: with the range of those it has.
    """
    post = _posts(folder).find(told)
    if post is None:
        return None
    if post.section is None:
        raise NotFound("incident.no_km_posts", value=shown(told))
    return _checked(post)


def known_section(folder: Path, told: str, km: float) -> dict[str, Any]:
    """The section as the district writes it, and the km.

    Raises:
        NotFound: Neither roads nor places have it, with the nearest; or it has km posts, but none
            near that one.
    """
    post = _posts(folder).on(told, km)
    if post.section is not None:
        return _checked(post)
    found = read_table(folder / PlaceRow.file, PlaceRow).column("section")
    found += read_table(folder / EdgeRow.file, EdgeRow).column("section")
    names = {name: name for name in found if name}
    section = RoadNames(names).written.get(plain(told))
    if section is None:
        raise unknown("incident.no_section", told, names, file=EdgeRow.file)
    return {"section": section, "km": km}


def _posts(folder: Path) -> KmPosts:
    roads = read_table(folder / EdgeRow.file, EdgeRow).column("section")
    places = read_table(folder / PlaceRow.file, PlaceRow).rows
    return KmPosts(places, dict.fromkeys(filter(None, roads)))


def _checked(post: Told) -> dict[str, Any]:
    if post.row is None:
        told = f"{post.section} {post_text(post.km)}"
        raise NotFound("incident.beyond_posts", value=told, known=post.known())
    return {"section": post.section, "km": post.km}


def nearest_junction(folder: Path, lon: float, lat: float, crs: str) -> tuple[float, str]:
    """How many km a point is from the district's nearest junction, and which that is."""
    import numpy as np  # noqa: PLC0415 - only where a point is far off

    from config.coordinates import Frame, to_wgs84  # noqa: PLC0415

    rows = read_table(folder / NodeRow.file, NodeRow).rows
    frame = Frame(read_yaml(folder / "settings.yaml", Settings).sound().crs)
    theirs = np.radians(frame.to_lonlat([row.x_m for row in rows], [row.y_m for row in rows]))
    here = np.radians(to_wgs84(lon, lat, crs))
    apart = np.sin((theirs - here[:, None]) / 2) ** 2
    angle = apart[1] + np.cos(here[1]) * np.cos(theirs[1]) * apart[0]
    at = int(angle.argmin())
    return 2 * EARTH_KM * float(np.arcsin(np.sqrt(angle[at]))), rows[at].node
