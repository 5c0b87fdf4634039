"""Commands that ask about rosters: `qinwu roster why | why-not | candidates | missing | …`."""

import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from config.named import chosen, day_named, person_named, week_named
from config.words import language
from scheduler.advice.price_cli import prices
from scheduler.options import Folder, From, WeekName

if TYPE_CHECKING:  # numpy, scipy: imported on use, so that help is fast
    from config.ids import PersonId, SquadronId
    from scheduler.advice.answers import Named
    from scheduler.advice.asked import Asked

DIFFERENT = 1
Person = Annotated[str, typer.Argument(help="Person id.", metavar="PERSON")]
DutyName = Annotated[
    str, typer.Argument(help="TEAM@DATE, or hours: HH:MM-HH:MM@DATE.", metavar="DUTY")
]


def join(group: typer.Typer) -> None:
    """Add the commands to a group."""
    group.command("why")(why)
    group.command("why-not")(why_not)
    group.command("candidates")(candidates)
    group.command("missing")(missing)
    group.command("prices")(prices)
    group.command("rules")(rules)
    group.command("fairness")(fairness)
    group.command("diff")(diff)


def why(
    folder: Folder,
    person: Person,
    day: Annotated[str, typer.Argument(help="YYYY-MM-DD.", metavar="DAY")],
    source: From = None,
) -> None:
    """Say why a person has the duty, or none, that the published roster gives them on a day."""
    from config.calendar import week_of_day  # noqa: PLC0415
    from scheduler.advice import explain  # noqa: PLC0415
    from scheduler.names import Called  # noqa: PLC0415

    on = date.fromisoformat(day_named(day))
    week = _week(folder, week_of_day(on), source)
    called = Called(week.district)
    _tell(explain.why(week.problem, week.roster, _person(week, person), on, called))


def why_not(folder: Folder, person: Person, duty: DutyName, source: From = None) -> None:
    """Say which law a duty would break in a person's hands, or what it would cost.

    DUTY is one of the roster's, or hours that nobody has yet.
    """
    from scheduler.advice import answers  # noqa: PLC0415

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
    from scheduler.advice import answers  # noqa: PLC0415

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
    from scheduler.advice import missing as missings  # noqa: PLC0415

    _tell(missings.missing(_week(folder, week, source), most))


def rules(folder: Folder, person: Person, week: WeekName, source: From = None) -> None:
    """Tell how a person stands by every rule: limit, used, left, and where it forbids next."""
    from scheduler.advice.standing_words import rule_lines  # noqa: PLC0415
    from scheduler.names import Called  # noqa: PLC0415

    found = _week(folder, week, source)
    called = Called(found.district)
    _tell(rule_lines(found.problem, found.roster, _person(found, person), called))


def diff(
    folder: Folder,
    before: Annotated[str, typer.Argument(help="A folder or roster.csv; or a week.", metavar="A")],
    after: Annotated[str, typer.Argument(help="The same, to be compared.", metavar="B")],
) -> None:
    """Tell what differs between two rosters of a week: a line a person and day, then the cost.

    A week, such as 2026-W49, is the published roster. The cost is told where the needs of the
    week are beside either. Exit 1 when anything differs.
    """
    from scheduler.advice.differing import difference_lines  # noqa: PLC0415

    lines, count = difference_lines(folder, before, after, language())
    _tell(lines)
    if count:
        raise typer.Exit(DIFFERENT)


def fairness(
    folder: Folder,
    since: Annotated[str | None, typer.Option("--since", help="From this date on.")] = None,
    until: Annotated[str | None, typer.Option("--until", help="Up to this date.")] = None,
    squadron: Annotated[str | None, typer.Option("--squadron", help="Only this one.")] = None,
    person: Annotated[str | None, typer.Option("--person", help="Only this person.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,  # noqa: FBT002 - a flag
) -> None:
    """Chart who bore what by the published rosters: nights, week-ends, holidays, hours.

    Against the mean of the squadron, by the days on which each was there to be asked.
    """
    from config.district import load  # noqa: PLC0415
    from scheduler.advice import burdens  # noqa: PLC0415
    from scheduler.advice.burden_words import chart  # noqa: PLC0415

    district = load(folder)
    span = burdens.check_span(_date(since), _date(until))
    wanted = None if person is None else person_named(person, district.people.persons)
    own = district.settings.squadrons
    names: dict[str, str | None] = {one.id: one.name for one in own}
    of = None if squadron is None else chosen(squadron, names, "settings.yaml")
    weeks, everybody = burdens.burdens(district, span)
    found = [
        one for one in everybody
        if one.squadron == (of or one.squadron) and one.person == (wanted or one.person)
    ]  # fmt: skip
    if as_json:
        told = dict(burdens.as_data(weeks, found))
        typer.echo(json.dumps(told, ensure_ascii=False, indent=1))
    else:
        _tell(chart(district, weeks, found))


def _date(text: str | None) -> date | None:
    """A date that is typed."""
    return None if text is None else date.fromisoformat(day_named(text))


def _week(folder: Path, week: str, source: Path | None) -> "Asked":
    """The roster of a week that is named."""
    from scheduler.advice.asked import asked  # noqa: PLC0415

    return asked(folder, week_named(week), source, language())


def _asked(folder: Path, named: "Named", source: Path | None) -> "Asked":
    """The week that a duty lies in."""
    from config.calendar import week_of_day  # noqa: PLC0415
    from scheduler.advice.asked import asked  # noqa: PLC0415

    return asked(folder, week_of_day(named.date), source, language())


def _person(week: "Asked", person: str) -> "PersonId":
    """A person of the district."""
    return person_named(person, week.district.people.persons)


def _squadrons(week: "Asked", squadron: str | None) -> "tuple[SquadronId, ...]":
    """One squadron, or all."""
    known = tuple(week.problem.squadrons)
    if squadron is None:
        return known
    names: dict[str, str | None] = {
        one.id: one.name for one in week.district.settings.squadrons if one.id in known
    }
    wanted = chosen(squadron, names, "settings.yaml")
    return tuple(each for each in known if each == wanted)


def _tell(lines: Iterable[str]) -> None:
    for line in lines:
        typer.echo(line)
