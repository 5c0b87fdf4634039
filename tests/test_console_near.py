"""What a junction is called in the log where no place is: nobody knows the number of a node."""

from pathlib import Path

import pytest
from districts import small_district

from config.near import beside
from dispatch.console.log import names_of


@pytest.mark.parametrize(
    ("east_m", "north_m", "told"),
    [(105, 0, "+105mE"), (-70, 70, "+99mNW"), (1, -60, "+60mS"), (-80, -1, "+80mW")],
)
def test_how_far_and_where_to_is_told(east_m: float, north_m: float, told: str) -> None:
    """In letters that every language takes."""
    assert beside("A/B", east_m, north_m) == f"A/B{told}"


def test_a_junction_without_a_place_is_told_by_the_nearest(tmp_path: Path) -> None:
    """A place's own name, what is beside it, and whatever is no junction as it is."""
    names = names_of(small_district(tmp_path / "d"))
    assert names.place("p1") == "莫干山路/大外环路口"
    assert (names.place("n14") or "").startswith("莫干山路/大外环路口+")
    assert names.place("莫干山路") == "莫干山路"


def test_a_broken_network_leaves_the_log_its_ids(tmp_path: Path) -> None:
    """`qinwu check` tells of it; the log goes on."""
    folder = small_district(tmp_path / "d")
    names = names_of(folder)
    (folder / "nodes.csv").unlink()
    assert names.place("n14") == "n14"
