"""What a week's ledger is made of: its versions, their publications, what people did about them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

from config.calendar import week_of_day
from events.plan_decisions import DraftPart
from scheduler.acts import Act

Normal = Mapping[str, Any]
"""Normal data of an event, as frames keep it."""
Duty = Mapping[str, Any]
"""Normal data of `duty_rostered`, as frames keep it."""
ABSENCE: Final = "absence"
REPAIRS: Final = frozenset((ABSENCE, "vehicle"))
"""Causes of versions that the planner makes by itself of one in force."""
WENT_ON: Final = "planner.went_on"
"""Key of the note that a person plans on, though frames are gone."""


def work_of(duty: Duty) -> tuple[object, ...]:
    """What makes a duty the same in two versions: whose it is, and when."""
    return (duty["duty"], duty["start"], duty["end"], duty["officer"],
            tuple(duty.get("auxiliaries", ())))  # fmt: skip


def weeks_around(on: date) -> tuple[str, ...]:
    """Weeks of which a day's absence may change something: a night began the day before."""
    return tuple(sorted({week_of_day(on - timedelta(days=1)), week_of_day(on)}))


def bare(duty: Duty | None) -> dict[str, Any] | None:
    """A duty as it is whatever the number of its version; None for none."""
    if duty is None:
        return None
    return {name: value for name, value in duty.items() if name != "version"}


@dataclass(frozen=True, slots=True)
class Draft:
    """A version of a week's roster. `told`: the hash that its parts carry until it is whole.

    base: The version in force that it was made from. change: What a repair says of itself.
    breaches: The laws for which it was refused. reports: How many had come by then.
    """

    version: int
    parts: tuple[DraftPart, ...] = ()
    told: str | None = None
    whole: bool = False
    hash: str = ""
    cause: str = ""
    base: int | None = None
    change: Mapping[str, Any] | None = None
    approved: bool = False
    withdrawn: bool = False
    refused: bool = False
    breaches: tuple[Mapping[str, Any], ...] = ()
    reports: int = 0

    @property
    def duties(self) -> tuple[Duty, ...]:
        """All its duties, in the order of the parts."""
        return tuple(duty for part in self.parts for duty in part.duties)

    @property
    def open(self) -> bool:
        """Whether it could still be published."""
        return self.whole and not self.withdrawn and not self.refused


@dataclass(frozen=True, slots=True)
class Publication:
    """A published version, and the frame in which that stands."""

    version: int
    seq: int
    replaces: int | None
    hash: str


@dataclass(frozen=True, slots=True)
class Wish:
    """Somebody asked for a plan of a week."""

    time_s: int | None = None
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class Return:
    """Somebody who was reported absent on an ISO date is there after all; of a week in force."""

    week: str
    person: str
    date: str


@dataclass(frozen=True, slots=True)
class WeekLedger:
    """What was done about one week."""

    drafts: Mapping[int, Draft] = field(default_factory=dict)
    publications: tuple[Publication, ...] = ()
    skipped: str | None = None
    wish: Wish | None = None
    acts: tuple[Act, ...] = ()

    @property
    def published(self) -> tuple[int, ...]:
        """The published versions, oldest first."""
        return tuple(one.version for one in self.publications)

    @property
    def held(self) -> int | None:
        """The version in force."""
        return self.publications[-1].version if self.publications else None

    @property
    def newest(self) -> Draft | None:
        """The newest draft that could be published and is not."""
        candidates = [d for d in self.drafts.values() if d.open and d.version > (self.held or 0)]
        return max(candidates, key=lambda draft: draft.version, default=None)

    def to_publish(self, version: int | None) -> Draft | None:
        """The draft of that number, or the newest, if it could be published and is not."""
        if version is None:
            return self.newest
        draft = self.drafts.get(version)
        return draft if draft and draft.open and version > (self.held or 0) else None

    @property
    def next_version(self) -> int:
        """The version that a new draft gets."""
        return max([0, *self.drafts, *self.published]) + 1

    def takes(self, version: int, told: str) -> bool:
        """Whether a draft of that number and hash can be begun or continued."""
        held = self.drafts.get(version)
        if held is None:
            return version > max([0, *self.published])
        return not held.whole and held.told == told


NOTHING = WeekLedger()
