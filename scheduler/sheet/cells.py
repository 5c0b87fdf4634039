"""What a cell of the duty sheet says: hours, kind, post, vehicle, crew; or a day off. Pure.

Whatever hand wrote it: full-width digits and colons, any dash, 7点30分, 0730, 次日 or +1 for
an end on the next day, which an end not after its start means as well. What a cell does not say
stays as it was.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta

from config.cells import DutyKind
from config.durations import DAY_MIN
from config.faults import shown
from config.ids import PersonId, PostId, VehicleId
from scheduler.sheet.known import Known, in_all, listed, plain

TASK = "※"
"""Before a fixed duty: told for the reader, never read back."""
_SPLIT_NAMES = re.compile(r"[、,;/\n]+")
_SPLIT_WORDS = re.compile(r"[·•・|,;、]+")
_CLOCK = r"(?:(\d{1,2})(?:[:.](\d{2})|[点时](?:(\d{1,2})分?|(半))?)?|(\d{2})(\d{2}))"
_NEXT = r"(次日|翌日|第二天|next day)?\s*"
_SPAN = re.compile(
    rf"(?<![0-9A-Za-z:.]){_NEXT}{_CLOCK}\s*(?:-|–|—|−|~|〜|至|到|to)+\s*{_NEXT}{_CLOCK}\s*(\(?\+1\)?)?"
    r"(?![0-9A-Za-z:.])"
)
_HALF = re.compile(r"(?<![0-9A-Za-z])(\d{1,2})(?:[:.点时](\d{0,2}))?")
_USUAL_MIN = (450, 930)
_USUAL_LENGTH_MIN = 480
"""07:30 to 15:30: what is proposed where nothing else is known."""


@dataclass(frozen=True, slots=True)
class Stated:
    """What a cell says of a duty, minutes after its date's midnight; None: it does not say."""

    start_min: int
    end_min: int
    kind: DutyKind | None = None
    post: PostId | None = None
    vehicle: VehicleId | None = None
    auxiliaries: tuple[PersonId, ...] | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a cell cannot be read: key below `check.sheet.`, and its fields."""

    key: str
    fields: Mapping[str, object] = field(default_factory=dict)


def fault(key: str, value: object, near: str = "", **fields: object) -> Fault:
    """A fault about a value, with the nearest valid one where there is one."""
    return Fault(key, {"value": shown(value), **({"near": near} if near else {}), **fields})


def text_of(value: object) -> str | Fault:
    """The text that a cell's value was meant to be; a program's own guesses are undone or told."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return fault("no_text", value)
    if isinstance(value, (datetime, date)):
        # 8-16 that was taken for the 16th of August
        hours = (value.month * 60, value.day * 60)
        near = "" if hours[1] > DAY_MIN else span(*hours)
        return fault("date_made", value.strftime("%Y-%m-%d"), near)
    if isinstance(value, time):
        return value.strftime("%H:%M")
    if isinstance(value, timedelta):
        return clock(round(value.total_seconds() / 60))
    if isinstance(value, float) and 0 < value < 1:
        return clock(round(value * DAY_MIN))
    return str(value)


def clock(minute: int) -> str:
    """A minute after midnight as a clock."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def span(start_min: int, end_min: int) -> str:
    """Hours as they are proposed; an end not after the start is on the next day."""
    return f"{clock(start_min)}–{clock(end_min if end_min <= DAY_MIN else end_min % DAY_MIN)}"


def is_off(text: str) -> bool:
    """Whether a text says that the day is free."""
    return plain(text).casefold().strip(" ()。.") in {"", *listed("sheet.off_words")}


def parse(text: str, known: Known, was: tuple[int, int] | None = None) -> Stated | Fault | None:
    """What a cell says; None is a day off.

    Args:
        text: The cell's.
        known: The district's names.
        was: Hours of the duty as it was, minutes after midnight: what a fault proposes.
    """
    if is_off(text):
        return None
    found = Stated(-1, -1)
    for raw in text.replace("\r", "\n").split("\n"):
        line = plain(raw)
        if not line or line.startswith(TASK):
            continue
        taken = _line(line, known, found, was)
        if isinstance(taken, Fault):
            return taken
        found = taken
    return found if found.start_min >= 0 else _half(text, was)


def _line(line: str, known: Known, found: Stated, was: tuple[int, int] | None) -> Stated | Fault:
    """What is known after one more line."""
    crew = crew_of(line)
    if crew is not None:
        people = people_of(crew, known)
        return people if isinstance(people, Fault) else replace(found, auxiliaries=people)
    if line in known.posts and found.post is None:
        return replace(found, post=known.posts[line])
    spans = list(_SPAN.finditer(line))
    if len(spans) > 1 or (spans and found.start_min >= 0):
        first, last = spans[0].group(), spans[-1].group()
        near = re.split(r"[-–—−~〜至到]", first)[0] + "–" + re.split(r"[-–—−~〜至到]", last)[-1]
        return fault("two_spans", line, near)
    if spans:
        hours = _hours(spans[0], was)
        if isinstance(hours, Fault):
            return hours
        found = replace(found, start_min=hours[0], end_min=hours[1])
        line = plain(f"{line[: spans[0].start()]}\n{line[spans[0].end() :]}")
    return _words(line, known, found, was)


def _words(line: str, known: Known, found: Stated, was: tuple[int, int] | None) -> Stated | Fault:
    """Kind, post and vehicle out of what is left of a line."""
    rest = line.strip(" ·•・|,;、")
    if rest in known.posts and found.post is None:
        return replace(found, post=known.posts[rest])
    parts = [part.strip() for part in _SPLIT_WORDS.split(rest) if part.strip()]
    words = [
        word for part in parts
        for word in ([part] if _take(part, known, found) else part.split(" "))
    ]  # fmt: skip
    for word in words:
        taken = _take(word, known, found)
        if taken is None:
            if _HALF.match(word):
                return _half(line, was)
            return fault("unknown_word", word, known.near_word(word))
        found = taken
    return found


def _take(word: str, known: Known, found: Stated) -> Stated | None:
    """What is known after a word; None: it means nothing."""
    kind = known.kinds.get(word.casefold())
    if kind is not None and found.kind is None:
        return replace(found, kind=kind)
    if word in known.posts:
        return replace(found, post=known.posts[word])
    if word in known.vehicles:
        return replace(found, vehicle=known.vehicles[word])
    return found if kind is not None and kind == found.kind else None


def crew_of(line: str) -> str | None:
    """The names behind the words for a crew; None where a line is of something else."""
    for start in (text.partition("{crew}")[0] for text in in_all("planner.report.with")):
        begin = start.rstrip(" :")
        rest = line[len(begin) :]
        if line.casefold().startswith(begin) and (not begin.isascii() or rest[:1] in (" ", ":")):
            return rest.strip(" :")
    return None


def people_of(text: str, known: Known) -> tuple[PersonId, ...] | Fault:
    """The people of a list of names; nobody is a list, too."""
    names = [name for part in _SPLIT_NAMES.split(text) if (name := plain(part))]
    if " ".join(names).casefold() in {"", *in_all("planner.report.nobody")}:
        return ()
    found: list[PersonId] = []
    for name in names:
        person = known.person(name)
        if person is None:
            return fault("stranger", name, known.near_person(name))
        if person in found:
            return fault("named_twice", name)
        found.append(person)
    return tuple(found)


def _bare(groups: Sequence[str | None]) -> bool:
    """Whether a clock has hours only: 7 beside 15:30 is half of something."""
    return not any(groups[1:])


def _hours(match: re.Match[str], was: tuple[int, int] | None) -> tuple[int, int] | Fault:
    """Start and end after midnight of a span."""
    after, *groups = match.groups()
    if _bare(groups[:6]) != _bare(groups[7:13]) and "点" not in match[0] and "时" not in match[0]:
        return _half(match[0], was)
    is_rest = was is not None and was[0] >= DAY_MIN
    most_h = 48 if is_rest else 24
    start, end = _minute(groups[:6], most_h), _minute(groups[7:13], most_h)
    later = bool(groups[6] or groups[13])
    if not isinstance(start, int) or not isinstance(end, int):
        first, last = (one if isinstance(one, int) else one[0] for one in (start, end))
        last = last if last != first else (first + _USUAL_LENGTH_MIN) % DAY_MIN
        return fault("clock", match.group().strip(), span(first, last))
    if was is not None and is_rest and (after or _is_rest(start, end, was)):
        return _rest(match.group().strip(), start, end)
    if start == DAY_MIN or after:  # a new duty stands under the day on which it begins
        return fault("clock", match.group().strip(), span(start % DAY_MIN, end))
    if start == end and not later:
        return fault(
            "no_length", match.group().strip(), span(start, (start + _USUAL_LENGTH_MIN) % DAY_MIN)
        )
    return start, end + DAY_MIN if later or end <= start else end


def _is_rest(start: int, end: int, was: tuple[int, int]) -> bool:
    """Whether hours of a duty that was the rest of a night are still meant of the day after.

    Written so, 25:00–06:00, or beside the hours that it had: 00:30–05:00.
    """
    begun, ended = was[0] - DAY_MIN, was[1] - DAY_MIN
    return start >= DAY_MIN or (start < end and start < ended and end > begun)


def _rest(text: str, start: int, end: int) -> tuple[int, int] | Fault:
    """Hours that both lie on the day after; they do not reach into a third."""
    start, end = start % DAY_MIN, end % DAY_MIN or DAY_MIN
    if end <= start:
        return fault("no_length", text, span(start + DAY_MIN, min(start + 60, DAY_MIN) + DAY_MIN))
    return start + DAY_MIN, end + DAY_MIN


def _minute(groups: Sequence[str | None], most_h: int = 24) -> int | tuple[int]:
    """Minutes after midnight; in a tuple the nearest ones, where it is no time of day."""
    hour_text, minutes, spoken, half, hour4, minute4 = groups
    hour = int(hour_text or hour4 or 0)
    minute = 30 if half else int(minutes or spoken or minute4 or 0)
    if hour < most_h and minute < 60:
        return hour * 60 + minute
    if hour == most_h and minute == 0:
        return most_h * 60
    return (min(hour, 23) * 60 + min(minute, 59),)


def _half(text: str, was: tuple[int, int] | None) -> Fault:
    """A cell without whole hours: what it may have been about to say."""
    start_min, end_min = was or _USUAL_MIN
    begun = _HALF.search(plain(text))
    if begun is not None:
        minute = (begun[2] or "").ljust(2, "0")
        start = _minute((begun[1], minute, None, None, None, None))
        length = end_min - start_min
        start_min = start if isinstance(start, int) else start[0]
        start_min %= DAY_MIN
        end_min = end_min if end_min > start_min else start_min + length
    return fault("half", plain(text), span(start_min, end_min))
