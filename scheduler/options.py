"""Options that the planner's commands share; light, so that their help is fast."""

from pathlib import Path
from typing import Annotated

import typer

from events.options import BusTarget, Folder

FINDINGS, IMPOSSIBLE = 1, 3
"""Exit codes."""
WeekName = Annotated[str, typer.Option("--week", help="ISO week, e.g. 2026-W49.")]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Only say what would change and who would be told.")
]
From = Annotated[
    Path | None, typer.Option("--from", help="This folder's roster, not the published one.")
]

__all__ = ["FINDINGS", "IMPOSSIBLE", "BusTarget", "DryRun", "Folder", "From", "WeekName"]
