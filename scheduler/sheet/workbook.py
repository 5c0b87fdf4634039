"""Opens a workbook that somebody edited: its values, and nothing of what it could do to us."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.cell.cell import Cell
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from config.errors import BadInput, NotFound
from scheduler.sheet.harmless import MOST_CELLS, refuse_harmful
from scheduler.sheet.layout import META

MOST_ROWS, MOST_COLUMNS = 20_000, 200
"""A duty sheet is far smaller; a stray format in the last cell of a sheet is passed over."""
FORMULA, ERROR = "f", "e"


@dataclass(frozen=True, slots=True)
class Value:
    """A cell: its address, such as C7, what stands in it, and what kind of value that is.

    merged: The address of the cell into which this one was merged.
    """

    row: int
    column: int
    value: Any
    kind: str = "s"
    merged: str = ""

    @property
    def address(self) -> str:
        """Such as C7."""
        return f"{get_column_letter(self.column)}{self.row}"

    @property
    def empty(self) -> bool:
        """Whether nothing stands in it."""
        return self.value is None or (isinstance(self.value, str) and not self.value.strip())


Row = tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Remembered:
    """What the hidden worksheet says: facts of the roster, and the cells as they were printed.

    cells: Text by (team, ISO date, or "" for the crew).
    """

    facts: dict[str, str] = field(default_factory=dict)
    cells: dict[tuple[str, str], str] = field(default_factory=dict)


@dataclass(slots=True)
class Opened:
    """A workbook as values."""

    path: Path
    book: Workbook
    _reckoned: Workbook | None = None

    def sheets(self) -> Iterator[Worksheet]:
        """Its worksheets, without ours."""
        return (sheet for sheet in self.book.worksheets if sheet.title != META)

    def rows(self, sheet: Worksheet) -> list[Row]:
        """The rows of a worksheet from the first on, as far as anything stands in them.

        Raises:
            BadInput: It stands so far out that there would be too many cells.
        """
        merged = {}
        for area in sheet.merged_cells.ranges:
            top = f"{get_column_letter(area.min_col)}{area.min_row}"
            last_row, last_column = min(area.max_row, MOST_ROWS), min(area.max_col, MOST_COLUMNS)
            for row in range(area.min_row, last_row + 1):
                for column in range(area.min_col, last_column + 1):
                    merged[row, column] = top
        found = []
        last_row, last_column = _last(sheet)
        if last_row * last_column > MOST_CELLS:
            raise BadInput(key="sheet.too_many_cells", file=self.path, most=MOST_CELLS)
        shown = sheet.iter_rows(max_row=last_row, max_col=last_column)
        for number, cells in enumerate(shown, start=1):
            found.append(tuple(
                Value(number, n, cell.value, _kind(cell), merged.get((number, n), ""))
                for n, cell in enumerate(cells, start=1)
            ))  # fmt: skip
        return found

    def reckoned(self, sheet: str, value: Value) -> Any:  # noqa: ANN401 - whatever Excel reckoned
        """What a formula's last result was, as the program that saved it left it."""
        if self._reckoned is None:
            self._reckoned = _load(self.path, values=True)
        return self._reckoned[sheet].cell(value.row, value.column).value

    def remembered(self) -> Remembered:
        """What was printed; nothing where the hidden worksheet is gone."""
        found = Remembered()
        meta = next((one for one in self.book.worksheets if one.title == META), None)
        if meta is None:  # a chart may have the name: it remembers nothing
            return found
        last = min(meta.max_row, MOST_ROWS)
        for cells in meta.iter_rows(max_row=last, max_col=4, values_only=True):
            name, *rest = ("" if cell is None else str(cell) for cell in cells)
            if name == "cell":
                found.cells[rest[0], rest[1]] = rest[2]
            elif name:
                found.facts[name] = rest[0]
        return found


def _last(sheet: Worksheet) -> tuple[int, int]:
    """The last row and column in which anything stands: asked for, empty cells would be built."""
    there = [
        place for place, cell in sheet._cells.items()  # noqa: SLF001 - all else builds what is empty
        if cell.value is not None and place[0] <= MOST_ROWS and place[1] <= MOST_COLUMNS
    ]  # fmt: skip
    there += [
        (min(area.max_row, MOST_ROWS), min(area.max_col, MOST_COLUMNS))
        for area in sheet.merged_cells.ranges
    ]
    rows, columns = ({place[n] for place in there} for n in (0, 1))
    return max(rows, default=1), max(columns, default=1)


def _kind(cell: object) -> str:
    return cell.data_type if isinstance(cell, Cell) else "s"


def opened(path: Path) -> Opened:
    """Open a workbook.

    Raises:
        BadInput: It is no workbook, or is one to crash us.
        NotFound: There is no such file.
    """
    return Opened(path, _load(path, values=False))


def _load(path: Path, *, values: bool) -> Workbook:
    if not path.is_file():
        raise NotFound("planner.no_file", file=path)
    try:
        refuse_harmful(path)
        return load_workbook(path, data_only=values)
    except BadInput:
        raise
    except Exception as trouble:  # openpyxl raises whatever its parts do
        because = type(trouble).__name__
        raise BadInput(key="sheet.no_workbook", file=path, because=because) from trouble
