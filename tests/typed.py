"""The command as somebody types it, in this process: exit code and what stands where."""

import io
import sys
from collections.abc import Callable
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
