"""Commands of dispatch: `qinwu log`, `qinwu order why`."""

from typing import Annotated

import typer

from events.options import BusTarget, Folder

order = typer.Typer(add_completion=False, rich_markup_mode=None, no_args_is_help=True)


def log(
    folder: Folder,
    follow: Annotated[bool, typer.Option("-f", "--follow", help="Go on with what comes.")] = False,  # noqa: FBT002 - a flag
    as_json: Annotated[bool, typer.Option("--json", help="JSON lines, without language.")] = False,  # noqa: FBT002 - a flag
    since: Annotated[
        str | None, typer.Option(help="A date, a local time, or a time with offset.")
    ] = None,
    squadron: Annotated[str | None, typer.Option(help="Lines of one squadron; id or name.")] = None,
    kind: Annotated[str | None, typer.Option(help="Lines of one kind, as the log says it.")] = None,
    bus: BusTarget = None,
) -> None:
    """Show the console log: all that is kept, or with -f the newest lines and what comes."""
    from dispatch.log_command import Wanted, show  # noqa: PLC0415 - so that help is fast

    show(folder, bus, Wanted.read(folder, since, squadron, kind), follow=follow, as_json=as_json)


@order.callback()
def _order() -> None:
    """Orders to units, and why they were given."""


@order.command("why")
def why(
    folder: Folder,
    name: Annotated[str, typer.Argument(help="D1042.0, or area/1042/0.", metavar="ORDER")],
    bus: BusTarget = None,
) -> None:
    """Why an order was given: the rule, the runner-up, who was left out; from the journal."""
    from dispatch.order_command import tell_why  # noqa: PLC0415 - so that help is fast

    tell_why(folder, name, bus)
