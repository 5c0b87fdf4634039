"""What people call the ids of a roster: persons, posts, places, squadrons, fixed duties.

For files and pages that stay in the district's own folder. Events and journals have ids only.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from config.district import District
from config.ids import PersonId, PlaceId, PostId

NIGHT_CHECK = "night_check"


@dataclass(frozen=True, slots=True)
class Names:
    """The names of a district; None where its files give none."""

    district: District

    def person(self, person: str) -> str | None:
        """A person's name."""
        row = self.district.people.persons.get(PersonId(person))
        return row.name if row else None

    def people(self, persons: Iterable[str]) -> tuple[str, ...]:
        """The names of some people, in their order; who has none by id."""
        return tuple(self.person(person) or person for person in persons)

    def post(self, post: str | None) -> str | None:
        """A post's name."""
        row = self.district.posts.get(PostId(post)) if post else None
        return row.name if row else None

    def place(self, place: str) -> str | None:
        """A place's name."""
        row = self.district.places.get(PlaceId(place))
        return row.name if row else None

    def squadron(self, squadron: str) -> str | None:
        """A squadron's name."""
        own = self.district.settings.squadrons
        return next((row.name for row in own if row.id == squadron), None)

    def task(self, task: str) -> str:
        """A fixed duty of a date, without the date: its id, hours and where it is.

        Such as `school-sch4-pm 16:00–17:20 第四小学`.
        """
        duty, _, _ = task.rpartition("@")
        if duty == NIGHT_CHECK:
            rule = self.district.settings.night_check
            return f"{duty} {rule.start:%H:%M}–{rule.end:%H:%M}"
        row = next((row for row in self.district.duties if row.duty == duty), None)
        if row is None:
            return task
        where = self.place(row.place) if row.place else self.post(row.post)
        return " ".join(filter(None, (duty, f"{row.start:%H:%M}–{row.end:%H:%M}", where)))
