"""What people call the ids of a roster: persons, posts, places, squadrons, fixed duties.

For files and pages that stay in the district's own folder. Events and journals have ids only.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from config.cells import DutyKind
from config.district import District
from config.ids import NIGHT_CHECK, PersonId, PlaceId, PostId, TeamId
from scheduler.fixed import is_night_check, row_of


@dataclass(frozen=True, slots=True)
class Names:
    """The names of a district; None where its files give none.

    shared: Names after which the id is told, see `shared_names`.
    """

    district: District
    shared: frozenset[str] = frozenset()

    def person(self, person: str) -> str | None:
        """A person's name."""
        row = self.district.people.persons.get(PersonId(person))
        return self._told(row.name, person) if row else None

    def people(self, persons: Iterable[str]) -> tuple[str, ...]:
        """The names of some people, in their order; who has none by id."""
        return tuple(self.person(person) or person for person in persons)

    def post(self, post: str | None) -> str | None:
        """A post's name."""
        row = self.district.posts.get(PostId(post)) if post else None
        return self._told(row.name, row.post) if row else None

    def _told(self, name: str | None, known_as: str) -> str | None:
        return f"{name}({known_as})" if name in self.shared else name

    def place(self, place: str) -> str | None:
        """A place's name, with its id where other places are called so, too."""
        row = self.district.places.get(PlaceId(place))
        if row is None:
            return None
        others = self.district.places.values()
        alike = any(one.name == row.name and one.place != row.place for one in others)
        return f"{row.name} · {row.place}" if alike else row.name

    def squadron(self, squadron: str) -> str | None:
        """A squadron's name."""
        own = self.district.settings.squadrons
        return next((row.name for row in own if row.id == squadron), None)

    def task_kind(self, task: str) -> DutyKind | None:
        """What kind of work a fixed duty is; None for one that is not in the files any more."""
        row = row_of(self.district, task)
        if row is None:
            return "night_check" if is_night_check(task) else None
        return row.kind

    def task(self, task: str) -> str:
        """A fixed duty of a date, without the date: its id, hours and where it is.

        Such as `school-sch4-pm 16:00–17:20 第四小学`.
        """
        if is_night_check(task):
            rule = self.district.settings.night_check
            return f"{NIGHT_CHECK} {rule.start:%H:%M}–{rule.end:%H:%M}"
        row = row_of(self.district, task)
        if row is None:
            return task
        where = self.place(row.place) if row.place else self.post(row.post)
        return " ".join(filter(None, (row.duty, f"{row.start:%H:%M}–{row.end:%H:%M}", where)))


@dataclass(frozen=True, slots=True)
class Called:
    """Ids as people read them: the name, then the id that a command takes; else the id alone.

    district: Whose names; None: all are called by their ids.
    """

    district: District | None = None

    def person(self, person: str) -> str:
        """谢明飞 P033."""
        return _with_id(Names(self.district).person(person) if self.district else None, person)

    def team(self, team: str) -> str:
        """By its officer: 谢明飞 P033, where the team's id is the officer's."""
        if self.district is None:
            return team
        officer = self.district.people.team_ids().get(TeamId(team))
        return _with_id(Names(self.district).person(officer) if officer else None, team)

    def anybody(self, who: str) -> str:
        """A person, else a team, else a squadron of that id."""
        found = (called(who) for called in (self.person, self.team, self.squadron))
        return next((told for told in found if told != who), who)

    def people(self, persons: Iterable[str]) -> tuple[str, ...]:
        """Persons, in their order."""
        return tuple(map(self.person, persons))

    def squadron(self, squadron: str) -> str:
        """A squadron by its name, which commands take, too."""
        found = Names(self.district).squadron(squadron) if self.district else None
        return found or squadron

    def post(self, post: str) -> str:
        """A post."""
        return _with_id(Names(self.district).post(post) if self.district else None, post)

    def place(self, place: str) -> str:
        """A place."""
        row = self.district.places.get(PlaceId(place)) if self.district else None
        return _with_id(row.name if row else None, place)

    def task(self, task: str) -> str:
        """A fixed duty of a date: its id without the date, hours and where it is."""
        return Names(self.district).task(task) if self.district else task


def _with_id(name: str | None, known_as: str) -> str:
    return f"{name} {known_as}" if name else known_as


def shared_names(district: District) -> frozenset[str]:
    """Names that several people, or several posts, bear: on a sheet they need their ids."""
    people = Counter(row.name for row in district.people.persons.values())
    posts = Counter(row.name for row in district.posts.values())
    return frozenset(
        name for found in (people, posts) for name, count in found.items() if name and count > 1
    )
