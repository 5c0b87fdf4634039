"""What people write on a sheet for the ids of a district: names, ids, words of either language."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TypeVar, get_args

from config.cells import DutyKind
from config.district import District
from config.faults import near
from config.ids import PersonId, PostId, TeamId, VehicleId
from config.words import LANGUAGES, catalogue
from scheduler.names import Names, shared_names

_SPACES = re.compile(r"\s+")
KINDS: tuple[DutyKind, ...] = get_args(DutyKind)
T = TypeVar("T", bound=str)


def plain(text: str) -> str:
    """A text as it is compared: full-width letters narrow, blanks single."""
    return _SPACES.sub(" ", unicodedata.normalize("NFKC", text)).strip()


@cache
def in_all(key: str) -> tuple[str, ...]:
    """A text of the words in every language, as it is compared, without case."""
    return tuple(plain(catalogue(lang)[key]).casefold() for lang in LANGUAGES)


@cache
def listed(key: str) -> frozenset[str]:
    """The words of a list in the catalogues, separated by blanks, of every language."""
    return frozenset(word for text in in_all(key) for word in text.split())


@dataclass(frozen=True, slots=True)
class Known:
    """Texts, as `plain` makes them, to ids. A name that several bear is in none of them.

    names: How the program itself writes the ids. teams: Every team and its officer.
    """

    names: Names
    teams: Mapping[TeamId, PersonId]
    team_texts: Mapping[str, TeamId]
    people: Mapping[str, PersonId]
    posts: Mapping[str, PostId]
    vehicles: Mapping[str, VehicleId]
    kinds: Mapping[str, DutyKind]

    @classmethod
    def of(cls, district: District) -> "Known":
        """All that a district and the words know."""
        names = Names(district, shared_names(district))
        kinds: dict[str, DutyKind] = {kind: kind for kind in KINDS}
        for kind in KINDS:
            kinds |= dict.fromkeys(in_all(f"code.kind.{kind}"), kind)
        people, posts = district.people.persons, district.posts
        return cls(
            names,
            district.people.team_ids(),
            _texts((team, ()) for team in district.people.team_ids()),
            _texts((p, (row.name, names.person(p))) for p, row in people.items()),
            _texts((p, (row.name, names.post(p))) for p, row in posts.items()),
            _texts((VehicleId(row.vehicle), (row.plate,)) for row in district.vehicles),
            kinds,
        )

    def person(self, text: str) -> PersonId | None:
        """The person whom a text means."""
        return self.people.get(plain(text))

    def near_person(self, text: str) -> str:
        """The person whose name or id is most like a text."""
        found = near(plain(text), self.people)
        return self.person_text(self.people[found]) if found else ""

    def person_text(self, person: PersonId) -> str:
        """A person by name and id."""
        row = self.names.district.people.persons.get(person)
        return f"{row.name}({person})" if row and row.name else person

    def near_word(self, text: str) -> str:
        """The kind, post or vehicle that is most like a text."""
        return near(plain(text), [*self.kinds, *self.posts, *self.vehicles])


def _texts(rows: Iterable[tuple[T, Iterable[str | None]]]) -> dict[str, T]:
    """Each text that means one thing only; an id always means its own."""
    meant: dict[str, set[T]] = {}
    ids: dict[str, T] = {}
    for thing, texts in rows:
        ids[plain(thing)] = thing
        for text in filter(None, texts):
            meant.setdefault(plain(text), set()).add(thing)
    return {text: next(iter(found)) for text, found in meant.items() if len(found) == 1} | ids
