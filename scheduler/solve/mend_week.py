"""A squadron's week for `mend`: by which laws its lines go, what they cost, what comes of them.

Laws of working time are stated for the officers; whether their auxiliaries may come along, and
all else, is looked at when the roster is put together.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace

from ortools.sat.python import cp_model

from config.ids import DutyId, PersonId, TeamId
from scheduler.problem import Problem
from scheduler.roster import Duty, Roster
from scheduler.rules import Breach, Tier, check, laws_of, rules_of
from scheduler.rules.must_arrive import VisitsApart
from scheduler.slots import DAYS
from scheduler.solve.boolean_costs import add_cost
from scheduler.solve.boolean_laws import add_law
from scheduler.solve.mend import Lits, NoGood, Picks, Price
from scheduler.solve.mend_equip import equipped
from scheduler.solve.mend_offers import Offers, only
from scheduler.solve.mend_seats import crowded, seats_of
from scheduler.solve.options import Options, options_of
from scheduler.solve.stated import stated
from scheduler.terms import Dislike, Forbid, Prefer
from scheduler.things import grounded


class WeekLaws:
    """The laws and costs of one squadron's lines, and the rosters that choices make."""

    def __init__(self, offers: Offers) -> None:
        """State nothing yet."""
        self.offers, self.problem, self.stays = offers, offers.problem, offers.stays
        costs = [
            rule for rule in rules_of(self.problem)
            if rule.tier is not Tier.LAW and rule.asks == "person"
        ]  # fmt: skip
        self._shared = {rule.id for rule in laws_of(self.problem, "things")}
        self._laws = [law for _, law in stated(self.problem, laws_of(self.problem, "person")).laws]
        self._costs = stated(self.problem, costs).costs
        alone = {  # the officer's laws only: who comes along is looked at afterwards
            team.id: replace(team, auxiliaries=())
            for day in self.problem.crews for team in day.values()
        }  # fmt: skip
        self._lean = replace(
            self.problem, starts=((),) * DAYS, tasks=(), _home={},
            crews=tuple({name: alone[name] for name in day} for day in self.problem.crews),
        )  # fmt: skip
        self._bits: dict[str, tuple[Options, list[cp_model.IntVar]]] = {}

    def state(self, cp: cp_model.CpModel, worker: str, days: Lits) -> None:
        """State the laws of working time of a team's officer."""
        self._bits.pop(worker, None)
        if all(len(choices) == 1 for choices in days):
            return
        spans: dict[tuple[int, int, int], list[cp_model.IntVar]] = {}
        for day, choices in enumerate(days):
            for choice, lit in choices:
                if choice.span is not None:
                    spans.setdefault((day, *choice.span), []).append(lit)
        options = options_of(self._lean, tuple(spans))
        bits = []
        for n in range(options.count):
            lits = spans[int(options.day[n]), int(options.start_min[n]), int(options.end_min[n])]
            bit = lits[0]
            if len(lits) > 1:
                bit = cp.new_bool_var("")
                cp.add(sum(lits) == bit)
            bits.append(bit)
        team = TeamId(worker)
        self._bits[worker] = options, bits
        for law in self._laws:
            if not isinstance(law, Forbid) or law.team == team:
                add_law(cp, self._lean, options, {team: bits}, law)

    def state_all(self, cp: cp_model.CpModel, lines: Mapping[str, Lits]) -> None:
        """State that each unit needs a vehicle and a PDA."""
        slots, most = self.problem.slots, self.problem.at_once()[0]
        always, more = [0] * slots, [list[cp_model.IntVar]() for _ in range(slots)]
        for days in lines.values():
            for choices in days:
                for choice, lit in choices:
                    for slot in self.problem.slots_of(*choice.span) if choice.span else ():
                        if slot < slots and len(choices) == 1:
                            always[slot] += 1
                        elif slot < slots:
                            more[slot].append(lit)
        for slot, lits in enumerate(more):
            left = max(0, int(most[slot]) - always[slot])
            if len(lits) > left:
                cp.add(sum(lits) <= left)

    def prices(self, cp: cp_model.CpModel, worker: str) -> Iterable[Price]:
        """What a team's line costs: hours of its contract, overtime, wishes."""
        if worker not in self._bits:
            return
        options, bits = self._bits[worker]
        for tier, term in self._costs:
            if isinstance(term, (Prefer, Dislike)) and term.team == worker:
                yield from add_cost(
                    cp, self._lean, options, {TeamId(worker): bits}, tier, term
                )  # fmt: skip

    # --- whole rosters -----------------------------------------------------------------------

    def taken(self, picks: Picks) -> Roster:
        """The squadron's roster: crews whole as far as that is lawful, vehicles and PDAs free."""
        duties, changed = list[Duty](), list[Duty]()
        for worker, days in picks.items():
            for day, number in enumerate(days):
                duty = self.offers.duties[TeamId(worker), day, number]
                if duty is not None:
                    (changed if number else duties).append(duty)
        forced = [d for d in duties if any(d is f for f in self.stays.forced.values())]
        for duty in forced:
            duties.remove(duty)
        changed += forced
        roster = Roster((*duties, *(replace(d, auxiliaries=()) for d in changed)))
        for duty in sorted(changed, key=lambda d: (d.start_min, d.id)):
            with_them = replace(duty, auxiliaries=())
            for person in duty.auxiliaries:
                if self._may_come(roster, duty, person):
                    with_them = replace(
                        with_them, auxiliaries=(*with_them.auxiliaries, person)
                    )  # fmt: skip
                    roster = roster.replaced([duty.id], [with_them])
        names = {duty.id for duty in changed}
        return equipped(
            self.problem, _apart(self.problem, roster, names), names, self.stays.now_min
        )

    def _may_come(self, roster: Roster, duty: Duty, person: PersonId) -> bool:
        """Whether the laws of working time allow an auxiliary to be aboard."""
        line = [d for d in roster.duties_of(person) if d.id != duty.id]
        bare = [
            replace(d, officer=person, auxiliaries=(), tasks=(), visits=()) for d in line
        ]  # fmt: skip
        new = replace(duty, officer=person, auxiliaries=(), tasks=(), visits=())
        alone = only(self.problem, (person,))
        before = Counter(check(alone, Roster(tuple(bare)), "person"))
        return not Counter(check(alone, Roster((*bare, new)), "person")) - before

    def refused(self, picks: Picks) -> list[NoGood]:
        """What a roster breaks that the one before did not, as choices that cannot be together."""
        roster = self.taken(picks)
        found = self._broken(picks, roster)
        return list({nogood for breach in found for nogood in self._nogoods(picks, roster, breach)})

    def broken(self, picks: Picks) -> list[Breach]:
        """What a roster breaks that the one before did not."""
        return list(self._broken(picks, self.taken(picks)))

    def _broken(self, picks: Picks, roster: Roster) -> Counter[Breach]:
        """Working time of everybody in a changed team, their crews, and all vehicles."""
        changed = {
            TeamId(worker) for worker, days in picks.items()
            if any(days) or any(team == worker for team, _ in self.stays.forced)
        }  # fmt: skip
        mates = {
            person for day in self.problem.crews for name, team in day.items()
            if name in changed for person in (team.officer, *team.auxiliaries)
        }  # fmt: skip
        part = Roster(tuple(d for d in roster.duties if mates & {*d.people}))
        found = Counter(
            breach for breach in check(only(self.problem, sorted(mates)), part, "person")
            if breach.person in mates
        )  # fmt: skip
        own = Roster(tuple(d for d in roster.duties if d.team in changed))
        found += Counter(check(self.problem, own, "crew"))
        found += Counter(check(self.problem, roster, "things"))
        return found - self.offers.before

    def _seatless(self, picks: Picks, duty: Duty) -> NoGood | None:
        """Choices among which there is always a crew without a vehicle, where a duty has none."""
        if duty.vehicle is not None or not self.problem.vehicles:
            return None
        taken: dict[tuple[str, int, int], tuple[Duty, int]] = {}
        for worker, days in picks.items():
            for day, number in enumerate(days):
                chosen = self.offers.duties[TeamId(worker), day, number]
                if chosen is None or self._under_way(chosen):
                    continue
                aboard = self.offers.fewest(TeamId(worker), day, number)
                taken[worker, day, number] = chosen, seats_of(self.problem, chosen, aboard)
        day = self.problem.day(duty.date)
        of = str(duty.team), day, picks[duty.team][day]
        found = crowded(self.problem, of, taken) if of in taken else None
        return None if found is None else tuple(sorted(found))

    def _under_way(self, duty: Duty) -> bool:
        """Whether it is begun in a vehicle that is withdrawn now: it takes nobody else's."""
        begun = self.stays.is_over(duty.start_min)
        return begun and any(True for _ in grounded(self.problem, (duty,), None))

    def _nogoods(self, picks: Picks, roster: Roster, breach: Breach) -> Iterator[NoGood]:
        """What made a breach: the lines of the teams that its people are in, or the days around."""
        duty = roster.duty(breach.duty) if breach.duty else None
        if breach.rule in self._shared and duty is not None:
            if seatless := self._seatless(picks, duty):
                yield seatless
                return
            at = self.problem.day(duty.date)
            around = [day for day in (at - 1, at, at + 1) if 0 <= day < DAYS]
            yield tuple((worker, day, days[day]) for worker, days in picks.items()
                        for day in around)  # fmt: skip
            return
        people = {breach.person} if breach.person else set()
        teams = {duty.team} if duty else set()
        if duty is not None:
            crew = self.problem.crews[self.problem.day(duty.date)].get(duty.team)
            people |= {*duty.people, *(crew.auxiliaries if crew else ())}
        teams |= {d.team for d in roster.duties if people & {*d.people}}
        teams &= {TeamId(worker) for worker in picks}
        yield tuple(
            (team, day, number) for team in sorted(teams) for day, number in enumerate(picks[team])
        )


def _apart(problem: Problem, roster: Roster, changed: Collection[DutyId]) -> Roster:
    """A roster whose changed duties make no visit too soon after another at its place.

    Such may have been published before spacing was a law, or under a shorter one; whoever takes the
    duty over is not to be kept from it by that. The visit is given to others afterwards.
    """
    for breach in list(VisitsApart().check(problem, roster)):
        for duty in [one for one in roster.duties if one.id == breach.duty and one.id in changed]:
            left = tuple(one for one in duty.visits if one.must_arrive != breach.point)
            roster = roster.replaced([duty.id], [replace(duty, visits=left)])
    return roster
