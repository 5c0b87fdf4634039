"""What dispatch loses when its processes are killed: nothing, or exit 1.

`python benchmarks/faults.py --engine sqlite|kafka --kills 20 --seed 1` runs `qinwu run` on the
sample district with all its crews on duty and traffic going on, and kills (SIGKILL) the worker
or its supervisor at random moments and at named ones (before and after an append, between
effects, during a snapshot), each time with at least ten orders open. Then it accounts for every
record by a fold of its own. Each kill is a line on stderr, what was found one line of JSON on
stdout; exit 1 on any finding.

`--folder DIR --bus kafka://…` uses what is there instead of making its own.
"""

import argparse
import json
import random
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "deploy" / "kafka")]

from broker import Broker, fetch_jars  # noqa: E402 - found on the path just set
from trials import Trial, measure  # noqa: E402

from config.district import load  # noqa: E402
from config.ids import AreaId  # noqa: E402
from config.sample.write import write_sample  # noqa: E402
from events.kafka_topics import create_topics  # noqa: E402


@contextmanager
def place(engine: str, folder: Path | None, bus: str | None) -> Iterator[tuple[Path, str | None]]:
    """A district and the address of its bus, if that is not a file of its own."""
    with tempfile.TemporaryDirectory() as made:
        if folder is None:
            folder = Path(made) / "sample"
            write_sample(folder, 7, datetime.now(UTC).date())
        area = AreaId(load(folder).settings.brigade)
        with ENGINES[engine](Path(made), bus, area) as address:
            yield folder, address


@contextmanager
def _file(made: Path, bus: str | None, area: AreaId) -> Iterator[None]:
    """The district's own file; it needs nothing."""
    del made, bus, area
    yield None


@contextmanager
def _kafka(made: Path, bus: str | None, area: AreaId) -> Iterator[str]:
    """The broker that was named, else one of its own, with the area's topics."""
    broker = Broker(made / "kafka", fetch_jars()) if bus is None else None
    try:
        address = bus.removeprefix("kafka://") if bus else broker.start() if broker else ""
        create_topics(address, area)
        yield f"kafka://{address}"
    finally:
        if broker is not None:
            broker.kill()


ENGINES = {"sqlite": _file, "kafka": _kafka}
"""What stands behind each name of `--engine`."""


def main() -> int:
    """Print what was found; 1 when it was anything."""
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--engine", choices=tuple(ENGINES), default="sqlite")
    ask.add_argument("--kills", type=int, default=20)
    ask.add_argument("--seed", type=int, default=1)
    ask.add_argument("--folder", type=Path)
    ask.add_argument("--bus")
    told = ask.parse_args()
    with place(told.engine, told.folder, told.bus) as (folder, address):
        trial = Trial(folder, address, random.Random(told.seed))  # noqa: S311 - a trial
        found = measure(trial, told.kills, lambda line: print(line, file=sys.stderr, flush=True))
    print(json.dumps({"bench": "faults", "engine": told.engine, "seed": told.seed, **found}))
    return 1 if found["findings"] else 0


if __name__ == "__main__":
    sys.exit(main())
