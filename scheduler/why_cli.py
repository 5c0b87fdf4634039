"""Commands that ask about a roster: `qinwu roster why-not | candidates | missing | rules`."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from config.errors import BadInput, NotFound
from config.words import language

if TYPE_CHECKING:  # numpy, scipy: imported on use, so that help is fast
    from config.ids import PersonId, SquadronId
    from scheduler.answers import Named
    from scheduler.asked import Asked

Folder = Annotated[Path, typer.Argument(help="The district folder.", metavar="DIR")]
WeekName = Annotated[str, typer.Option("--week", help="ISO week, e.g. 2026-W49.")]
Person = Annotated[str, typer.Argument(help="Person id.", metavar="PERSON")]
DutyName = Annotated[
    str, typer.Argument(help="TEAM@DATE, or hours: HH:MM-HH:MM@DATE.", metavar="DUTY")
]
From = Annotated[
    Path | None, typer.Option("--from", help="This folder's roster, not the published one.")
]


def join(group: typer.Typer) -> None:
    """Add the commands to a group."""
    group.command("why-not")(why_not)
    group.command("candidates")(candidates)
    group.command("missing")(missing)
    group.command("rules")(rules)


def why_not(folder: Folder, person: Person, duty: DutyName, source: From = None) -> None:
    """Say which law a duty would break in a person's hands, or what it would cost.

    DUTY is one of the roster's, or hours that nobody has yet.
    """
    from scheduler import answers  # noqa: PLC0415

    named = answers.Named.read(duty)
    week = _asked(folder, named, source)
    _tell(answers.why_not(week, _person(week, person), named))


def candidates(
    folder: Folder,
    duty: DutyName,
    source: From = None,
    squadron: Annotated[
        str | None, typer.Option("--squadron", help="For hours: one more patrol of this one.")
    ] = None,
) -> None:
    """Rank every team that could take a duty by what it would cost; say what forbids the others."""
    from scheduler import answers  # noqa: PLC0415

    named = answers.Named.read(duty)
    week = _asked(folder, named, source)
    _tell(answers.who_else(week, named, _squadrons(week, squadron)))


def missing(
    folder: Folder,
    week: WeekName,
    source: From = None,
    most: Annotated[
        int, typer.Option("--most", min=0, help="Of how many holes the reasons are told.")
    ] = 3,
) -> None:
    """List what is not covered; of the dearest say why, what is in the way, and what would help.

    Each change that would help was tried on the whole roster.
    """
    from scheduler import missing as missings  # noqa: PLC0415

    _tell(missings.missing(_week(folder, week, source), most))


def rules(folder: Folder, person: Person, week: WeekName, source: From = None) -> None:
    """Tell how a person stands by every rule: limit, used, left, and where it forbids next."""
    from scheduler.standing_words import rule_lines  # noqa: PLC0415

    found = _week(folder, week, source)
    _tell(rule_lines(found.problem, found.roster, _person(found, person)))


def _week(folder: Path, week: str, source: Path | None) -> "Asked":
    """The roster of a week that is named."""
    from config.calendar import monday_of  # noqa: PLC0415
    from scheduler.asked import asked  # noqa: PLC0415

    try:
        monday_of(week)
    except ValueError as wrong:
        raise BadInput(key="planner.no_week", week=week) from wrong
    return asked(folder, week, source, language())


def _asked(folder: Path, named: "Named", source: Path | None) -> "Asked":
    """The week that a duty lies in."""
    from config.calendar import week_of_day  # noqa: PLC0415
    from scheduler.asked import asked  # noqa: PLC0415

    return asked(folder, week_of_day(named.date), source, language())


def _person(week: "Asked", person: str) -> "PersonId":
    """A person of the district."""
    from config.ids import PersonId  # noqa: PLC0415

    if person not in week.district.people.persons:
        raise NotFound("planner.no_person", person=person)
    return PersonId(person)


def _squadrons(week: "Asked", squadron: str | None) -> "tuple[SquadronId, ...]":
    """One squadron, or all."""
    known = tuple(week.problem.squadrons)
    if squadron is None:
        return known
    found = tuple(each for each in known if each == squadron)
    if not found:
        raise NotFound("answers.no_squadron", value=squadron, known=", ".join(known))
    return found


def _tell(lines: Iterable[str]) -> None:
    for line in lines:
        typer.echo(line)
