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
    """A district and, for Kafka, the address of a broker with its topics."""
    with tempfile.TemporaryDirectory() as made:
        if folder is None:
            folder = Path(made) / "sample"
            write_sample(folder, 7, datetime.now(UTC).date())
        area = AreaId(load(folder).settings.brigade)
        if engine == "sqlite":
            yield folder, None
            return
        broker = Broker(Path(made) / "kafka", fetch_jars()) if bus is None else None
        try:
            address = bus.removeprefix("kafka://") if bus else broker.start() if broker else ""
            create_topics(address, area)
            yield folder, f"kafka://{address}"
        finally:
            if broker is not None:
                broker.kill()


def main() -> int:
    """Print what was found; 1 when it was anything."""
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--engine", choices=("sqlite", "kafka"), default="sqlite")
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
