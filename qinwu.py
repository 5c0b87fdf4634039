"""The command `qinwu`: names the sub-commands, imports each on use, renders trouble for people.

It decides nothing. Only `run` and `demo`, which need both halves of the program, stand below.
"""

from config import interrupts  # before all others: a Ctrl-C may come while they load

# isort: split
import os
import sys
from datetime import datetime
from functools import cached_property, partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from typer import _coercion
from typer.core import TyperCommand, TyperGroup

from config import foreign, usage
from config.errors import BadInput, MachineRefuses, QinwuError
from config.words import words

if TYPE_CHECKING:  # typer's own copy of click; its types only
    from collections.abc import Callable

    from typer._click import Command, Context, HelpFormatter
    from typer.core import _TyperParameter

    from config.district import District
    from events.clock import Clock
    from events.ports import Bus

COMMANDS = {
    "init": "config.cli:init",
    "import": "config.cli:import_source",
    "check": "config.cli:check",
    "play": "events.play_command:play",
    "backtest": "scheduler.hindsight.backtest_cli:backtest",
    "report": "scheduler.hindsight.month_cli:report",
    "plan": "scheduler.cli:plan",
    "publish": "scheduler.cli:publish",
    "roster": "scheduler.cli:roster",
    "topics": "events.cli:topics",
    "events": "events.cli:events",
    "incident": "events.incident_command:incident",
    "command": "events.incident_command:command",
    "unit": "events.unit_command:unit",
    "journal": "events.journal_command:journal",
    "backup": "events.cli:backup",
    "doctor": "events.cli:doctor",
    "run": "qinwu:run",
    "demo": "qinwu:demo",
    "log": "dispatch.cli:log",
    "order": "dispatch.cli:order",
}
"""Name → "module:function or Typer app". A new one: its line, `help.<name>`, config/usage."""
UNEXPECTED = 70
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "1")  # to look for some costs 50 ms a process
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # of small sums, threads cost more than they do
INTERRUPTED = interrupts.CODE


class Lazy(TyperGroup):
    """Sub-commands by name; a module is imported when its command is used."""

    def __init__(self, **attributes: object) -> None:
        """Know the names only."""
        super().__init__(**attributes)  # type: ignore[arg-type] # typer's, handed on
        self.commands = {name: TyperCommand(name) for name in COMMANDS}

    def resolve_command(
        self, ctx: "Context", args: list[str]
    ) -> "tuple[str | None, Command | None, list[str]]":
        """The command, its module imported now; a misspelt name is told the nearest."""
        name, found, rest = super().resolve_command(ctx, args)
        return name, _load(name) if found and name else None, rest

    def format_help_text(self, ctx: "Context", formatter: "HelpFormatter") -> None:
        """What qinwu is, in the user's language."""
        del ctx
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(words()("help.about"))

    def format_commands(self, ctx: "Context", formatter: "HelpFormatter") -> None:
        """The list of commands from the catalogue, so that help imports nothing."""
        del ctx
        say = words()
        with formatter.section(say("help.commands")):
            formatter.write_dl([(name, say(f"help.{name}")) for name in COMMANDS])


class _Reading:
    """What reads an option, made when there is a value: typer's own brings pydantic, 0.1 s."""

    def __init__(self, descriptor: _coercion.TypeDescriptor) -> None:
        """Know what kind of value it will be."""
        self._descriptor = descriptor

    @cached_property
    def _reads(self) -> _coercion.RuntimeParam:
        return _coercion.build_runtime_param(self._descriptor)

    def coerce(self, value: object, param: "_TyperParameter", ctx: "Context") -> object:
        """The value, checked; None where none is given and none is needed."""
        once = param.nargs == 1 and not param.multiple
        return None if value is None and once else self._reads.coerce(value, param, ctx)


typer.core.build_runtime_param = _Reading  # type: ignore[attr-defined,assignment]


def _load(name: str) -> "Command":
    module, _, attribute = COMMANDS[name].partition(":")
    found: typer.Typer | Callable[..., object] = getattr(import_module(module), attribute)
    if not isinstance(found, typer.Typer):
        app = typer.Typer(add_completion=False, rich_markup_mode=None)
        app.command(name)(found)
        found = app
    command = typer.main.get_command(found)
    command.name = name
    return usage.translate(command)


def _version(asked: bool) -> None:  # noqa: FBT001 - typer's callback of a flag
    if asked:
        from importlib import metadata  # noqa: PLC0415 - not for every command

        try:
            number = metadata.version("qinwu")
        except metadata.PackageNotFoundError:
            number = "source"
        typer.echo(words()("help.version_is", version=number))
        raise typer.Exit


def _root() -> "Command":
    lang = typer.Option(help="Language of all output; default: QINWU_LANG, else the locale.")
    version = typer.Option("--version", help="Show the version.", callback=_version, is_eager=True)
    app = typer.Typer(
        cls=Lazy, add_completion=False, rich_markup_mode=None, no_args_is_help=True,
        context_settings={"help_option_names": ["-h", "--help"]},
    )  # fmt: skip

    @app.callback()
    def qinwu(
        lang: Annotated[Literal["en", "zh-CN"] | None, lang] = None,
        version: Annotated[bool, version] = False,  # noqa: FBT002 - a flag
    ) -> None:
        del lang, version  # what they ask for was done before

    return typer.main.get_command(app)


def run(
    folder: Annotated[Path, typer.Argument(help="The district folder.", metavar="DIR")],
    bus: Annotated[str | None, typer.Option("--bus", help="sqlite: or kafka://.")] = None,
    planner: Annotated[bool, typer.Option(help="Run the planner.")] = True,  # noqa: FBT002 - a flag
    engine: Annotated[bool, typer.Option(help="Run the dispatch engine.")] = True,  # noqa: FBT002 - a flag
    port: Annotated[int, typer.Option(min=0, max=65535, help="Of the door; 0: any.")] = 0,
    plan_on: Annotated[  # noqa: FBT002 - a flag
        bool, typer.Option("--plan-on", help="Plan on though frames of the plan seem to be gone.")
    ] = False,
) -> int:
    """Run planner, dispatch engine and console log until interrupted; started again when lost.

    On Kafka they may be several processes: --no-planner here, --no-engine there.
    """
    from dispatch.supervisor import Options, run  # noqa: PLC0415 - not for --help

    if not (planner or engine):
        raise BadInput(key="run.no_parts")
    flags = ["--planner" if planner else "--no-planner", "--engine" if engine else "--no-engine"]
    flags += ["--plan-on"] if plan_on else []
    told = [str(folder), *flags, "--port", str(port), *(["--bus", bus] if bus else [])]
    command = [sys.executable, str(Path(__file__).resolve()), "run", *told]
    make = partial(_Planning, plan_on=plan_on)
    return run(Options(folder, bus, engine, make if planner else None, port), command)


class _Planning:
    """The planner with its solver and its timer, turning beside the engine."""

    def __init__(self, bus: "Bus", district: "District", clock: "Clock", *, plan_on: bool) -> None:
        """Fold what is planned, and wake at once; `plan_on`: though frames of it are gone."""
        from config.ids import AreaId  # noqa: PLC0415 - not for --help
        from scheduler.child import ChildSolver  # noqa: PLC0415
        from scheduler.failing import tell  # noqa: PLC0415
        from scheduler.plan_log import PlanLog  # noqa: PLC0415
        from scheduler.planner import Planner  # noqa: PLC0415
        from scheduler.timer import Timer  # noqa: PLC0415

        writer = f"planner/{os.urandom(6).hex()}"
        self._clock, self._setting = clock, clock.setting
        if plan_on:
            PlanLog(bus, AreaId(district.settings.brigade), clock, writer, plan_on=True)
        told, solver = partial(tell, district.folder), ChildSolver(district)
        self._planner = Planner(bus, district, clock, writer, solver, tell=told)
        rules = district.settings.publication
        self._timer = Timer(clock, district.calendar, rules, self._planner.wake)
        self._timer.start()

    def turn(self, wait_ms: int = 0) -> bool:
        """One round of the planner; a clock that was set moves what the timer waits for."""
        if self._clock.setting != self._setting:
            self._setting = self._clock.setting
            self._timer.reset()
        return self._planner.turn(wait_ms)

    def close(self) -> None:
        """Give up a running solver."""
        self._timer.stop()
        self._planner.close()


def demo(
    speed: Annotated[float, typer.Option(min=1, help="Times as fast as the clock.")] = 600.0,
    hours: Annotated[float, typer.Option(min=0.1, max=24, help="Of the day.")] = 24.0,
    seed: Annotated[int, typer.Option(min=0, help="Of all that is random.")] = 7,
    today: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The demo's today.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="A new folder; by default demo-DATE.")] = None,
    time_s: Annotated[
        int | None,
        typer.Option("--time", min=1, help="Seconds for solving; by default one round of it."),
    ] = None,
) -> None:
    """Make the sample district, plan and publish next week, play its Friday, and report."""
    from qinwu_demo import Demo  # noqa: PLC0415 - the whole program, so that help is fast

    Demo.of(today, out, seed, time_s).show(speed, hours)


def main() -> None:
    """Run the command and turn every outcome into words and an exit code."""
    _use_utf8()
    interrupts.ready()
    try:
        code = _outcome()
        interrupts.over()
    except KeyboardInterrupt:  # while the outcome was told
        interrupts.over()
        code = INTERRUPTED
    sys.exit(code)


def _outcome() -> int:
    try:
        _speak()
        foreign.refuse(Path(__file__).parent.resolve())
        code = _root()(prog_name="qinwu", standalone_mode=False)
        sys.stdout.flush()  # a reader who left is noticed here, not at the interpreter's end
    except QinwuError as trouble:
        return _told(trouble)
    except typer.TyperException as wrong:
        typer.echo(usage.trouble(wrong), err=True)
        return wrong.exit_code
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except (BrokenPipeError, SystemExit) as left:
        if isinstance(left, SystemExit) and not isinstance(left.__context__, BrokenPipeError):
            raise  # else it is typer's way to say that the pipe broke
        # Whoever read the output had enough; the interpreter must not complain at exit either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as bug:  # noqa: BLE001 - the last line of defence: no traceback to users
        return _told(bug)
    return code if isinstance(code, int) else 0


def _speak() -> None:
    """Take the language before anything is said, the fault of a mistyped option included."""
    if lang := usage.asked_for(sys.argv[1:]):
        os.environ["QINWU_LANG"] = lang  # child processes speak it too
    usage.speak()


def _told(error: Exception) -> int:
    """Tell what went wrong; gives the exit code."""
    from config import telling  # noqa: PLC0415 - not for --help

    trouble = error if isinstance(error, QinwuError) else MachineRefuses.of(error)
    if trouble is None:
        telling.tell_fault(error)
        return UNEXPECTED
    telling.tell(trouble)
    return trouble.exit_code


def _use_utf8() -> None:
    for stream in (one for one in (sys.stdout, sys.stderr) if hasattr(one, "reconfigure")):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")


if __name__ == "__main__":
    main()
