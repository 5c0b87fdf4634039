"""Where an event says that something is: place, junction, km post or point, as a spot.

Takes the normal form of an event's data, as frames keep it: degrees and kilometres times 10^7.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from config.coordinates import to_wgs84
from config.district import District
from config.ids import EdgeId, NodeId, PlaceId
from config.km_posts import section_post
from config.roads import Spot

NAMES = ("place", "junction", "section", "km_e7", "lon_e7", "lat_e7", "crs")
"""The fields that say where."""


def spot_of(district: District, normal: Mapping[str, Any]) -> Spot | None:
    """The spot that an event's normal data names, None when the district does not know it."""
    roads = district.roads
    place, junction = normal.get("place"), normal.get("junction")
    if place is not None and PlaceId(place) in district.places:
        return Spot(node=district.node_of_place(place))
    if junction is not None and NodeId(junction) in roads.index:
        return Spot(node=roads.index[NodeId(junction)])
    if "section" in normal and "km_e7" in normal:
        return _km_post(district, str(normal["section"]), normal["km_e7"] / 1e7)
    if "lon_e7" in normal:
        lon, lat = np.array([normal["lon_e7"] / 1e7]), np.array([normal["lat_e7"] / 1e7])
        x_m, y_m = district.frame.to_metric(*to_wgs84(lon, lat, str(normal["crs"])))
        return roads.snap(float(x_m[0]), float(y_m[0]))
    return None


def _km_post(district: District, section: str, km: float) -> Spot | None:
    """The known km post of a section that is nearest to a kilometre."""
    post = section_post(district.places.values(), section, km)
    return None if post is None else Spot(node=district.node_of_place(post.place))


def spot_on(district: District, edge: str | None, along_m: int) -> Spot | None:
    """The spot of a frame's position: on an edge, or at a node where there are no edges."""
    roads = district.roads
    number = roads.edge_index.get(EdgeId(edge or ""))
    if number is not None:
        return Spot(edge=number, along_m=float(along_m))
    node = roads.index.get(NodeId(edge or ""))
    return None if node is None else Spot(node=node)
