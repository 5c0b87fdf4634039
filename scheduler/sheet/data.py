"""A week's roster as one JSON object for other programs, with the names that the district keeps."""

from typing import Any

from scheduler.names import Names
from scheduler.sheet.source import Source


def data_of(source: Source) -> dict[str, Any]:
    """The roster: ids as in events, and beside each what people call it. Times are ISO 8601."""
    names = Names(source.district)
    duties = source.printer.duty_data(source.roster, source.file.version, source.file.points)
    settings = source.district.settings
    return {
        "week": source.week, "version": source.file.version, "area": settings.brigade,
        "brigade": settings.name, "synthetic": settings.synthetic,
        "time_zone": settings.time_zone,
        "squadrons": [{"squadron": one.id, "name": one.name} for one in settings.squadrons],
        "duties": [
            told | {
                "tasks": list(duty.tasks), "squadron_name": names.squadron(duty.squadron),
                "officer_name": names.person(duty.officer),
                "auxiliaries_names": list(names.people(duty.auxiliaries)),
                "post_name": names.post(duty.post),
                "visits": [visit | {"place_name": names.place(visit["place"])}
                           for visit in told["visits"]],
            }
            for told, duty in zip(duties, source.roster.duties, strict=True)
        ],
        "pins": [
            {"team": pin.team, "date": pin.date.isoformat(),
             "start": source.printer.iso(pin.span[0]) if pin.span else None,
             "end": source.printer.iso(pin.span[1]) if pin.span else None,
             "kind": pin.kind, "post": pin.post, "source": pin.source}
            for pin in source.pins
        ],
    }  # fmt: skip
