"""Who did what about a version of a week, and when: out of the frames of `P.plan`."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from events.frame import Frame
from events.plan_decisions import Approved, Drafted, PublicationRefused, Published, Withdrawn

What = Literal["drafted", "approved", "withdrawn", "refused", "published"]


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody did about a version; `by` None: the planner by itself, or nobody said."""

    what: What
    version: int
    at_ms: int
    by: str | None = None


def acts_of(frame: Frame) -> Iterator[tuple[str, Act]]:
    """The acts of a frame, each with its week."""
    for decision in frame.decisions:
        match decision:
            case Drafted(week=week, version=version, by=by):
                yield week, Act("drafted", version, frame.time_ms, by)
            case Approved(week=week, version=version, by=by):
                yield week, Act("approved", version, frame.time_ms, by)
            case Withdrawn(week=week, version=version, by=by):
                yield week, Act("withdrawn", version, frame.time_ms, by)
            case Published(week=week, version=version, by=by):
                yield week, Act("published", version, frame.time_ms, by)
            case PublicationRefused(week=week, version=version):
                yield week, Act("refused", version, frame.time_ms)
