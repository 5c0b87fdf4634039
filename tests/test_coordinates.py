"""Coordinate systems against published values, and there and back."""

import numpy as np
import pytest

from config.coordinates import Frame, from_wgs84, to_wgs84
from config.settings import Crs

CHINA = [(121.5272106, 31.1774276), (113.912316, 22.543847), (116.377817, 39.911954), (87.6, 43.8)]


@pytest.mark.parametrize(
    ("wgs", "gcj"),
    [
        ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),
        ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),
        ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),
        ((116.404, 39.915), (116.41024449916938, 39.91640428150164)),
    ],
)
def test_gcj02_equals_published_values(wgs: tuple[float, float], gcj: tuple[float, float]) -> None:
    """Test vectors of eviltransform and coordtransform, to a tenth of a millimetre."""
    assert np.allclose(from_wgs84(*wgs, "GCJ-02"), gcj, rtol=0, atol=1e-9)


def test_bd09_equals_a_published_value() -> None:
    """coordtransform: GCJ-02 (116.404, 39.915) is BD-09 (116.41036949…, 39.92133699…)."""
    wgs = to_wgs84(116.404, 39.915, "GCJ-02")
    expected = (116.41036949371029, 39.92133699351022)
    assert np.allclose(from_wgs84(*wgs, "BD-09"), expected, rtol=0, atol=1e-9)


@pytest.mark.parametrize("crs", ["WGS-84", "GCJ-02", "BD-09"])
def test_there_and_back_is_less_than_a_millimetre_off(crs: str) -> None:
    """10,000 points all over China; a degree is 111 km, so 1e-8 is a millimetre."""
    pick = np.random.default_rng(7)
    lon, lat = pick.uniform(75, 134, 10_000), pick.uniform(18, 53, 10_000)
    back = to_wgs84(*from_wgs84(lon, lat, crs), crs)
    assert max(np.abs(back[0] - lon).max(), np.abs(back[1] - lat).max()) < 1e-8


@pytest.mark.parametrize("place", CHINA)
def test_gcj02_is_hundreds_of_metres_away(place: tuple[float, float]) -> None:
    """100 to 700 m, as the field knows it."""
    lon, lat = place
    frame = Frame(Crs(metric="local", origin_lon=lon, origin_lat=lat))
    assert 100 < np.hypot(*frame.to_metric(*from_wgs84(lon, lat, "GCJ-02"))) < 720


def test_gcj02_leaves_the_rest_of_the_world_alone() -> None:
    """Barcelona is where it is."""
    assert np.allclose(to_wgs84(2.17, 41.39, "GCJ-02"), (2.17, 41.39), atol=0)


def test_an_unknown_system_is_refused() -> None:
    """Nothing is guessed, both ways."""
    for turn in (to_wgs84, from_wgs84):
        with pytest.raises(ValueError, match="unknown coordinate system 'CGCS'"):
            turn(120.0, 30.0, "CGCS")


@pytest.mark.parametrize(
    ("crs", "lonlat", "metres"),
    [
        (Crs(metric="utm", zone=31), (3.0, 0.0), (500_000.0, 0.0)),
        (Crs(metric="utm", zone=31, south=True), (3.0, 0.0), (500_000.0, 10_000_000.0)),
        (Crs(metric="utm", zone=31), (3.0, 45.0), (500_000.0, 4_982_950.4)),
        (Crs(metric="local", origin_lon=120.0, origin_lat=30.0), (120.0, 30.0), (0.0, 0.0)),
    ],
)
def test_metric_frames_stand_where_they_should(
    crs: Crs, lonlat: tuple[float, float], metres: tuple[float, float]
) -> None:
    """UTM: 500 km at the meridian, 0.9996 of the meridian's arc north; local: 0 at the origin."""
    assert np.allclose(Frame(crs).to_metric(*lonlat), metres, rtol=0, atol=0.1)


def test_local_metres_are_metres() -> None:
    """An arc minute of latitude at 30° is 1847.5 m (WGS-84), one of longitude 1608.1 m."""
    frame = Frame(Crs(metric="local", origin_lon=120.0, origin_lat=30.0))
    assert frame.to_metric(120.0, 30 + 1 / 60)[1] == pytest.approx(1847.54, abs=0.05)
    assert frame.to_metric(120 + 1 / 60, 30.0)[0] == pytest.approx(1608.12, abs=0.05)


@pytest.mark.parametrize(
    "crs", [Crs(metric="utm", zone=51), Crs(metric="local", origin_lon=120.2, origin_lat=30.3)]
)
def test_metres_come_back_as_degrees(crs: Crs) -> None:
    """A millimetre at most, over a district of 60 km."""
    pick = np.random.default_rng(3)
    lon, lat = pick.uniform(119.9, 120.5, 500), pick.uniform(30.0, 30.6, 500)
    back = Frame(crs).to_lonlat(*Frame(crs).to_metric(lon, lat))
    assert np.allclose(back, (lon, lat), rtol=0, atol=1e-8)


@pytest.mark.parametrize("crs", [Crs(metric="utm"), Crs(metric="local", origin_lon=120.0)])
def test_a_frame_without_its_zone_or_origin_is_refused(crs: Crs) -> None:
    """There is no default zone."""
    with pytest.raises(ValueError, match="needs"):
        Frame(crs).to_metric(120.0, 30.0)
