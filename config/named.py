"""Who and what people name on the command line: by id, or by a name that only one has.

One way for all: what nobody knows is told with what is most like it, up to three of them, or with
all ids where they are few. The tables come on use: every command imports this, for its help, too.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from config.errors import BadInput, NotFound
from config.faults import near, shown
from config.ids import PersonId, SquadronId, TeamId

if TYPE_CHECKING:
    from config.tables import PersonRow

MOST, FEW = 3, 8
_WEEK = re.compile(r"\D*(\d{4})\D*(\d{1,2})\D*")
_DAY = re.compile(r"\D*(\d{4})\D?(\d{1,2})\D?(\d{1,2})\D*")


def chosen(told: str, names: Mapping[str, str | None], where: str) -> str:
    """The id that somebody means.

    Args:
        told: An id, or a name that only one has.
        names: Id → name, None where it has none.
        where: The file that holds them.

    Raises:
        NotFound: Nobody has it, or several.
    """
    if told in names:
        return told
    named = [one for one, name in names.items() if name == told]
    if len(named) == 1:
        return named[0]
    if named:
        raise NotFound("named.several", value=told, choices=", ".join(named), count=len(named))
    texts = {one: f"{one} {name}" if name else one for one, name in names.items()}
    texts |= {name: texts[one] for one, name in names.items() if name}
    shown_all = list(dict.fromkeys(texts.values()))
    if not closest(told, texts) and len(shown_all) <= FEW:  # as s9, half like s1
        raise NotFound("named.no", value=shown(told), near=", ".join(shown_all), file=where)
    raise unknown("named.no", told, texts, file=where)


def unknown(key: str, told: str, names: Mapping[str, str], **fields: object) -> NotFound:
    """What to raise where the district has nobody and nothing of that name.

    Args:
        key: Of the words; `key` + `_at_all` where none is like it.
        told: What nobody knows.
        names: Whatever could have been said → how it is shown.
        fields: More fields of the words.
    """
    key, near_it = _nearest(key, told, names)
    return NotFound(key, **near_it, **fields)


def no_word(
    key: str, told: str, names: Collection[str] | Mapping[str, str], **fields: object
) -> BadInput:
    """As `unknown`, for a word of the program's own list: that is no matter of what is there.

    Args:
        key: Of the catalogue.
        told: What was said.
        names: The words; or how each may be spelled, with how it is told.
        fields: Of the sentence.
    """
    spelled = names if isinstance(names, Mapping) else dict(zip(names, names, strict=True))
    key, near_it = _nearest(key, told, spelled)
    return BadInput((), key, **near_it, **fields)


def _nearest(key: str, told: str, names: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """The key of the words and what they tell: the nearest as `near`, where there is any."""
    if found := closest(told, names):
        return key, {"value": shown(told), "near": ", ".join(found)}
    return f"{key}_at_all", {"value": shown(told)}


def closest(told: str, names: Mapping[str, str]) -> list[str]:
    """Up to three most like it, best first, large letters or small; or that hold what was said."""
    told, left = told.casefold(), {name.casefold(): one for name, one in names.items()}
    found: list[str] = []
    while len(found) < MOST and (one := near(told, left) or _holding(told, left)):
        if left[one] not in found:
            found.append(left[one])
        del left[one]
    return found


def _holding(told: str, names: Iterable[str]) -> str:
    return next((name for name in names if told and told in name), "")


def person_named(told: str, persons: "Mapping[PersonId, PersonRow]") -> PersonId:
    """The person of that id or name."""
    from config.tables import PersonRow  # noqa: PLC0415

    names: Mapping[str, str | None] = {one: row.name for one, row in persons.items()}
    return PersonId(chosen(told, names, PersonRow.file))


def team_named(told: str, folder: Path) -> TeamId:
    """The team of that id, or of the officer of that name: the unit on duty bears its id."""
    from config.people import team_id  # noqa: PLC0415
    from config.sound import sound_rows  # noqa: PLC0415
    from config.tables import PersonRow  # noqa: PLC0415

    rows = sound_rows(folder / PersonRow.file, PersonRow)
    teams = {str(team_id(row)): row.name for row in rows if row.role == "officer"}
    return TeamId(chosen(told, teams, PersonRow.file))


def squadron_named(told: str, folder: Path) -> SquadronId:
    """The squadron of that id or name."""
    from config.settings import Settings  # noqa: PLC0415
    from config.yaml_reading import read_yaml  # noqa: PLC0415

    settings = read_yaml(folder / "settings.yaml", Settings).sound()
    names: Mapping[str, str | None] = {one.id: one.name for one in settings.squadrons}
    return SquadronId(chosen(told, names, "settings.yaml"))


def week_named(told: str) -> str:
    """The ISO week itself.

    Raises:
        BadInput: It is none; with the week that it looks like.
    """
    from config.calendar import monday_of  # noqa: PLC0415 - numpy

    def read(text: str) -> str:
        monday_of(text)
        return text

    digits = _WEEK.fullmatch(told)
    meant = f"{digits[1]}-W{int(digits[2]):02d}" if digits else ""
    return _written(told, meant, read, ("named.week", "named.week_at_all"))


def day_named(told: str) -> str:
    """The date itself, ISO 8601.

    Raises:
        BadInput: It is none, with the date that it looks like; or of a year without duties.
    """
    digits = _DAY.fullmatch(told)
    meant = f"{digits[1]}-{int(digits[2]):02d}-{int(digits[3]):02d}" if digits else ""
    keys = ("named.day", "named.day_at_all")
    found = _written(told, meant, lambda text: date.fromisoformat(text).isoformat(), keys)
    check_year(told, date.fromisoformat(found))
    return found


def check_year(told: str, day: date) -> None:
    """Refuse a date around which no calendar reaches: year 1 has no week before its first.

    Raises:
        BadInput: Its year is none in which duties are planned.
    """
    from config.calendar import YEARS  # noqa: PLC0415 - numpy

    if day.year not in YEARS:
        raise BadInput(key="named.far", value=shown(told), first=YEARS[0], last=YEARS[-1])


def _written(told: str, meant: str, read: Callable[[str], str], keys: tuple[str, str]) -> str:
    """What was told, if it is written as it is read; else what is wrong, and what was meant.

    Args:
        told: As typed.
        meant: What it looks like; "" for nothing.
        read: How it is written rightly; ValueError where it is none.
        keys: Of the fault where something is near, and where nothing is.
    """
    for text in (told, meant):
        try:
            found = read(text)
        except ValueError:
            continue
        if found == told:
            return told
        raise BadInput(key=keys[0], value=shown(told), near=found)
    raise BadInput(key=keys[1], value=shown(told))
