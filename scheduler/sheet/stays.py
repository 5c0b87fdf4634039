"""Who is where when: a week's duties as stays at posts and on sections 路段. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from config.ids import PlaceId
from config.words import Say
from scheduler.problem import Task
from scheduler.roster import Duty
from scheduler.sheet.source import Source


@dataclass(frozen=True, slots=True)
class Stay:
    """A duty's time at one place. `where`: name of the post, else of the section."""

    where: str
    start_min: int
    end_min: int
    duty: Duty


@dataclass(frozen=True, slots=True)
class Stays:
    """Finds the stays of a week."""

    source: Source
    say: Say

    def of(self, duty: Duty) -> Iterator[Stay]:
        """A duty's fixed duties and visits where they are; for the rest it is at its post."""
        tasks = {task.id: task for task in self.source.problem.tasks}
        away = [self._task(tasks[name], duty) for name in duty.tasks if name in tasks]
        away += [
            Stay(self.place(visit.place), visit.arrive_min, visit.leave_min, duty)
            for visit in duty.visits
        ]
        at_min = duty.start_min
        home = self.source.printer.district.posts.get(duty.post) if duty.post else None
        post = (home.name or home.post) if home else self.say(f"code.kind.{duty.kind}")
        for stay in sorted(away, key=lambda one: (one.start_min, one.end_min)):
            if stay.start_min > at_min:
                yield Stay(post, at_min, stay.start_min, duty)
            yield stay
            at_min = max(at_min, stay.end_min)
        if at_min < duty.end_min:
            yield Stay(post, at_min, duty.end_min, duty)

    def place(self, place: str) -> str:
        """A place by its section, else by its name."""
        row = self.source.district.places.get(PlaceId(place))
        return (row.section or row.name) if row else place

    def _task(self, task: Task, duty: Duty) -> Stay:
        if task.place:
            where = self.place(task.place)
        else:
            row = self.source.district.posts.get(task.post) if task.post else None
            where = (row.name or row.post) if row else self.say(f"code.kind.{task.kind}")
        return Stay(where, task.start_min, task.end_min, duty)
