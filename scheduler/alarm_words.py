"""An alarm of the history in words: what has drifted, or is recorded in another way, since when."""

from datetime import date, timedelta

from config.words import Say, catalogue
from scheduler.foresight.alarms import Alarm


def alarm_text(alarm: Alarm, say: Say, recorded_to: date | None = None) -> str:
    """An alarm; with the day of the last record it tells the day since when, else how long ago."""
    ago = "month.week_ago" if alarm.weeks_ago == 1 else "month.weeks_ago"
    since = say(ago, weeks=alarm.weeks_ago)
    if recorded_to is not None:
        since = (recorded_to - timedelta(days=7 * alarm.weeks_ago - 1)).isoformat()
    return say(
        f"month.alarm.{alarm.kind}", feed=kind_text(alarm.feed, say), since=since,
        before=f"{alarm.before:.1f}", now=f"{alarm.since:.1f}",
    )  # fmt: skip


def kind_text(kind: str, say: Say) -> str:
    """A kind of incident; one that the words do not know as it is."""
    key = f"code.incident.{kind}"
    return say(key) if key in catalogue("en") else kind
