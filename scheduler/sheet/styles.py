"""How the worksheets look, and how they come out of the printer: A3, landscape, one page wide."""

from collections.abc import Iterable
from typing import Final

from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Side
from openpyxl.workbook import Workbook
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from config.words import cell_width

A3: Final = 8
"""Excel's number of that paper."""
KIND_FILLS: Final = {
    "patrol": "E2F0D9", "fixed": "FFF2CC", "peak": "FCE4D6", "school": "FDE2EC",
    "night_check": "D9D2E9", "desk": "EDEDED", "operation": "F8CBAD", "leader": "DDEBF7",
    "stand_by": "E7E6E6",
}  # fmt: skip
PLAIN, DAY_OFF, HEAD, TITLE, BAND, NOTE, NAME, HOUR, EMPTY = (
    "qw plain", "qw off", "qw head", "qw title", "qw band", "qw note", "qw name", "qw hour",
    "qw empty",
)  # fmt: skip
LINE_POINTS = 10.5
"""Height of a line of text in a cell."""
LETTERS = 1.2
"""Letters of 8 points, wide ones counted as two, that go into a column of width 1."""
_THIN = Side(style="thin", color="808080")
_BOX = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_ROWS = Border(top=_THIN, bottom=_THIN)
_FONT = "宋体"


def kind_style(kind: str) -> str:
    """The style of a duty of a kind."""
    return f"qw {kind}"


def bar_style(kind: str) -> str:
    """The style of a bar of a kind."""
    return f"qw bar {kind}"


def add_styles(book: Workbook) -> None:
    """Make the styles known to a workbook; cells take them by name."""
    middle = Alignment(horizontal="center", vertical="center", wrap_text=True)
    left = Alignment(horizontal="left", vertical="center", wrap_text=True)
    over = Alignment(horizontal="left", vertical="center")  # runs on over the empty ones beside it
    across = Alignment(horizontal="centerContinuous", vertical="center")
    small, bold = Font(name=_FONT, size=8), Font(name=_FONT, size=9, bold=True)
    looks: list[tuple[str, Font, Alignment, str | None, Border | None]] = [
        (PLAIN, small, middle, None, _BOX),
        (NAME, Font(name=_FONT, size=9), left, None, _BOX),
        (DAY_OFF, Font(name=_FONT, size=9, color="7F7F7F"), middle, None, _BOX),
        (HEAD, bold, middle, "D9E1F2", _BOX),
        (TITLE, Font(name="黑体", size=16, bold=True), across, None, None),
        (BAND, Font(name="黑体", size=11, bold=True), over, "F2F2F2", _BOX),
        (NOTE, Font(name=_FONT, size=9), over, None, None),
        (HOUR, bold, across, "D9E1F2", None),
        (EMPTY, small, over, None, _ROWS),
        *((kind_style(kind), small, middle, fill, _BOX) for kind, fill in KIND_FILLS.items()),
        *((bar_style(kind), small, over, fill, _ROWS) for kind, fill in KIND_FILLS.items()),
    ]
    for name, font, alignment, fill, border in looks:
        style = NamedStyle(name=name, font=font, alignment=alignment)
        if fill:
            style.fill = PatternFill("solid", start_color=fill, end_color=fill)
        if border:
            style.border = border
        book.add_named_style(style)


def put(sheet: Worksheet, row: int, column: int, value: str | float | None, style: str) -> Cell:
    """Write a cell. A text is a text, also where it looks like a formula."""
    cell = sheet.cell(row, column)
    assert isinstance(cell, Cell)  # noqa: S101 - nothing is written into merged cells
    cell.style = style
    if isinstance(value, str):
        cell.value = ILLEGAL_CHARACTERS_RE.sub("", value)
        cell.data_type = "s"
    else:
        cell.value = value
    return cell


def band(sheet: Worksheet, row: int, columns: int, text: str, style: str) -> None:
    """Write a text over the whole width of a table. Nothing is merged: so it can be sorted."""
    for column in range(1, columns + 1):
        put(sheet, row, column, text if column == 1 else None, style)


def height(texts: Iterable[tuple[str, float]]) -> float:
    """Points that a row needs for its texts, each with the width of its column in letters."""
    lines = (
        sum(
            max(1, -(-cell_width(line) // max(1, int(width * LETTERS))))
            for line in text.split("\n")
        )
        for text, width in texts
    )
    return max(max(lines, default=1) * LINE_POINTS + 2, 16)


def for_print(sheet: Worksheet, titles: str, breaks: Iterable[int], footer: str) -> None:
    """Set a worksheet up for the printer.

    Args:
        sheet: The worksheet.
        titles: Rows that stand on every page, such as `1:2`.
        breaks: Rows after which a new page begins.
        footer: With the places of the page's number, `&P` of `&N`.
    """
    sheet.page_setup.paperSize = A3
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = titles
    sheet.print_area = sheet.dimensions
    sheet.print_options.horizontalCentered = True
    margins = sheet.page_margins
    margins.left = margins.right = 0.3
    margins.top = margins.bottom = 0.4
    margins.header = margins.footer = 0.15
    if sheet.oddFooter is not None and sheet.oddFooter.center is not None:
        sheet.oddFooter.center.text = footer
    for row in breaks:
        sheet.row_breaks.append(Break(id=row))
