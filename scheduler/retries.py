"""What a solver could not do, and when it is tried again: at once it would fail again.

What broke off is tried again after some minutes. A refusal holds for the files on which it was
made: it is tried again when one of them is another, and an analysis at the latest a day later,
for the journal, too, brings records. What people ask for is held by their own requests alone.
"""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

from config.durations import DAY_MS
from scheduler.jobs import Work, key

RETRY_MS = 600_000
READ = ("settings.yaml", "*.csv", "history/*")
"""The files of a district that people write and a solver reads; kept weeks are the planner's."""


class Retries:
    """What is not tried just now."""

    def __init__(self, folder: Path, wall: Callable[[], int]) -> None:
        """Nothing was tried yet.

        Args:
            folder: The district's.
            wall: The machine's clock, Unix ms.
        """
        self._folder, self._wall = folder, wall
        self._not_before: dict[tuple[str, str], int] = {}
        self._refused_on: dict[tuple[str, str], str] = {}
        self._digests: dict[tuple[str, int, int, int], str] = {}
        self.begun_on = ""
        """The files as they were when the last solver began."""

    def begin(self, action: Work) -> bool:
        """Whether it is to be tried now; then note on which files."""
        told = key(action)
        files = self.files()
        held = self._wall() < self._not_before.get(told, 0)
        if held and self._refused_on.get(told, files) == files:
            return False
        self.begun_on = files
        return True

    def failed(self, action: Work, *, refused: bool) -> None:
        """It broke off, and may go well the next time; or was refused, as it would be again."""
        told = key(action)
        self._not_before[told] = self._wall() + (DAY_MS if refused else RETRY_MS)
        self._refused_on.pop(told, None)
        if refused:
            self._refused_on[told] = self.begun_on

    def files(self) -> str:
        """What tells whether a file is another, on any machine: a hash of all names and contents.

        A file is read again where its size or time is another.
        """
        listed = "\n".join(self._listed())
        return hashlib.sha256(listed.encode("utf-8", "surrogateescape")).hexdigest()

    def _listed(self) -> Iterator[str]:
        before, self._digests = self._digests, {}
        for path in sorted(path for pattern in READ for path in self._folder.glob(pattern)):
            name = path.relative_to(self._folder).as_posix()
            try:
                if not path.is_file():
                    continue
                stat = path.stat()
                stamp = name, stat.st_size, stat.st_mtime_ns, stat.st_ino
                digest = before.get(stamp) or _digest(path)
            except OSError:  # gone since, or not to be read
                continue
            self._digests[stamp] = digest
            yield f"{name} {digest}"


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
