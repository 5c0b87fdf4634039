"""Which id is meant where somebody wrote a name: people write 一中队 for s1."""

from collections.abc import Iterable, Mapping
from typing import Any

from config.reading import Table, columns
from config.settings import Settings
from config.tables import Row
from config.yaml_reading import Document


def ids_meant(
    values: Iterable[str], target: str, document: Document[Settings],
    tables: Mapping[type[Row], Table[Any]],
) -> dict[str, str]:  # fmt: skip
    """The id of each value that is a name which only one thing bears.

    Args:
        values: What was written.
        target: Where the ids stand, such as "settings.yaml:squadrons".
        document: The settings.
        tables: The tables.
    """
    bearers: dict[str, list[str]] = {}
    for one, name in _named(target, document, tables):
        bearers.setdefault(str(name), []).append(one)
    return {value: bearers[value][0] for value in values if len(bearers.get(value, ())) == 1}


def _named(
    target: str, document: Document[Settings], tables: Mapping[type[Row], Table[Any]]
) -> list[tuple[str, str | None]]:
    """Ids with their names."""
    file, _, column = target.partition(":")
    if file == document.file:
        plain = document.plain
        listed = plain.get("squadrons") if isinstance(plain, dict) else None
        return [(str(one.get("id")), one.get("name")) for one in listed or ()
                if isinstance(one, dict)]  # fmt: skip
    return [
        (getattr(row, column), row.name) for table in tables.values()
        if table.file == file and "name" in columns(table.model) for row in table.rows
    ]  # fmt: skip
