"""What imported places are called: a point by its streets, an area by no metres."""

import pandas as pd
import pytest

from config.importers.naming import names_of
from config.importers.network import Made, node_rows
from config.settings import Crs
from config.tables import EdgeRow

CRS = Crs(metric="local", origin_lon=118.7, origin_lat=39.7)
SIDE_M = 200.0


def made(*, cells: bool) -> Made:
    """Two cells side by side, or two junctions with a road between."""
    nodes = node_rows(["c0_0", "c1_0"], [0.0, SIDE_M], [0.0, 0.0], CRS)
    road = EdgeRow.model_validate({"from": "c0_0", "to": "c1_0", "oneway": "0", "seconds": 9})
    return Made(nodes, [] if cells else [road])


def named(*streets: str, cells: bool = True) -> dict[str, str]:
    """The names after records of these streets, all in the first of the two."""
    network = made(cells=cells)
    rows = pd.DataFrame({"street": list(streets), "node": "c0_0"})
    return names_of(network, network.roads(CRS), rows)


@pytest.mark.parametrize(("street", "name"), [
    ("当代路与栾河路交叉口东侧15米", "当代路与栾河路交叉口"),
    ("当代路与栾河路交叉口东南约15.5米处", "当代路与栾河路交叉口"),
    ("栾河路建行门口往北50米左右", "栾河路建行门口"), ("大外环路口30米路北", "大外环路口路北"),
    ("312国道123公里500米", "312国道123公里500米"), ("大外环K12+350米", "大外环K12+350米"),
    ("50米路", "50米路"), ("建设路向北20米到30米", "建设路向北20米到30米"),
    ("建设路东侧20米-30米", "建设路东侧20米-30米"), ("建设路20-30米", "建设路20-30米"),
    ("栾河路88号", "栾河路88号"), ("50米", "50米"), ("东西大街", "东西大街"),
    ("YORK AVENUE", "YORK AVENUE"),
])  # fmt: skip
def test_a_cell_is_called_without_metres_from_something(street: str, name: str) -> None:
    """A km post keeps its own: they say where on the road it is."""
    assert named(street) == {"c0_0": name}


def test_records_that_differ_in_metres_count_for_one_name() -> None:
    """The commonest is the one that most speak of."""
    near = [f"当代路与栾河路交叉口东侧{metres}米" for metres in (12, 15, 31)]
    assert named("中华路", "中华路", *near) == {"c0_0": "当代路与栾河路交叉口"}


def test_a_place_on_a_road_keeps_its_metres() -> None:
    """It is a point, and they are its own."""
    street = "当代路与栾河路交叉口东侧15米"
    assert named(street, cells=False) == {"c0_0": street}
