"""What does not change while the engine runs: the district as the decisions need it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from config.coordinates import to_wgs84
from config.district import District
from config.ids import EdgeId, NodeId, PlaceId, PostId, SquadronId
from config.km_posts import section_post
from config.people import crew_is_lawful
from config.roads import Spot
from config.settings import Settings
from config.tables import WatchRow
from config.travel import UNREACHABLE, Mode, Travel
from events.decisions import LonLat

OFF_MAP_M = 5_000.0
"""So far from every road nothing happens, and a device has no fix at all, whatever it says."""
POINTS_KEPT = 4_096
"""Points told off the network, in metres: each fix of a unit under way asks for its own."""
WAYS_KEPT = 16_384
"""Driving times kept: every unit of a brigade to every visit of its next hours, several times."""
HIGHWAY = frozenset(("motorway", "trunk", "motorway_link", "trunk_link"))
"""Road classes outside the town's blocks: the arrival radius is the country's there."""


@dataclass(frozen=True)
class Ground:
    """A district and what is derived from it."""

    district: District

    @property
    def settings(self) -> Settings:
        """The district's settings."""
        return self.district.settings

    @property
    def travel(self) -> Travel:
        """Driving times."""
        return self.district.travel

    # --- when ---------------------------------------------------------------------------------

    @property
    def turn_out_ms(self) -> int:
        """How long a unit may take from its order until it drives."""
        return self.settings.dispatch.turn_out_s * 1000

    def eta_ms(self, now_ms: int, drive_ms: int) -> int:
        """When a unit that is ordered now is expected: it turns out, then drives.

        Of incidents and visits alike; who is sent is chosen by the drive alone.
        """
        return now_ms + self.turn_out_ms + drive_ms

    # --- where ---------------------------------------------------------------------------------

    def spot_of_node(self, node: int) -> Spot:
        """The spot at a node."""
        return Spot(node=node)

    def spot_of_point(self, lon: float, lat: float, crs: str) -> Spot:
        """The spot on the network next to a point of the earth; `off_m` says how far it lay off."""
        wgs_lon, wgs_lat = to_wgs84(np.array([lon]), np.array([lat]), crs)
        x_m, y_m = self.district.frame.to_metric(wgs_lon, wgs_lat)
        return self.district.roads.snap(float(x_m[0]), float(y_m[0]))

    def spot_of(self, normal: Mapping[str, Any]) -> Spot | None:
        """The spot that an event's normal data names: place, junction, km post, or point.

        None for a point far from every road: whoever swapped its degrees is to be asked where.
        """
        roads = self.district.roads
        place, junction = normal.get("place"), normal.get("junction")
        if place is not None and PlaceId(place) in self.district.places:
            return Spot(node=self.district.node_of_place(place))
        if junction is not None and NodeId(junction) in roads.index:
            return Spot(node=roads.index[NodeId(junction)])
        if "section" in normal and "km_e7" in normal:
            return self._km_post(str(normal["section"]), normal["km_e7"] / 1e7)
        if "lon_e7" in normal:
            crs = str(normal["crs"])
            spot = self.spot_of_point(normal["lon_e7"] / 1e7, normal["lat_e7"] / 1e7, crs)
            return spot if spot.off_m <= OFF_MAP_M else None
        return None

    def point_of(self, normal: Mapping[str, Any], spot: Spot | None) -> LonLat | None:
        """The point that an event's normal data tells, if it lies off the spot found for it."""
        if spot is None or not spot.off_m:
            return None
        told = np.array([normal["lon_e7"] / 1e7]), np.array([normal["lat_e7"] / 1e7])
        lon, lat = to_wgs84(*told, str(normal["crs"]))
        return LonLat(lon_e7=round(float(lon[0]) * 1e7), lat_e7=round(float(lat[0]) * 1e7))

    def _km_post(self, section: str, km: float) -> Spot | None:
        """The known km post of a section that is nearest to a kilometre, at most 1 km off."""
        post = section_post(self.district.places.values(), section, km)
        return None if post is None else Spot(node=self.district.node_of_place(post.place))

    def spot_of_edge(self, edge: str | None, along_m: int) -> Spot:
        """The spot that a frame's position names: an edge, or a node where there are no edges."""
        roads = self.district.roads
        found = roads.edge_index.get(EdgeId(edge or ""))
        if found is not None:
            return Spot(edge=found, along_m=float(along_m))
        return Spot(node=roads.index.get(NodeId(edge or ""), 0))

    def edge_of_spot(self, spot: Spot) -> tuple[EdgeId, int]:
        """How a frame names a spot: edge (or node) id, whole metres along."""
        roads = self.district.roads
        if spot.edge is None:
            return EdgeId(roads.node_ids[spot.node or 0]), 0
        return roads.edge_ids[spot.edge], round(spot.along_m)

    def where(self, spot: Spot, point: LonLat | None = None) -> tuple[float, float]:
        """Metres east and north of what was told to be at a point, else of the spot."""
        return self.district.roads.where(spot) if point is None else self._metric(point)

    @cached_property
    def _metric(self) -> Callable[[LonLat], tuple[float, float]]:
        @lru_cache(maxsize=POINTS_KEPT)
        def metric(point: LonLat) -> tuple[float, float]:
            x_m, y_m = self.district.frame.to_metric(point.lon_e7 / 1e7, point.lat_e7 / 1e7)
            return float(x_m), float(y_m)

        return metric

    def lonlat(self, spot: Spot, point: LonLat | None = None) -> tuple[float, float]:
        """Degrees WGS-84, as `where`."""
        if point is not None:
            return point.lon_e7 / 1e7, point.lat_e7 / 1e7
        x_m, y_m = self.district.roads.where(spot)
        lon, lat = self.district.frame.to_lonlat(np.array([x_m]), np.array([y_m]))
        return round(float(lon[0]), 7), round(float(lat[0]), 7)

    def metres(self, a: Spot, b: Spot) -> float:
        """Straight distance of two spots."""
        (ax, ay), (bx, by) = self.district.roads.where(a), self.district.roads.where(b)
        return float(np.hypot(ax - bx, ay - by))

    def off_m(self, x_m: float, y_m: float, spot: Spot, point: LonLat | None = None) -> float:
        """How far a measured position is from where a unit has to be.

        A road beside the point is as near as a car comes; a cell's centre is nowhere.
        """
        goals = [self.where(spot, point)]
        if point is not None and spot.edge is not None:
            goals.append(self.where(spot))
        return min(float(np.hypot(x_m - east_m, y_m - north_m)) for east_m, north_m in goals)

    def radius_m(self, target: Spot) -> int:
        """How near to a target a unit has arrived."""
        visits = self.settings.visits
        country = self.road_class(target) in HIGHWAY
        return visits.radius_country_m if country else visits.radius_town_m

    def road_class(self, spot: Spot) -> str | None:
        """Class of the road at a spot, which is what the crew law looks at."""
        return self.district.roads.road_class(spot)

    def squadron_at(self, spot: Spot) -> SquadronId:
        """The squadron in whose part a spot lies."""
        return self.district.squadron_of_node(self.district.roads.node_of(spot))

    def post_node(self, post: str | None, squadron: str) -> int:
        """Node of a post; of the squadron's station where there is no such post."""
        if post is None or PostId(post) not in self.district.posts:
            post = self.district.station_of(squadron).post
        return self.district.node_of_post(post)

    def name_at(self, spot: Spot) -> str:
        """What a spot is called: the place there, else its section, else its junction."""
        roads = self.district.roads
        node = roads.node_of(spot)
        there = self.metres(spot, Spot(node=node)) <= self.radius_m(spot)
        if there and node in self._places_by_node:
            return self._places_by_node[node]
        section = roads.edge_section[spot.edge] if spot.edge is not None else None
        return section or str(roads.node_ids[node])

    @cached_property
    def _places_by_node(self) -> dict[int, str]:
        found: dict[int, str] = {}
        for place in self.district.places:
            found.setdefault(self.district.node_of_place(place), str(place))
        return found

    # --- how long, and who may -----------------------------------------------------------------

    def drive_ms(self, origins: list[Spot], target: Spot, mode: Mode = "incident") -> list[int]:
        """Driving time from each spot to a target."""
        return self.travel.from_all_ms(origins, target, mode)

    def way_ms(self, origin: Spot, target: Spot, mode: Mode = "incident") -> int:
        """Driving time from a spot to a target; known again as long as nobody moves."""
        return self._ways(origin, target, mode)

    @cached_property
    def _ways(self) -> Callable[[Spot, Spot, Mode], int]:
        @lru_cache(maxsize=WAYS_KEPT)
        def way(origin: Spot, target: Spot, mode: Mode) -> int:
            return self.travel.from_all_ms([origin], target, mode)[0]

        return way

    def longest_ms(self, target: Spot, mode: Mode = "incident") -> int:
        """No drive to a target from anywhere takes longer; `UNREACHABLE` where some cannot."""
        roads = self.district.roads
        entry = int(roads.tail[target.edge]) if target.edge is not None else roads.node_of(target)
        key = (entry, mode)
        if key not in self._longest:
            streets_ms = self.travel.edge_ms(mode)
            there_ms = int(self.travel.to_ms(*key).max())
            ends_ms = 2 * int(streets_ms.max()) if len(streets_ms) else 0
            self._longest[key] = min(there_ms + ends_ms, UNREACHABLE)
        return self._longest[key]

    @cached_property
    def _longest(self) -> dict[tuple[int, Mode], int]:
        return {}

    def lawful(self, crew: tuple[int, int], road_class: str | None) -> bool:
        """Whether a crew of so many officers and auxiliaries may work on a road of that class."""
        return crew_is_lawful(*crew, road_class, self.settings.crew_law)

    # --- who is wanted -------------------------------------------------------------------------

    @cached_property
    def _listed(self) -> dict[str, list[WatchRow]]:
        found: dict[str, list[WatchRow]] = {}
        for row in self.district.watchlist:
            found.setdefault(row.plate_hash, []).append(row)
        return found

    def listed(self, plate_hash: str, on: date) -> list[WatchRow]:
        """The entries of the district's watch list for a plate on a day."""
        return [
            row for row in self._listed.get(plate_hash, ())
            if (row.since is None or row.since <= on) and (row.until is None or on <= row.until)
        ]  # fmt: skip
