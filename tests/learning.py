"""What a planner learns of a station, and the analysis of the month after."""

from engines import Station

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
