"""What the settings of a district say about each other, beyond each value alone."""

from functools import cache
from zoneinfo import available_timezones

from config.faults import near, shown
from config.settings import Settings, frame_fault
from config.yaml_reading import Document, Loc


def check_settings(document: Document[Settings], settings: Settings) -> None:
    """Note every error between the settings."""
    if settings.time_zone not in _time_zones():
        like = near(settings.time_zone, _time_zones())
        document.find(("time_zone",), "time_zone", value=shown(settings.time_zone), near=like)
    if (lacks := frame_fault(settings.crs)) is not None:
        document.find(("crs",), lacks)
    names = [squadron.id for squadron in settings.squadrons]
    for at, name in enumerate(names):
        if name in names[:at]:
            first, _ = document.place("squadrons", names.index(name), "id")
            document.find(("squadrons", at, "id"), "twice", value=shown(name), first=first)
    _check_lengths(document, settings)


def doubt_settings(document: Document[Settings], settings: Settings) -> None:
    """A section asks long enough for a visit of the full dwell."""
    rules, dwell_min = settings.dispatch, settings.visits.dwell_min
    if rules.section_crashes and rules.section_asks_min <= dwell_min:
        loc = _said(document, ("dispatch", "section_asks_min"), ("visits", "dwell_min"))
        told = {"value": rules.section_asks_min, "dwell": dwell_min}
        document.find(loc, "asks_too_short", level="warning", **told)


def _check_lengths(document: Document[Settings], settings: Settings) -> None:
    """Some length of duties is lawful: of others no roster is made."""
    limits = settings.limits
    shortest_h = min(limits.shift_lengths_h)
    if 60 * shortest_h > limits.most_in_24h_min:
        lengths = ("limits", "shift_lengths_h", limits.shift_lengths_h.index(shortest_h))
        document.find(_said(document, lengths, ("limits", "most_in_24h_min")), "no_length_fits",
                      shortest=shortest_h, most=f"{limits.most_in_24h_min / 60:g}",
                      least_min=60 * shortest_h)  # fmt: skip


def _said(document: Document[Settings], loc: Loc, other: Loc) -> Loc:
    """The first of two settings that the file says; the rest is default."""
    return loc if loc in document.values else other


@cache
def _time_zones() -> frozenset[str]:
    """Their names, for which hundreds of files are opened."""
    return frozenset(available_timezones())
