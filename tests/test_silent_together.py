"""Many units that fall silent at once, as when a broker was away: a line for all, not one each."""

from pathlib import Path
from typing import Any

import pytest
from engines import Station, settle

from config.words import LANGUAGES, words
from dispatch.console.grammar import from_text, to_text
from dispatch.console.row import Names, shown
from dispatch.ground import Ground
from dispatch.respond import MOST_SILENT
from dispatch.tracks import Tracker
from events import ports
from events.event import moment_text
from events.ports import Record
from events.schema import event

AWAY_MS = 600_000
ODD = (1, 3, 5, 7)
"""The teams of one squadron."""


def fixes(station: Station, *teams: int) -> None:
    """A fix of each team at its station, now."""
    for n in teams:
        lon, lat = station.district.roads.lon[0], station.district.roads.lat[0]
        told = {"unit": f"t{n}", "device": f"pda{n}", "lon": float(lon), "lat": float(lat),
                "crs": "WGS-84", "speed_mps": 0.0, "at": moment_text(station.now_ms)}  # fmt: skip
        raw = event("position_reported", told, source=f"pda{n}", id=str(station.now_ms))
        station.bus.send(ports.positions("hz"), [Record(raw)])


def after_a_loss(folder: Path, *teams: int) -> Station:
    """Teams stand at their station; ten minutes nothing comes; then all are heard again."""
    station = Station(folder / "d")
    engine = station.engine(tracks=Tracker(Ground(station.district)))
    station.staff(*teams)
    settle(engine)
    station.now_ms += 5_000
    fixes(station, *teams)
    settle(engine)
    station.now_ms += AWAY_MS
    engine = station.engine(tracks=Tracker(Ground(station.district)))
    settle(engine)
    fixes(station, *teams)
    settle(engine)
    return station


def silences(station: Station) -> list[dict[str, Any]]:
    """The lines of units that fell silent or came back."""
    return [row for row in station.rows("console") if row["kind"] in ("stale", "back")]


def test_a_squadron_that_falls_silent_has_one_line_each_way(tmp_path: Path) -> None:
    """Who has to be told is the squadron; its units stand in the line's fields."""
    told = silences(after_a_loss(tmp_path, *ODD))
    units = [f"t{n}" for n in ODD]
    assert [(row["kind"], row["squadron"], row["fields"]) for row in told] == [
        ("stale", "s1", {"count": 4, "units": units}), ("back", "s1", {"count": 4, "units": units}),
    ]  # fmt: skip


def test_each_squadron_has_its_own_line(tmp_path: Path) -> None:
    """A log of one squadron shows what is its own."""
    told = silences(after_a_loss(tmp_path, 1, 2, 3, 4, 5, 6, 7, 8))
    assert sorted((row["kind"], row["squadron"]) for row in told) == [
        ("back", "s1"), ("back", "s2"), ("stale", "s1"), ("stale", "s2"),
    ]  # fmt: skip


def test_a_few_units_have_a_line_each(tmp_path: Path) -> None:
    """With where they were, which the line for many cannot say."""
    told = silences(after_a_loss(tmp_path, 1, 3, 5))
    assert [row["unit"] for row in told] == ["t1", "t3", "t5"] * 2


def test_who_was_on_the_way_has_a_line_of_its_own(tmp_path: Path) -> None:
    """With its order and where it was last seen, though four of its squadron fell silent."""
    station = Station(tmp_path / "d")
    engine = station.engine(tracks=Tracker(Ground(station.district)))
    station.staff()
    settle(engine)
    station.now_ms += 5_000
    fixes(station, *ODD, 2, 4, 6, 8)
    for n in range(4):  # each of another kind: reports alike may be one
        kind = ("crash", "breakdown", "congestion", "dispute")[n]
        station.incident("n00", incident=f"I{n}", kind=kind, severity="injury")
        settle(engine)
    held = {one.id: str(one.order) for one in engine.state.units.values() if one.order}
    for unit, order in held.items():
        station.send("order_answered", unit=unit, order=order, answer="accepted")
    settle(engine)
    station.now_ms += AWAY_MS
    settle(station.engine(tracks=Tracker(Ground(station.district))))
    told = {row["unit"]: row["order"] for row in silences(station) if row.get("order")}
    assert told == {unit: "D{}.{}".format(*order.split("/")[-2:]) for unit, order in held.items()}
    assert len(held) > MOST_SILENT


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_line_for_many_names_the_first_and_is_parsed_back(tmp_path: Path, lang: str) -> None:
    """By the grammar of every line."""
    station, say = after_a_loss(tmp_path, *ODD), words(lang)
    names = Names(station.district.calendar, {}, {})
    lines = [shown(row, names, say) for row in silences(station)]
    told = [from_text(to_text(line, say), say) for line in lines]
    assert (told == lines, ["t1 t3 t5…" in line.free for line in told]) == (True, [True, True])
