"""Asking the planner over a bus, such as to publish a week; and being it if need be.

A running planner answers within moments. Where nobody does and the bus may be appended to, the
command is a planner for as long as its own request takes; two of them do no harm.
"""

import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from config.district import District
from config.errors import Impossible, NotFound
from config.ids import AreaId
from config.made_tables import RosterRow
from events import ports
from events.clock import Clock
from events.event import moment_text
from events.ports import Bus, Record
from events.schema import event, roster_hash
from scheduler import publish
from scheduler.again import Again
from scheduler.ledger import Draft, Ledger
from scheduler.plan_log import PlanReader
from scheduler.planner import Planner
from scheduler.readback import RosterFile, kept_folder, read_roster
from scheduler.week_ledger import WeekLedger

PATIENCE_S = 2.0
LONGEST_S = 30.0
LOOK_S = 0.05
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a draft: published, in force already, or refused for the laws it breaks."""

    version: int
    duties: int
    was_in_force: bool = False
    refused: bool = False
    breaches: tuple[Mapping[str, Any], ...] = ()


class KeptUnlawful(Impossible):
    """A week as it is kept breaks laws, so that the planner cannot go on from it."""

    def __init__(self, week: str, breaches: tuple[Mapping[str, Any], ...]) -> None:
        """Carry the breaches, as data."""
        super().__init__("planner.kept_unlawful", week=week)
        self.breaches = breaches


@dataclass(slots=True)
class Desk:
    """One command's connection. `alone`: nobody else can be on this bus, so nobody will answer.

    began_ms: Wall time at which whoever typed it had decided; None: now.
    """

    bus: Bus
    district: District
    clock: Clock = field(default_factory=Clock)
    alone: bool = False
    may_plan: bool = True
    began_ms: int | None = None
    _source: str = field(default_factory=lambda: f"qinwu/cli/{uuid.uuid4().hex}")
    _sent: int = 0

    @property
    def area(self) -> AreaId:
        """The brigade's name."""
        return AreaId(self.district.settings.brigade)

    def publish(
        self, week: str, file: RosterFile | None = None, by: str | None = None, *,
        version: int | None = None, over: bool = False,
    ) -> Answer:  # fmt: skip
        """Publish a draft of a week, or a roster handed in.

        Args:
            week: Which.
            file: The roster; None: a draft.
            by: Who asks for it.
            version: Of the draft; None: the newest.
            over: The roster is published whatever version its file was made from.

        Raises:
            NotFound: There is no draft, or nobody answers.
        """
        reader = PlanReader(self.bus, self.area)
        told: dict[str, Any] = {"week": week, "what": "publish"} | ({"by": by} if by else {})
        again = Again(reader, week)
        while True:
            held = again.held()
            if file is not None and (same := self._in_force(held, file)) is not None:
                return same
            if file is not None:
                number, base = held.next_version, publish.base_of(file, held.held, over=over)
                parts = list(publish.handed_in(self.district, file, number, by=by, base=base))
                for part in parts:
                    self.send("draft_edited", part)
                told_hash = parts[0]["hash"] if parts else ""
                approved = {"week": week, "version": number} | ({"by": by} if by else {})
                self.send("draft_approved", approved)
            elif (chosen := held.to_publish(version)) is not None:
                number, told_hash = chosen.version, chosen.hash
            else:
                raise NotFound("planner.no_draft", week=week, district=self.district.folder)
            self.send("plan_requested", told | ({"version": version} if version else {}))
            draft = self.until(reader, lambda one: _fate(one, week, number))  # noqa: B023 - at once
            if draft.hash == told_hash:
                return self._answer(reader.ledger, week, draft)

    def _in_force(self, held: WeekLedger, file: RosterFile) -> Answer | None:
        """The version in force, if the roster that is handed in is that very one."""
        if not held.publications:
            return None
        newest = held.publications[-1]
        duties = publish.duties_of(self.district, file, newest.version)
        if roster_hash(duties) != newest.hash:
            return None
        return Answer(newest.version, len(duties), was_in_force=True)

    def adopted(self, week: str) -> PlanReader:
        """The planner's journal; a week published before it began is handed in first.

        Raises:
            NotFound: Nobody answers.
            KeptUnlawful: It breaks a law by now.
        """
        reader = PlanReader(self.bus, self.area)
        kept = kept_folder(self.district, week) / RosterRow.file
        if reader.ledger.week(week).held is not None or not kept.exists():
            return reader
        file = read_roster(self.district, kept, week)
        district = reader.ledger.recorded.onto(self.district)
        found = publish.breaches(district, file)
        told: tuple[Mapping[str, Any], ...] = tuple(map(publish.breach_data, found))
        if not told:  # else it is not handed in: each time it would be one more refused version
            told = self.publish(week, file).breaches
        if told:
            raise KeptUnlawful(week, told)
        reader.catch_up()
        return reader

    def _answer(self, ledger: Ledger, week: str, draft: Draft) -> Answer:
        held = ledger.week(week)
        if draft.version in held.published:
            return Answer(draft.version, len(draft.duties))
        if not draft.refused:
            raise NotFound(
                "planner.overtaken", week=week, version=draft.version, held=held.held or "–"
            )
        return Answer(draft.version, len(draft.duties), refused=True, breaches=draft.breaches)

    def now_ms(self, ledger: Ledger) -> int | None:
        """The district's time, as the planner knows it; None: a simulated one has none yet."""
        if self.district.settings.simulation:
            if ledger.clock is None:
                return None
            self.clock.setting = ledger.clock
        return self.clock.now_ms()

    def send(self, name: str, data: Mapping[str, Any]) -> None:
        """Put an event into the inbox."""
        self._sent += 1
        raw = event(
            name, data, source=self._source, id=str(self._sent),
            time=moment_text(self.clock.now_ms()),
        )  # fmt: skip
        self.bus.send(ports.inbox(self.area), [Record(raw, self.area.encode())])

    def until(self, reader: PlanReader, done: Callable[[Ledger], T | None]) -> T:
        """Wait until the ledger says so; plan ourselves where nobody else does."""
        began = time.monotonic()
        planner: Planner | None = None
        while True:
            worked = planner is not None and planner.turn()
            reader.catch_up()
            found = done(reader.ledger)
            if found is not None and not worked:
                return found
            waited_s = time.monotonic() - began
            if planner is None and self.may_plan and (self.alone or waited_s > PATIENCE_S):
                planner = Planner(self.bus, self.district, self.clock, "cli", timed=False)
            elif not worked and waited_s > LONGEST_S:
                raise NotFound("planner.no_answer", seconds=round(LONGEST_S))
            elif not worked:
                time.sleep(LOOK_S)


def _fate(ledger: Ledger, week: str, version: int) -> Draft | None:
    """The draft once it is published, refused or taken back; one that was overtaken, too."""
    held = ledger.week(week)
    draft = held.drafts.get(version)
    if draft is None or not draft.whole:
        return None
    over = draft.refused or draft.withdrawn or version <= (held.held or 0)
    return draft if over else None
