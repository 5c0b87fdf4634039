"""Decisions of the planner: what stands in the frames of `P.plan`."""

from typing import Literal

from config.ids import PersonId, SquadronId
from events.facts import Object, Part, left_out

Cause = Literal["timer", "request", "edit", "absence", "vehicle", "swap", "extra", "undo", "demand"]
"""Why a draft was made."""
BY_HAND: Cause = "edit"
"""Of drafts that a person wrote; all others are the planner's work, and break no law."""


class Analysed(Part):
    """A month's patterns were made; `hash` is of the must-arrive points and demand."""

    type: Literal["analysed"] = "analysed"
    month: str
    hash: str


class MonthReported(Part):
    """The report of a month that ended was made, with its page's hash; or why it cannot be.

    `files`: of a refusal, on which files of the district; on others it is tried again.
    """

    type: Literal["month_reported"] = "month_reported"
    month: str
    hash: str | None = left_out()
    refused: str | None = left_out()
    files: str | None = left_out()


class DraftPart(Part):
    """The duties of one squadron on one day of a draft, as normal data of `duty_rostered`."""

    type: Literal["draft_part"] = "draft_part"
    week: str
    version: int
    squadron: SquadronId
    date: str
    duties: tuple[Object, ...]
    hash: str | None = left_out()
    """Of the whole draft: whose parts these are until it is whole."""


class Drafted(Part):
    """A draft is whole: its `parts` stand in this frame and those before; `hash` as published.

    base: The version in force that it was made from. change: What it changes and why, as
    `scheduler.repair.told_of` tells it.
    """

    type: Literal["drafted"] = "drafted"
    week: str
    version: int
    parts: int
    duties: int
    hash: str
    cause: Cause
    by: PersonId | None = left_out()
    base: int | None = left_out()
    change: Object | None = left_out()


class Approved(Part):
    """A draft may be published."""

    type: Literal["approved"] = "approved"
    week: str
    version: int
    by: PersonId | None = left_out()


class Published(Part):
    """A version is in force; the roster events derive from it and its draft's parts."""

    type: Literal["published"] = "published"
    week: str
    version: int
    replaces: int | None
    duties: int
    hash: str
    by: PersonId | None = left_out()


class Withdrawn(Part):
    """A draft will not be published."""

    type: Literal["withdrawn"] = "withdrawn"
    week: str
    version: int
    by: PersonId | None = left_out()
    reason: str | None = left_out()


class PublicationRefused(Part):
    """A draft was not published; each breach of a law as rule, person, duty, amount.

    What is no law's (`handed-in`, `unread`, `fault`) says why as `key` and `fields` of the words;
    `more` is how many others there are.
    """

    type: Literal["publication_refused"] = "publication_refused"
    week: str
    version: int
    breaches: tuple[Object, ...]


class Skipped(Part):
    """A week passed without a roster of ours, and why."""

    type: Literal["skipped"] = "skipped"
    week: str
    reason: str


class RequestRefused(Part):
    """A plan that was asked for is not made, and why; whoever wants it asks again."""

    type: Literal["request_refused"] = "request_refused"
    week: str
    reason: str


class TakenBack(Part):
    """What became of a week once an absence was taken back; it is looked at once.

    version: What the absence changed is in it as before; None: nothing came back. left: Days of
    squadrons that stay as the absence left them: squadron, date, why, breaches.
    """

    type: Literal["taken_back"] = "taken_back"
    week: str
    person: PersonId
    date: str
    version: int | None = left_out()
    left: tuple[Object, ...] = ()


PlanDecision = (
    Analysed | MonthReported | DraftPart | Drafted | Approved | Published | Withdrawn
    | PublicationRefused | Skipped | RequestRefused | TakenBack
)  # fmt: skip
