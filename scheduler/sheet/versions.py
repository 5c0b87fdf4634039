"""The versions of a week that were published before the one at hand."""

import typer

from config.district import District
from config.errors import QinwuError
from config.ids import AreaId
from config.words import words
from scheduler.plan_log import PlanReader
from scheduler.readback import RosterFile, of_events
from scheduler.reported import looking


def published(district: District, week: str, lang: str) -> tuple[RosterFile, ...]:
    """All published versions of a week, oldest first; none where the bus cannot be read, told.

    A calendar must not fail because the bus is down; a file of the version before will do.
    """
    try:
        with looking(district) as bus:
            if bus is None:
                return ()
            held = PlanReader(bus, AreaId(district.settings.brigade)).ledger.week(week)
    except QinwuError as trouble:
        say = words(lang)
        because = say(trouble.key, **trouble.fields)
        typer.echo(say("sheet.no_versions", because=because), err=True)
        return ()
    found = []
    for version in held.published:
        draft = held.drafts.get(version)
        if draft is not None:
            file = of_events(district, week, draft.duties)
            found.append(RosterFile(week, file.roster, file.points, version=version))
    return tuple(found)
