"""The week as a workbook and back again; calendars and data of it for other programs."""
