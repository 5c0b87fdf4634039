"""A planner's desk of the small district at a time, and what its journal says."""

from districts import WEEK

from events.clock import Clock
from scheduler.ask import Desk
from scheduler.ledger import WeekLedger
from scheduler.plan_log import PlanReader


def at(desk: Desk, iso: str) -> Desk:
    """The desk at a time."""
    now_ms = desk.district.calendar.parse_iso(iso)
    desk.clock = Clock(wall=lambda: now_ms)
    return desk


def held(desk: Desk) -> WeekLedger:
    """What the journal says of the week."""
    return PlanReader(desk.bus, desk.area).ledger.week(WEEK)
