"""Whether anything that leaves the planner breaks a law: random weeks, and absences in a real one.

`python benchmarks/random_weeks.py [--weeks 1000] [--absences 1000] [--seed 0]` sends random small
weeks (what people bring from before, leave, clock changes, tasks) through a round of the whole
search and judges each roster that it gives on the way, the first and the last, by the rules'
`check`, which shares no code with the engine; then lets random people of the sample district's
week be absent, and judges every repaired version. The last line is JSON; exit 1 on any breach.
"""

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from small_weeks import week_of

from config.calendar import week_of_day
from config.district import District, load
from config.sample.write import write_sample
from scheduler.absence import repaired
from scheduler.publish import breaches
from scheduler.readback import RosterFile
from scheduler.recorded import Recorded
from scheduler.rules import check
from scheduler.solve import Solved, solve
from scheduler.week import plan_week

TODAY = date(2026, 11, 27)
EVERY = 100


def weeks(count: int, first: int) -> int:
    """Breaches in all rosters that the search gives of random weeks."""
    found = 0
    for seed in range(first, first + count):
        week = week_of(seed)
        given: list[Solved] = []
        given.append(solve(week, rounds=1, seed=seed, better=given.append))
        found += sum(len(check(week, one.roster)) for one in given)
        if (seed - first + 1) % EVERY == 0:
            print(f"{seed - first + 1} weeks, {found} breaches", flush=True)
    return found


def absences(count: int, seed: int) -> int:
    """Breaches in versions of the sample's week without people who called in sick."""
    chance = random.Random(seed)  # noqa: S311 - a draw
    with tempfile.TemporaryDirectory() as folder:
        write_sample(Path(folder) / "district", seed, TODAY, [])
        district = load(Path(folder) / "district")
        week = week_of_day(TODAY + timedelta(days=7))
        planned = plan_week(district, week, solve=lambda one: solve(one, time_s=0, seed=seed))
        found = len(breaches(planned.district, planned.file))
        for n in range(1, count + 1):
            duties = chance.sample(planned.roster.duties, chance.choice((1, 1, 2, 3)))
            days = {str(chance.choice(duty.people)): frozenset({str(duty.date)}) for duty in duties}
            told = Recorded(days).onto(district)
            gone = list(_touched(planned.file, told))
            found += len(breaches(told, repaired(told, planned.file, gone)))
            if n % EVERY == 0:
                print(f"{n} absences, {found} breaches", flush=True)
    return found


def _touched(file: RosterFile, told: District) -> Iterator[tuple[str, str]]:
    """Who is absent from which duty: a night's end may lie on the day of leave, too."""
    calendar = told.calendar
    start_ms = calendar.week_start_ms(file.week)
    for duty in file.roster.duties:
        last = calendar.local(start_ms + 60_000 * (duty.end_min - 1)).date()
        for person in duty.people:
            if any(told.people.on_leave(person, day) for day in (duty.date, last)):
                yield str(person), str(duty.date)


def main() -> int:
    """Both, with how long they took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weeks", type=int, default=1000)
    parser.add_argument("--absences", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    told = parser.parse_args()
    began_s = time.monotonic()
    in_weeks, in_absences = weeks(told.weeks, told.seed), absences(told.absences, told.seed)
    result = {
        "weeks": told.weeks, "breaches": in_weeks, "absences": told.absences,
        "breaches_after_absences": in_absences, "seconds": round(time.monotonic() - began_s),
    }  # fmt: skip
    print(json.dumps(result))
    return int(bool(in_weeks or in_absences))


if __name__ == "__main__":
    sys.exit(main())
