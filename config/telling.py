"""Trouble told to people, with the next thing to try; the details of a fault go to a file."""

import os
import sys
import tempfile
import traceback
from contextlib import suppress

import typer

from config import findings
from config.errors import BadInput, QinwuError
from config.words import words

LOGGED_ENV = "QINWU_LOGGED"
"""Set for a process of ours whose words nobody reads but a log: the details belong there."""


def tell_line(line: str) -> None:
    """A line on stderr, of a process that goes on, or ends as it would, though nobody can read it.

    The disk that holds what is said may be full: that is when dispatch must not end by it.
    """
    try:
        typer.echo(line, err=True)
    except OSError:
        _leave_unsaid()


def _leave_unsaid() -> None:
    """A stderr with nothing left to write.

    What could not be written would be tried once more as the process ends, and fail it with 120,
    which starts no worker again.
    """
    with suppress(OSError):  # a stream that is no file holds nothing back
        sys.stderr = open(  # noqa: SIM115 - of a number; as long as the process
            sys.stderr.fileno(), "w", buffering=1, encoding=sys.stderr.encoding,
            errors=sys.stderr.errors, closefd=False,
        )  # fmt: skip


def tell(trouble: QinwuError) -> None:
    """A line for each finding, else one for all."""
    if isinstance(trouble, BadInput) and trouble.findings:
        for finding in trouble.findings:
            tell_line(findings.line(finding))
    else:
        tell_line(words()(trouble.key, **trouble.fields))


def tell_fault(bug: Exception) -> None:
    """A fault of the program: no traceback, but where it was written."""
    if os.environ.get(LOGGED_ENV) == "1":
        traceback.print_exception(bug)
        error = " ".join(f"{type(bug).__name__}: {bug}".split())
        typer.echo(words()("help.fault", error=error), err=True)
        return
    handle, name = tempfile.mkstemp(prefix="qinwu-", suffix=".txt")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        traceback.print_exception(bug, file=file)
    typer.echo(words()("help.unexpected", what=type(bug).__name__, file=name), err=True)
