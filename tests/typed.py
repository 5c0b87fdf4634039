"""The command as somebody types it, in this process: exit code and what stands where."""

import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

import pytest

import qinwu


class Outcome(NamedTuple):
    """What came of a command."""

    code: int
    out: str
    err: str


Typed = Callable[..., Outcome]


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Typed:
    """`typed("events", "sample", stdin=b"...", lang="en")`."""
    monkeypatch.delenv("QINWU_URL", raising=False)

    def run(*told: object, stdin: bytes = b"", lang: str = "en") -> Outcome:
        monkeypatch.setenv("QINWU_LANG", lang)
        monkeypatch.setattr(sys, "argv", ["qinwu", *map(str, told)])
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(stdin)))
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            qinwu.main()
        shown = capsys.readouterr()
        code = left.value.code
        return Outcome(code if isinstance(code, int) else 0, shown.out, shown.err)

    return run


def within(*told: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    """The command in English as a process of its own would do it, with the same environment.

    Args:
        told: What is typed after `qinwu`.
        folder: Where it is typed; None: here.
    """
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QINWU_LANG", "en")
        patch.setattr(sys, "argv", ["qinwu", *map(str, told)])
        patch.setattr(sys, "stdout", out)
        patch.setattr(sys, "stderr", err)
        if folder is not None:
            patch.chdir(folder)
        with pytest.raises(SystemExit) as left:
            qinwu.main()
    for stream in (out, err):
        stream.flush()
    shown = [stream.buffer.getvalue().decode() for stream in (out, err)]
    code = left.value.code
    return subprocess.CompletedProcess(told, code if isinstance(code, int) else 0, *shown)
