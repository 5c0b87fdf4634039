"""Trouble told to people, with the next thing to try; the details of a fault go to a file."""

import os
import tempfile
import traceback

import typer

from config import findings
from config.errors import BadInput, QinwuError
from config.words import words


def tell(trouble: QinwuError) -> None:
    """A line for each finding, else one for all."""
    if isinstance(trouble, BadInput) and trouble.findings:
        for finding in trouble.findings:
            typer.echo(findings.line(finding), err=True)
    else:
        typer.echo(words()(trouble.key, **trouble.fields), err=True)


def tell_fault(bug: Exception) -> None:
    """A fault of the program: no traceback, but where it was written."""
    handle, name = tempfile.mkstemp(prefix="qinwu-", suffix=".txt")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        traceback.print_exception(bug, file=file)
    typer.echo(words()("help.unexpected", what=type(bug).__name__, file=name), err=True)
