"""An incident that is told by a point: its unit is sent there, and there it arrives.

A spot on the network is for driving times: a cell's centre, or the road next to the point.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from patrolled import Morning, duty

from config.coordinates import from_wgs84
from config.ids import IncidentId, OrderId
from dispatch.decide import fold
from dispatch.effects import effects_of
from dispatch.state import State
from events.decisions import Line, LonLat, Order
from events.frame import FIRST_PREV, Frame

CENTRE = (-450.0, -300.0)
"""Junction n11, and the centre of its cell."""
Metres = tuple[float, float]


def beside(east_m: float, north_m: float) -> Metres:
    """A point by its metres from the centre."""
    return CENTRE[0] + east_m, CENTRE[1] + north_m


CORNER = beside(120.0, 120.0)
YARD = beside(150.0, 110.0)
"""110 m off the road."""


def morning(folder: Path, *, cells: bool) -> Morning:
    """A patrol, free from six."""
    day = Morning(folder, straight_line=cells)
    day.roster(duty("d1", "t1"))
    day.sign_in("t1", "06:00")
    return day


@pytest.fixture
def day(tmp_path: Path) -> Morning:
    """In a district of cells."""
    return morning(tmp_path, cells=True)


def degrees(day: Morning, there: Metres, crs: str = "WGS-84") -> dict[str, Any]:
    """A point as events tell it."""
    lon, lat = day.ground.district.frame.to_lonlat(np.array([there[0]]), np.array([there[1]]))
    lon, lat = from_wgs84(lon, lat, crs)
    return {"lon": float(lon[0]), "lat": float(lat[0]), "crs": crs}


def report(day: Morning, there: Metres, name: str = "i", crs: str = "WGS-84", **more: Any) -> None:  # noqa: ANN401 - any field
    """A breakdown at a point."""
    told = {"incident": name, "kind": "breakdown", **degrees(day, there, crs), **more}
    day.tell("incident_reported", told)


def arrives(day: Morning, there: Metres) -> bool:
    """Whether a fix at a point is an arrival."""
    day.fix("t1", "06:00:40", there)
    day.run("06:00:50")
    return "arrived" in day.changes("t1")


def message(day: Morning, order: Order) -> dict[str, Any]:
    """What the unit's device is told."""
    frame = Frame(
        area=day.state.area, seq=1, prev=FIRST_PREV, writer="w", time_ms=0, facts=(),
        decisions=(order,),
    )  # fmt: skip
    (made,) = effects_of(frame, day.state, day.state, day.ground, lambda _: b"")
    told: dict[str, Any] = json.loads(made.record.value)
    return told


# --- where a unit has arrived --------------------------------------------------------------------


@pytest.mark.parametrize("crs", ["WGS-84", "GCJ-02"])
def test_in_a_cell_a_unit_is_sent_to_the_point_and_arrives_there(day: Morning, crs: str) -> None:
    """170 m from the centre of a cell of 300 m."""
    report(day, CORNER, crs=crs)
    ((_, order),) = day.orders()
    told = message(day, order)
    there = degrees(day, CORNER)
    assert (told["lon"], told["lat"]) == pytest.approx((there["lon"], there["lat"]), abs=1e-6)
    assert arrives(day, CORNER)


def test_at_the_centre_of_the_cell_nobody_has_arrived(day: Morning) -> None:
    """The accident is elsewhere."""
    report(day, CORNER)
    assert not arrives(day, CENTRE)


def test_a_cell_that_is_named_is_arrived_at_in_its_centre(day: Morning) -> None:
    """Nobody knows more of where it is."""
    day.tell("incident_reported", {"incident": "i", "kind": "breakdown", "junction": "n11"})
    assert day.held("t1").point is None
    assert arrives(day, CENTRE)


@pytest.mark.parametrize("there", [YARD, beside(150.0, 0.0)])
def test_off_a_road_a_unit_arrives_at_the_point_and_on_the_road_beside_it(
    tmp_path: Path, there: Metres
) -> None:
    """As near as a car comes: in a yard people walk, or drive where the map has no road."""
    day = morning(tmp_path, cells=False)
    report(day, YARD)
    assert arrives(day, there)


def test_sixty_metres_along_from_there_is_neither(tmp_path: Path) -> None:
    """The radius is the town's 80 m, of each."""
    day = morning(tmp_path, cells=False)
    report(day, YARD)
    assert not arrives(day, beside(60.0, 0.0))


def test_a_point_on_the_road_is_what_it_was(tmp_path: Path) -> None:
    """No more is told than the network says."""
    day = morning(tmp_path, cells=False)
    report(day, CENTRE)
    (lon, lat), node = day.ground.lonlat(day.held("t1").target), degrees(day, CENTRE)
    assert (lon, lat) == pytest.approx((node["lon"], node["lat"]), abs=1e-6)


# --- where it is, told anew ----------------------------------------------------------------------


def locate(day: Morning, there: Metres) -> None:
    """A person says where it is."""
    told = {"command": "locate", "incident": "i", "by": "o1", **degrees(day, there)}
    day.tell("command_given", told)


def test_located_in_another_corner_of_its_cell_the_unit_is_sent_there(day: Morning) -> None:
    """The cell is the same, the place is not."""
    report(day, CORNER)
    locate(day, beside(-120.0, -120.0))
    assert day.ends() == ["replaced"]
    assert not arrives(day, CORNER)


def test_located_some_metres_off_the_unit_goes_on(day: Morning) -> None:
    """Who arrives inside the radius sees it."""
    report(day, CORNER)
    locate(day, beside(120.0, 90.0))
    assert day.ends() == []


def test_what_nobody_could_place_takes_the_point_of_what_is_merged_into_it(day: Morning) -> None:
    """Its units are sent there."""
    day.tell("incident_reported", {"incident": "caller", "kind": "breakdown", "text": "老桥旁边"})
    report(day, CORNER)
    told = {"command": "merge", "incident": "i", "into": "caller", "by": "o1"}
    day.tell("command_given", told)
    caller, placed = (day.state.incidents[IncidentId(name)] for name in ("caller", "i"))
    assert caller.point == placed.point is not None
    assert arrives(day, CORNER)


@pytest.mark.parametrize(
    ("second", "same"),
    [(beside(155.0, 0.0), True), (beside(-140.0, 0.0), False), (beside(-140.0, -140.0), False)],
)
def test_two_reports_are_of_one_where_their_points_are_near(
    day: Morning,
    second: Metres,
    same: bool,  # noqa: FBT001 - a case
) -> None:
    """15 m apart over the border of two cells; 280 m and more, in one."""
    report(day, beside(140.0, 0.0), machine=True)
    report(day, second, "j", machine=True)
    assert (day.state.incidents[IncidentId("j")].closed == "merged") == same


# --- what an older program ordered ---------------------------------------------------------------


def test_an_order_of_an_older_program_is_folded_told_and_fulfilled_as_it_was(
    day: Morning,
) -> None:
    """Its unit was sent to the centre of the cell, and there it arrives."""
    before = day.state
    report(day, CORNER)
    ((_, order),) = day.orders()
    assert isinstance(order.point, LonLat)
    old = order.model_copy(update={"point": None})
    assert "point" not in old.model_dump()
    day.state = _folded(day, before, old)
    assert day.state.orders[OrderId(order.id)].point is None
    told, centre = message(day, old), degrees(day, CENTRE)
    assert (told["lon"], told["lat"]) == pytest.approx((centre["lon"], centre["lat"]), abs=1e-6)
    assert arrives(day, CENTRE)


def _folded(day: Morning, before: State, order: Order) -> State:
    """The state after the frame of a report, as if its order had been this one."""
    frame = day.frames[-1]
    lines = tuple(one for one in frame.decisions if isinstance(one, Line))
    written = frame.model_copy(update={"decisions": (order, *lines)}).raw()
    return fold(before, Frame.read(written), day.ground)
