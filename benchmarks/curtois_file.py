"""Reads the text format of the Curtois–Qu shift scheduling instances; knows no engine."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from benchmarks.run_lines import BadFile

MOST = 1_000_000  # of any number: far beyond every real one, and engines count with it
MOST_DAYS = 3_660


@dataclass(frozen=True)
class Shift:
    """A type of shift. bars: types that must not follow on the next day."""

    name: str
    minutes: int
    bars: tuple[str, ...]


@dataclass
class Person:
    """One of the staff. most_of: most shifts of each type."""

    name: str
    most_of: dict[str, int]
    most_min: int
    least_min: int
    most_run: int
    least_run: int
    least_off: int
    most_weekends: int
    days_off: set[int] = field(default_factory=set)
    on: dict[tuple[int, str], int] = field(default_factory=dict)
    off: dict[tuple[int, str], int] = field(default_factory=dict)


@dataclass(frozen=True)
class Cover:
    """How many are wanted on a day in a type, and the price of each one short or over."""

    day: int
    shift: str
    want: int
    short: int
    over: int


@dataclass
class Instance:
    """The whole file."""

    days: int = 0
    shifts: dict[str, Shift] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    covers: list[Cover] = field(default_factory=list)


class _Reader:
    """Reads line by line and remembers where it is."""

    def __init__(self, path: Path) -> None:
        self.path, self.number = path, 0
        self.instance = Instance()
        self.seen: set[str] = set()
        self.covered: dict[tuple[int, str], int] = {}

    def wrong(self, what: str, remedy: str) -> NoReturn:
        """Refuse the line."""
        msg = f"{self.path}:{max(1, self.number)}: {what}; {remedy}"
        raise BadFile(msg)

    def whole(self, text: str, what: str, least: int = 0, most: int = MOST) -> int:
        """A whole number."""
        try:
            value = int(text)
        except ValueError:
            self.wrong(f"{what} is {text!r}", "write a whole number")
        if value < least:
            self.wrong(f"{what} is {value}", f"write a number from {least} on")
        if value > most:
            self.wrong(f"{what} is {value}", f"write a number up to {most}")
        return value

    def day(self, text: str) -> int:
        """A day of the horizon."""
        day = self.whole(text, "the day")
        if day >= self.instance.days:
            self.wrong(f"day {day} lies behind the horizon", f"days are 0–{self.instance.days - 1}")
        return day

    def shift(self, text: str) -> str:
        """A known type."""
        if text not in self.instance.shifts:
            known = ", ".join(self.instance.shifts) or "none"
            self.wrong(f"no shift {text!r}", f"SECTION_SHIFTS has {known}")
        return text

    def person(self, text: str) -> Person:
        """A known person."""
        if text not in self.instance.people:
            self.wrong(f"no person {text!r}", "name somebody of SECTION_STAFF")
        return self.instance.people[text]

    def fields(self, line: str, count: int, what: str) -> list[str]:
        """The fields of a line."""
        found = [part.strip() for part in line.split(",")]
        if len(found) != count:
            self.wrong(f"{len(found)} fields instead of {count}", f"write {what}")
        return found

    def horizon(self, line: str) -> None:
        """SECTION_HORIZON."""
        if self.instance.days:
            self.wrong("a second horizon", "write one number of days")
        self.instance.days = self.whole(line, "the horizon", 1, MOST_DAYS)

    def a_shift(self, line: str) -> None:
        """SECTION_SHIFTS."""
        name, minutes, bars = self.fields(line, 3, "name, minutes, types that cannot follow")
        if not name or name in self.instance.shifts:
            self.wrong(f"shift {name!r} is there already or has no name", "name each type once")
        followers = tuple(part.strip() for part in bars.split("|") if part.strip())
        length = self.whole(minutes, "the length", 1)
        self.instance.shifts[name] = Shift(name, length, followers)

    def a_person(self, line: str) -> None:
        """SECTION_STAFF."""
        found = self.fields(
            line, 8, "name, most of each type, most and least minutes, most and least run, "
            "least days off, most week-ends",
        )  # fmt: skip
        if not found[0] or found[0] in self.instance.people:
            self.wrong(f"person {found[0]!r} is there already or has no name", "name each one once")
        most_of = self.most_of(found[1])
        names = ("most minutes", "least minutes", "most run", "least run", "least off", "week-ends")
        most_min, least_min, most_run, least_run, least_off, most_weekends = (
            self.whole(text, f"the {name}") for text, name in zip(found[2:], names, strict=True)
        )
        if least_min > most_min:
            self.wrong(
                f"{found[0]} is to work at least {least_min} minutes and at most {most_min}",
                "write most minutes, then least minutes, the least not above the most",
            )
        self.instance.people[found[0]] = Person(
            found[0], most_of, most_min, least_min, most_run, least_run, least_off, most_weekends
        )

    def most_of(self, cell: str) -> dict[str, int]:
        """Most shifts of each type."""
        found: dict[str, int] = {}
        for part in filter(None, (part.strip() for part in cell.split("|"))):
            name, _, most = part.partition("=")
            shift = self.shift(name.strip())
            if shift in found:
                self.wrong(f"type {shift!r} stands twice in {cell!r}", "write each type once")
            found[shift] = self.whole(most, f"the most of {shift}")
        return found

    def days_off(self, line: str) -> None:
        """SECTION_DAYS_OFF."""
        name, *days = [part.strip() for part in line.split(",")]
        self.person(name).days_off |= {self.day(day) for day in days if day}

    def request(self, line: str, *, on: bool) -> None:
        """Both sections of requests."""
        name, day, shift, weight = self.fields(line, 4, "person, day, shift, weight")
        person = self.person(name)
        wishes, key = person.on if on else person.off, (self.day(day), self.shift(shift))
        wishes[key] = wishes.get(key, 0) + self.whole(weight, "the weight")

    def cover(self, line: str) -> None:
        """SECTION_COVER."""
        day, shift, *rest = self.fields(line, 5, "day, shift, wanted, price short, price over")
        numbers = [self.whole(text, "a number of the cover") for text in rest]
        key = self.day(day), self.shift(shift)
        if key in self.covered:
            self.wrong(
                f"a second cover of day {key[0]}, shift {key[1]}",
                f"it stands in line {self.covered[key]} already; keep one",
            )
        self.covered[key] = self.number
        self.instance.covers.append(Cover(*key, *numbers))

    def read(self) -> Instance:
        """The whole file."""
        parts: dict[str, Callable[[str], None]] = {
            "SECTION_HORIZON": self.horizon,
            "SECTION_SHIFTS": self.a_shift,
            "SECTION_STAFF": self.a_person,
            "SECTION_DAYS_OFF": self.days_off,
            "SECTION_SHIFT_ON_REQUESTS": lambda line: self.request(line, on=True),
            "SECTION_SHIFT_OFF_REQUESTS": lambda line: self.request(line, on=False),
            "SECTION_COVER": self.cover,
        }
        part: Callable[[str], None] | None = None
        for line in self.lines():
            if line.startswith("SECTION_"):
                if line not in parts:
                    self.wrong(f"section {line} is not known", f"there are {', '.join(parts)}")
                part = parts[line]
                self.seen.add(line)
            elif part is None:
                self.wrong("text before the first section", "begin with SECTION_HORIZON")
            else:
                part(line)
        self.end()
        return self.instance

    def lines(self) -> Iterator[str]:
        """Lines that say something."""
        try:
            text = self.path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as trouble:
            self.wrong(f"cannot be read ({trouble})", "give an instance file as text")
        for self.number, line in enumerate(text.splitlines(), 1):
            if line.strip() and not line.strip().startswith("#"):
                yield line.strip()

    def end(self) -> None:
        """What can be told only at the end."""
        for name, there in (
            ("SECTION_HORIZON", self.instance.days), ("SECTION_SHIFTS", self.instance.shifts),
            ("SECTION_STAFF", self.instance.people), ("SECTION_COVER", self.instance.covers),
        ):  # fmt: skip
            if not there:
                self.wrong(f"{name} is missing or empty", "add it")
        for shift in self.instance.shifts.values():
            for name in shift.bars:
                self.shift(name)


def read(path: Path) -> Instance:
    """The instance of a file.

    Raises:
        BadFile: With file, line, cause and remedy.
    """
    return _Reader(path).read()
