"""The days of the sample: Chinese public holidays, in-lieu working days 调休, school terms.

2024 to 2026 as the State Council published them; 2027 and later are plausible guesses, since
no program knows them before November. Elsewhere only the holidays of fixed date are known.
"""

from collections.abc import Iterator
from datetime import date, timedelta

from config.tables import CalendarRow

ONE_DAY = timedelta(days=1)
FIRST_YEAR, LAST_YEAR = 2000, 2099
HISTORY_DAYS = 548
WEEKS_BEFORE, WEEKS = 8, 60
_HOLIDAYS: dict[int, tuple[tuple[str, str, str, tuple[str, ...]], ...]] = {
    2024: (
        ("元旦", "01-01", "01-01", ()), ("春节", "02-10", "02-17", ("02-04", "02-18")),
        ("清明节", "04-04", "04-06", ("04-07",)), ("劳动节", "05-01", "05-05", ("04-28", "05-11")),
        ("端午节", "06-08", "06-10", ()), ("中秋节", "09-15", "09-17", ("09-14",)),
        ("国庆节", "10-01", "10-07", ("09-29", "10-12")),
    ),
    2025: (
        ("元旦", "01-01", "01-01", ()), ("春节", "01-28", "02-04", ("01-26", "02-08")),
        ("清明节", "04-04", "04-06", ()), ("劳动节", "05-01", "05-05", ("04-27",)),
        ("端午节", "05-31", "06-02", ()), ("国庆节", "10-01", "10-08", ("09-28", "10-11")),
    ),
    2026: (
        ("元旦", "01-01", "01-03", ("01-04",)), ("春节", "02-15", "02-23", ("02-14", "02-28")),
        ("清明节", "04-04", "04-06", ()), ("劳动节", "05-01", "05-05", ("05-09",)),
        ("端午节", "06-19", "06-21", ()), ("中秋节", "09-25", "09-27", ()),
        ("国庆节", "10-01", "10-07", ("09-20", "10-10")),
    ),
    2027: (
        ("元旦", "01-01", "01-03", ()), ("春节", "02-05", "02-12", ("01-31", "02-13")),
        ("清明节", "04-03", "04-05", ()), ("劳动节", "05-01", "05-05", ("04-25", "05-08")),
        ("端午节", "06-09", "06-09", ()), ("中秋节", "09-15", "09-15", ()),
        ("国庆节", "10-01", "10-07", ("09-26", "10-09")),
    ),
}  # fmt: skip
_FIXED = (("元旦", "01-01", "01-01", ()), ("劳动节", "05-01", "05-05", ()),
          ("国庆节", "10-01", "10-07", ()))  # fmt: skip
_NEW_YEAR = {2024: "02-10", 2025: "01-29", 2026: "02-17", 2027: "02-06", 2028: "01-26"}


def _of(year: int, month_day: str) -> date:
    return date.fromisoformat(f"{year}-{month_day}")


def _year(year: int) -> Iterator[CalendarRow]:
    for name, first, last, worked in _HOLIDAYS.get(year, _FIXED):
        day = _of(year, first)
        while day <= _of(year, last):
            yield CalendarRow(day=day, kind="holiday", school="0", name=name)
            day += ONE_DAY
        for written in worked:
            day = _of(year, written)
            school = "1" if in_term(day) else "0"
            yield CalendarRow(day=day, kind="in_lieu", school=school, name=f"{name}调休")


def in_term(day: date) -> bool:
    """Whether the day lies in a school term: autumn from 1 September, spring until 5 July."""
    if day.month in (7, 8):
        return day.month == 7 and day.day <= 5
    new_year = _of(day.year, _NEW_YEAR.get(day.year, "02-06"))
    return not new_year - 21 * ONE_DAY <= day <= new_year + 15 * ONE_DAY


def calendar_days(first: date, count: int) -> list[CalendarRow]:
    """So many days from the first on, one row each."""
    end = first + count * ONE_DAY
    special = {row.day: row for year in range(first.year, end.year + 1) for row in _year(year)}
    return [special.get(day) or _plain(day) for day in (first + n * ONE_DAY for n in range(count))]


def _plain(day: date) -> CalendarRow:
    works = day.isoweekday() <= 5
    school = "1" if works and in_term(day) else "0"
    return CalendarRow(day=day, kind="workday" if works else "rest", school=school)


def history_start(today: date) -> date:
    """First day of 18 months that end the day before `today`."""
    return today - HISTORY_DAYS * ONE_DAY


def calendar_start(today: date) -> date:
    """The Monday from which calendar.csv has every day, 60 weeks."""
    return today - (today.weekday() + 7 * WEEKS_BEFORE) * ONE_DAY


def calendar_rows(today: date) -> list[CalendarRow]:
    """60 whole weeks around `today`, and before them the history's days that are special."""
    start = calendar_start(today)
    first = history_start(today)
    before = calendar_days(first, (start - first).days)
    differs = [row for row in before if row != _weekday_only(row.day)]
    return differs + calendar_days(start, 7 * WEEKS)


def _weekday_only(day: date) -> CalendarRow:
    """What a reader takes a day for that is not in the file."""
    works = day.isoweekday() <= 5
    return CalendarRow(day=day, kind="workday" if works else "rest", school="1" if works else "0")
