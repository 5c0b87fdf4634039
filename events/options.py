"""Options and exit codes that the commands on events share; light, so that their help is fast."""

from pathlib import Path
from typing import Annotated

import typer

NOT_FOUND, BAD_INPUT = 1, 2
Folder = Annotated[Path, typer.Argument(help="The district folder.", metavar="DIR")]
BusTarget = Annotated[str | None, typer.Option("--bus", help="sqlite:, kafka:// or http://.")]
Wait = Annotated[
    float | None, typer.Option("--wait", min=0, max=3600, help="Seconds to wait for the reply.")
]
At = Annotated[str | None, typer.Option("--at", help="When, ISO 8601 with offset; default now.")]
