"""What a planner learns of a station, and the analysis of the month after."""

from collections.abc import Iterable
from pathlib import Path

from engines import Station

from config.made_tables import HistoryRow
from config.reading import write_rows
from scheduler.foresight.analysis import Analysis
from scheduler.recorded import Recorded, read_recorded
from scheduler.reported import read
from scheduler.week import analysed

NEXT_MONTH = "2027-W01"


def known(station: Station) -> Recorded:
    """What a plan learns from the bus, by way of the file for the planner's child."""
    path = station.folder / "recorded.json"
    read(station.bus, station.district, violations=True).write(path)
    return read_recorded(path)


def next_month(station: Station, told: Recorded) -> Analysis:
    """The analysis of the month after."""
    return analysed(station.district, NEXT_MONTH, 0, told)


def with_crashes(folder: Path, moments: Iterable[str]) -> None:
    """Give a district a history of damage crashes at junction n33, one at each local time."""
    told = {"kind": "crash", "severity": "damage", "x_m": 0, "y_m": 0, "node": "n33"}
    rows = [
        HistoryRow.model_validate(told | {"id": f"c{n}", "at": f"{moment}+08:00"})
        for n, moment in enumerate(moments)
    ]
    (folder / "history").mkdir(exist_ok=True)
    write_rows(folder / HistoryRow.file, rows)
