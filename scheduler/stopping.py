"""What Ctrl-C means to a plan: the first asks for the best so far, the second gives up at once.

Before the planning begins there is nothing to keep, so the first gives up; while the files are
moved to their place it is too late. Nothing is raised: wherever the program is, it ends there, and
what it made is removed. The solving child ends with its input.
"""

import os
import shutil
import signal
import threading
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any, Self

from config.words import words

INTERRUPTED = 130


class Stopping:
    """In force while its block runs.

    asked: Set once the best so far is wanted.
    writing: The folder that is being filled, removed when everything is given up.
    """

    def __init__(
        self, lang: str | None = None, finishing: str = "planner.finishing", *,
        ends: tuple[signal.Signals, ...] = (signal.SIGINT,),
    ) -> None:  # fmt: skip
        """Know the words: none is looked up when it comes.

        Args:
            lang: Of the words; None: the user's.
            finishing: Key of what is said to the first.
            ends: The signals that ask for an end.
        """
        say = words(lang)
        self.asked = threading.Event()
        self.writing: Path | None = None
        self._texts = {
            "finishing": say(finishing), "given_up": say("planner.given_up"),
        }  # fmt: skip
        self._made: list[Path] = []
        self._ends = ends
        self._usual: dict[signal.Signals, Any] = {}
        self._planning = self._placing = False

    def __enter__(self) -> Self:
        """Take the signals."""
        self._usual = {one: signal.signal(one, self._come) for one in self._ends}
        return self

    def __exit__(self, *_: object) -> None:
        """Give them back."""
        for one, usual in self._usual.items():
            signal.signal(one, usual)

    def make(self, folder: Path) -> None:
        """Make a folder; it and those above it that were not there go when all is given up.

        Raises:
            OSError: It cannot be.
        """
        self._made = [one for one in (folder, *folder.parents) if not one.exists()]
        folder.mkdir(parents=True, exist_ok=True)

    def begin(self) -> None:
        """From now on there is, or will soon be, something to keep."""
        self._planning = True

    def place(self) -> None:
        """All is written; what is left is to move it."""
        self._placing = True

    def _come(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        if self._placing:
            return
        if self._planning and not self.asked.is_set():
            self.asked.set()
            self._tell("finishing")
            return
        if self.writing is not None:
            shutil.rmtree(self.writing, ignore_errors=True)
        for folder in self._made:
            with suppress(OSError):  # somebody else put something there
                folder.rmdir()
        self._tell("given_up")
        os._exit(INTERRUPTED)

    def _tell(self, name: str) -> None:
        """Past Python's own buffers, which may be in use just now."""
        with suppress(OSError):
            os.write(2, (self._texts[name] + "\n").encode())
