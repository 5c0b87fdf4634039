"""The planner's shell: reads the inbox, does what is due, writes `P.plan`, sends the rosters.

All that it knows is the fold of `P.plan`: whatever happens to it, the next planner goes on from
there. A week is solved by a child process, looked after at every turn; only a repair, for which
somebody waits, keeps it for some seconds.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from config.district import District
from config.errors import QinwuError
from config.ids import AreaId
from events import ports
from events.clock import Clock
from events.facts import Accepted, Fact, Parked
from events.failed import Failed
from events.kinds import DutyRostered, PlanRequested
from events.plan_decisions import Cause, PlanDecision, RequestRefused, Skipped
from events.ports import Bus, BusLost, Stored, StreamGap
from events.schema import Envelope, Refused, parse
from scheduler import due, publish
from scheduler.drafting import Drafter
from scheduler.due import Action, Analyse, MakeDraft, Publish, Repair, ReportMonth, Skip
from scheduler.failing import Failing, Tell, nobody
from scheduler.handed import draft_faults
from scheduler.happened import Happened
from scheduler.jobs import REFUSED, Job, Solver, Work, about, last_words
from scheduler.ledger import Ledger, known
from scheduler.monthly import analysis_told, month_told, ordered
from scheduler.plan_log import MOST_BYTES, PlanLog, size_of
from scheduler.publish import Kept
from scheduler.readback import kept_folder, read_roster
from scheduler.refusal import in_words
from scheduler.requests import accepted, concerns, decided, parked
from scheduler.retries import Retries
from scheduler.sending import Sender
from scheduler.taken_back import taken_back
from scheduler.week_ledger import Return


class Planner:
    """One area's planner. Several may run: each week is published once."""

    def __init__(
        self, bus: Bus, district: District, clock: Clock, writer: str,
        solver: Solver | None = None, *, timed: bool = True, tell: Tell = nobody,
    ) -> None:  # fmt: skip
        """Fold what stands in `P.plan`.

        Args:
            bus: The area's bus, with its journals.
            district: The district; its folder receives the published weeks.
            clock: The process's clock; set from the inbox in a simulated district.
            writer: Who writes the frames.
            solver: Starts the solving of a week; without one no week is planned.
            timed: Whether the clock makes anything due, or only people's requests do.
            tell: Told once of each thing that cannot be made, and why.
        """
        self._bus, self._district, self._clock, self._solver = bus, district, clock, solver
        self._area = AreaId(district.settings.brigade)
        self._inbox = ports.inbox(self._area)
        self._timed = timed
        self._log = PlanLog(bus, self._area, clock, writer)
        self._kept = Kept(district)
        self._drafter = Drafter(self._log, self._kept, self._now_ms)
        self._sender = Sender(bus, self._area, self._kept, clock)
        self._happened = Happened(bus, self._area, district.settings.visits)
        self._seen = self._log.ledger.inbox_position
        self._drained = False
        self._awake = True
        self._next_due_ms = 0
        self._job: tuple[Work, Job] | None = None
        self._retries = Retries(district.folder, clock.wall)
        self._failing = Failing(district.folder, tell)
        self._set_clock()

    @property
    def ledger(self) -> Ledger:
        """The fold of `P.plan`."""
        return self._log.ledger

    @property
    def busy(self) -> bool:
        """Whether a solver is at work for it."""
        return self._job is not None

    def wake(self) -> None:
        """Look at the next turn what is due; safe from any thread."""
        self._awake = True

    def turn(self, wait_ms: int = 0) -> bool:
        """One round without waiting for anything but the inbox; whether anything was done.

        Raises:
            BusLost: Exit; the next planner refolds.
        """
        worked = self._read_inbox(wait_ms)
        worked = self._collect() or worked
        worked = self._act() or worked
        return (self._drained and self._sender.turn(self.ledger)) or worked

    def close(self) -> None:
        """Give up a running solver."""
        if self._job is not None:
            self._job[1].kill()
            self._job = None

    # --- events in ---------------------------------------------------------------------------

    def _read_inbox(self, wait_ms: int) -> bool:
        try:
            records = self._bus.read(self._inbox, self._seen, wait_ms=wait_ms)
        except StreamGap:
            if self._seen == ports.before(0):
                raise
            self._seen = ports.before(0)  # erased while nobody planned: from the first kept on
            return True
        self._drained = not records
        facts: list[Fact] = []
        decisions: list[PlanDecision] = []
        size, ledger = 0, self.ledger
        for record in records:
            told = self._envelope(ledger, record)
            if told is not None:
                fact, new, after = self._taken(ledger, told, record)
                more = len(str(fact)) + sum(map(size_of, new))
                if facts and size + more > MOST_BYTES:
                    break  # the rest comes with the next turn
                facts.append(fact)
                decisions += new
                ledger = after
                size += more
            self._seen = record.position
        if facts and not self._write(decisions, facts, self._seen):
            self._seen = self.ledger.inbox_position
        return bool(records)

    def _taken(
        self, ledger: Ledger, told: Envelope, record: Stored
    ) -> tuple[Accepted | Parked, tuple[PlanDecision, ...], Ledger]:
        """An event as a fact, what it decides, and the ledger after; parked where that crashes."""
        try:
            fact = accepted(told, record, self._inbox)
            new = self._decided(known(ledger, [fact], ()), told)
            return fact, new, known(ledger, [fact], new)
        except BusLost:
            raise
        except Exception as error:  # noqa: BLE001 - it would end every planner that comes to it
            self._failing.told(Failed("event", told.event, in_words(error)))
            return parked(told, record, self._inbox, in_words(error)), (), ledger

    def _envelope(self, ledger: Ledger, record: Stored) -> Envelope | None:
        """The event of a record if it concerns the planner and was not taken before."""
        told = parse(record.value, record.headers)
        if isinstance(told, Refused) or told.known_in(ledger.taken):
            return None
        simulation = self._district.settings.simulation
        takes = concerns(told, self._area, record.stored_ms, simulation=simulation)
        return told if takes else None

    def _decided(self, ledger: Ledger, told: Envelope) -> tuple[PlanDecision, ...]:
        asked_for = told.data
        if isinstance(asked_for, PlanRequested) and asked_for.what == "publish":
            week, held = asked_for.week, ledger.week(asked_for.week)
            draft = held.to_publish(asked_for.version)
            if draft is None:
                return ()
            over = held.drafts.get(draft.base or 0)
            return (self._drafter.verdict(ledger, week, draft, over, by=asked_for.by),)
        return decided(ledger, told, partial(draft_faults, self._district))

    def _write(
        self, decisions: Sequence[PlanDecision], facts: Sequence[Fact] = (), upto: int | None = None
    ) -> bool:
        written = self._log.append(decisions, facts, upto)
        self._awake = True
        self._set_clock()
        return written

    def _set_clock(self) -> None:
        told, held = self.ledger.clock, self._clock.setting
        if told and (held is None or told.wall_ms > held.wall_ms):
            self._clock.setting = told

    # --- what is due -------------------------------------------------------------------------

    def _act(self) -> bool:
        now_ms = self._now_ms()
        if not self._awake and (now_ms is None or now_ms < self._next_due_ms):
            return False
        self._awake = False
        self._log.catch_up()
        if now_ms is not None:
            rules = self._district.settings.publication
            self._next_due_ms = due.next_due_ms(now_ms, self._district.calendar, rules)
        done = any(self._do(action) for action in self._actions(now_ms))
        self._awake = self._awake or done  # what is due next may follow from what was done
        return done

    def _now_ms(self) -> int | None:
        """The district's time; None in a simulated district until its clock was set."""
        simulated = self._district.settings.simulation
        return None if simulated and not self._clock.setting else self._clock.now_ms()

    def _actions(self, now_ms: int | None) -> Iterator[Action]:
        calendar, rules = self._district.calendar, self._district.settings.publication
        yield from due.asked(self.ledger, now_ms, calendar)
        if self._timed and now_ms is not None:
            yield from due.due(self.ledger, now_ms, calendar, rules, self._retries.files())

    def _do(self, action: Action) -> bool:
        match action:
            case Skip(week, reason):
                return self._write([Skipped(week=week, reason=reason)])
            case Publish(week, version):
                draft = self.ledger.week(week).drafts[version]
                return self._write([self._drafter.verdict(self.ledger, week, draft)])
            case Repair():
                from scheduler.absence import put_right  # noqa: PLC0415 - ortools, as below

                return put_right(self._drafter, self.ledger, action, self._now_ms())
            case Return():
                return taken_back(self._drafter, self.ledger, action, self._now_ms())
            case MakeDraft():
                return self._adopt(action) or self._start(action)
            case Analyse() | ReportMonth():
                return self._start(action)

    # --- planning ----------------------------------------------------------------------------

    def _adopt(self, action: MakeDraft) -> bool:
        """A week that was published before this journal began is taken over as it stands."""
        path = kept_folder(self._district, action.week) / "roster.csv"
        if action.wish or self.ledger.week(action.week).drafts or not path.exists():
            return False
        try:
            duties = self._read(path, action.week)
        except QinwuError as trouble:
            self._failed(action, in_words(trouble), None)
            return False
        self._failing.over(*about(action))
        return self._drafter.write(action.week, duties, "edit")

    def _read(self, path: Path, week: str) -> tuple[DutyRostered, ...]:
        """The duties of a roster.csv; BadInput when it, or one of the weeks before, is damaged."""
        return publish.duties_of(self._district, read_roster(self._district, path, week), 1)

    def _start(self, action: Work) -> bool:
        if self._job or not self._solver or not self._retries.begin(action):
            return False
        recorded = self._happened.joined(self.ledger.recorded)
        order = ordered(action, self._bus, self._district, self._clock.now_ms(), recorded)
        self._job = action, self._solver(order)
        return True

    def _collect(self) -> bool:
        """Take over what a solver made."""
        if self._job is None or (code := self._job[1].poll()) is None:
            return False
        from scheduler.restagger import propose  # noqa: PLC0415 - ortools; publishing needs none

        (action, job), self._job = self._job, None
        self._awake = True
        self._log.catch_up()
        if isinstance(action, ReportMonth):
            on = self._retries.begun_on
            made = month_told(self._district, self.ledger, action.month, job.out, code, on)
            if isinstance(made, str):
                return self._failed(action, made, job.out)
            self._failing.reported(made, job.out)
            return made is None or self._write([made])
        why = last_words(job.out, code)
        if code in REFUSED and action.week and (isinstance(action, Analyse) or action.wish):
            self._failing.told(Failed("asked", action.week, why), job.out)
            return self._write([RequestRefused(week=action.week, reason=why)])
        if code != 0:
            refused = code in REFUSED and isinstance(action, Analyse)
            return self._failed(action, why, job.out, refused=refused)
        if isinstance(action, Analyse):
            written = self._write([analysis_told(self._district, action.month, job.out)])
            self._failing.over(*about(action))
            week = action.week or self._district.calendar.week_of(self._clock.now_ms())
            return propose(self._drafter, self.ledger, week, job.out) or written
        try:
            duties = self._read(job.out / "roster.csv", action.week)
        except QinwuError as trouble:
            return self._failed(action, in_words(trouble), job.out)
        self._failing.over(*about(action))
        cause: Cause = "request" if action.wish else "timer"
        return self._drafter.write(action.week, duties, cause, out=job.out)

    def _failed(self, action: Work, why: str, out: Path | None, *, refused: bool = False) -> bool:
        """Say that planning failed, in `P.plan`, too, unless that is known; tried again later."""
        self._retries.failed(action, refused=refused)
        failed = Failed(*about(action), why)
        return self._failing.told(failed, out) and self._write([], [failed.note()])
