"""The days of a district that can be played: files `live/DATE.csv`, and which to begin with."""

from datetime import date
from pathlib import Path

from config.calendar import week_of_day


def days(folder: Path) -> tuple[Path, ...]:
    """The files of days in a district folder, by date; those of other names are none."""
    return tuple(path for path in sorted((folder / "live").glob("*.csv")) if _day(path))


def first_day(folder: Path) -> Path | None:
    """The day to begin with: the first with a roster in the folder, else the first; None: none."""
    found = days(folder)
    kept = {path.name for path in (folder / "roster").glob("*") if path.is_dir()}
    return next((path for path in found if week_of_file(path) in kept), next(iter(found), None))


def _day(path: Path) -> date | None:
    try:
        return date.fromisoformat(path.stem)
    except ValueError:
        return None


def week_of_file(path: Path) -> str | None:
    """The ISO week of a day's file."""
    day = _day(path)
    return None if day is None else week_of_day(day)
