"""The command `qinwu`: names the sub-commands, imports each on use, renders trouble for people.

It decides nothing. A command that needs both halves of the program (`run`, `demo`) is put
together below; all others live in the `cli` of their package.
"""

import os
import sys
import tempfile
import traceback
from importlib import import_module, metadata
from importlib.util import find_spec
from pathlib import Path

import click

from config.errors import BadInput, QinwuError
from config.words import language, words

COMMANDS = {
    "init": "config.cli:init",
    "import": "config.cli:import_",
    "check": "config.cli:check",
    "plan": "scheduler.cli:plan",
    "publish": "scheduler.cli:publish",
    "roster": "scheduler.cli:roster",
    "run": "qinwu:run",
    "demo": "qinwu:demo",
    "play": "events.cli:play",
    "topics": "events.cli:topics",
    "events": "events.cli:events",
    "incident": "events.cli:incident",
    "command": "events.cli:command",
    "journal": "events.cli:journal",
    "backup": "events.cli:backup",
    "doctor": "events.cli:doctor",
    "log": "dispatch.cli:log",
    "order": "dispatch.cli:order",
}
"""Name → "module:function or Typer app". To add a command, add its line and `help.<name>`."""
OURS = ("config", "dispatch", "events", "scheduler")
UNEXPECTED = 70
INTERRUPTED = 130


class Lazy(click.Group):
    """Sub-commands by name; a module is imported when its command is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in the order of the table."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, its module imported now."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        import typer  # noqa: PLC0415 - not for --help

        module, _, name = COMMANDS[cmd_name].partition(":")
        found = getattr(import_module(module), name)
        if not isinstance(found, typer.Typer):
            app = typer.Typer(add_completion=False, rich_markup_mode=None)
            app.command(cmd_name)(found)
            found = app
        command = typer.main.get_command(found)
        command.name = cmd_name
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands from the catalogue, so that help imports nothing."""
        say = words()
        with formatter.section(say("help.commands")):
            formatter.write_dl([(name, say(f"help.{name}")) for name in self.list_commands(ctx)])


def _version() -> str:
    try:
        return metadata.version("qinwu")
    except metadata.PackageNotFoundError:
        return "0+source"


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--lang", type=click.Choice(["en", "zh-CN"]), help="Default: QINWU_LANG, locale.")
@click.version_option(_version(), prog_name="qinwu")
def root(lang: str | None) -> None:
    """勤务: the right police unit at the right place at the right minute."""
    if lang is not None:
        os.environ["QINWU_LANG"] = lang  # child processes speak it too


def main() -> None:
    """Run the command and turn every outcome into words and an exit code."""
    _use_utf8()
    sys.exit(_outcome())


def _outcome() -> int:
    say = words(language())
    try:
        _refuse_foreign_packages()
        code = root.main(standalone_mode=False)
    except QinwuError as trouble:
        _tell(trouble)
        return trouble.exit_code
    except click.exceptions.Exit as done:
        return done.exit_code
    except click.ClickException as wrong:
        wrong.show()
        return wrong.exit_code
    except (KeyboardInterrupt, click.exceptions.Abort):
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read the output had enough; the interpreter must not complain at exit either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as bug:  # noqa: BLE001 - the last line of defence: no traceback to users
        if (code := _of_typer(bug)) is not None:
            return code
        click.echo(say("help.unexpected", what=type(bug).__name__, file=_report(bug)), err=True)
        return UNEXPECTED
    return code if isinstance(code, int) else 0


def _of_typer(bug: Exception) -> int | None:
    """Exit code of a wrong argument or an exit: typer has its own copies of click's classes."""
    if not type(bug).__module__.startswith("typer."):
        return None
    if hasattr(bug, "show"):
        bug.show()
    return int(getattr(bug, "exit_code", INTERRUPTED))  # its Abort has none


def _tell(trouble: QinwuError) -> None:
    """Trouble to stderr, with the next thing to try."""
    if isinstance(trouble, BadInput):
        from config import findings  # noqa: PLC0415 - not for --help

        for finding in trouble.findings:
            click.echo(findings.line(finding), err=True)
    if not isinstance(trouble, BadInput) or not trouble.findings:
        click.echo(words()(trouble.key, **trouble.fields), err=True)


def _report(bug: Exception) -> str:
    """Where the details were written."""
    handle, name = tempfile.mkstemp(prefix="qinwu-", suffix=".txt")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        traceback.print_exception(bug, file=file)
    return name


def _use_utf8() -> None:
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def _refuse_foreign_packages() -> None:
    """Another distribution's `events` or `config` would be imported in place of ours."""
    here = Path(__file__).parent.resolve()
    for name in OURS:
        spec = find_spec(name)
        places = [] if spec is None else list(spec.submodule_search_locations or ())
        if not places or Path(places[0]).resolve().parent != here:
            raise QinwuError("help.foreign_package", package=name, where=places[:1])


if __name__ == "__main__":
    main()
