"""A file's rows for whoever cannot do without the faulty ones: all of them, or its faults."""

from pathlib import Path
from typing import Any, TypeVar

from config.errors import BadInput
from config.reading import Table, read_table
from config.tables import Row

R = TypeVar("R", bound=Row)


def sound_rows(path: Path, model: type[R]) -> tuple[R, ...]:
    """All rows of a file; BadInput with its faults where it has any."""
    table = read_table(path, model)
    refuse_faults(table)
    return table.rows


def refuse_faults(table: Table[Any]) -> None:
    """BadInput with the faults of a read file, where it has any."""
    if faults := [one for one in table.findings if one.level == "error"]:
        raise BadInput(faults)
