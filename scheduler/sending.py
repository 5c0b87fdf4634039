"""What follows from a publication: its events in the inbox, then its files in the folder.

In this order: units are told though the folder has no room, and the files are written later.
"""

from config.ids import AreaId
from config.made_tables import RosterRow
from config.reading import read_table
from config.telling import tell_line
from config.whole import unfinished
from config.words import language, words
from events import ports
from events.clock import Clock
from events.ports import Bus, BusLost, Record
from scheduler import publish
from scheduler.ledger import Draft, Ledger
from scheduler.publish import REPORT, Kept
from scheduler.readback import LOOK_BACK_WEEKS, kept_folder
from scheduler.refusal import in_words

RESEND_MS = 10_000
RECOPY_MS = 60_000


class Sender:
    """Sends one area's published versions and keeps their files."""

    def __init__(self, bus: Bus, area: AreaId, kept: Kept, clock: Clock) -> None:
        """Nothing is sent yet."""
        self._bus, self._area, self._kept, self._clock = bus, area, kept, clock
        self._sent: dict[tuple[str, int], int] = {}
        self._owed: dict[str, int] | None = None
        self._told: set[str] = set()

    def turn(self, ledger: Ledger) -> bool:
        """Send what was published and not yet seen coming back; then one week's files, if owed.

        Raises:
            BusLost: Exit; the next planner sends.
        """
        if self._owed is None:
            self._owed = dict.fromkeys(self._missing(ledger), 0)
        sent = False
        for week, held in ledger.weeks.items():
            for publication in held.publications:
                key = (week, publication.version)
                wall_ms = self._clock.wall()
                if key in ledger.echoed or wall_ms < self._sent.get(key, 0) + RESEND_MS:
                    continue
                draft = held.drafts[publication.version]
                before = held.drafts.get(publication.replaces or 0)
                raws = publish.effects(self._area, week, draft, publication, before)
                inbox = ports.inbox(self._area)
                self._bus.send(inbox, [Record(raw, self._area.encode()) for raw in raws])
                self._sent[key] = wall_ms
                self._owed.setdefault(week, 0)
                sent = True
        return self._keep_one(ledger, self._owed) or sent

    def write_owed(self, ledger: Ledger) -> None:
        """Write the files of weeks in force that whoever wrote them was cut off at."""
        owed = dict.fromkeys(self._missing(ledger), 0)
        while self._keep_one(ledger, owed):
            pass

    def _keep_one(self, ledger: Ledger, owed: dict[str, int]) -> bool:
        """Write the files of a week's version in force; later again where that fails."""
        wall_ms = self._clock.wall()
        week = next((week for week, at_ms in owed.items() if at_ms <= wall_ms), None)
        if week is None:
            return False
        draft = _in_force(ledger, week)
        del owed[week]
        if draft is not None:
            try:
                self._kept.published(week, draft)
                self._page(ledger, week)
            except BusLost:
                raise
            except Exception as error:  # noqa: BLE001 - units are told; the copy comes later
                owed[week] = wall_ms + RECOPY_MS
                self._tell(week, error)
                return False
        self._told.discard(week)
        return True

    def _page(self, ledger: Ledger, week: str) -> None:
        """Write the page of a version that came without one."""
        folder = kept_folder(self._kept.district, week)
        if not (folder / REPORT).exists():
            from scheduler.version_page import write_version  # noqa: PLC0415 - jinja2

            district = ledger.recorded.onto(self._kept.district)
            write_version(district, week, folder, language())

    def _tell(self, week: str, error: Exception) -> None:
        """Say once a week's copy cannot be written."""
        if week not in self._told:
            tell_line(words()("planner.no_copy", week=week, because=in_words(error)))
            self._told.add(week)

    def _missing(self, ledger: Ledger) -> list[str]:
        """Weeks whose version in force was sent, but not kept before its planner ended."""
        found = []
        for week in sorted(ledger.weeks)[-LOOK_BACK_WEEKS - 1 :]:
            draft = _in_force(ledger, week)
            if draft is None:
                continue
            path = kept_folder(self._kept.district, week) / RosterRow.file
            if not path.exists() or unfinished(path.parent):
                found.append(week)
                continue
            rows = read_table(path, RosterRow).rows
            if max((row.version for row in rows), default=draft.version) < draft.version:
                found.append(week)
        return found


def _in_force(ledger: Ledger, week: str) -> Draft | None:
    held = ledger.week(week)
    return held.drafts.get(held.held or 0)
