"""How soon the command answers: `qinwu --help` against a Python that does nothing.

`python benchmarks/start_up.py [--runs 15]` prints medians in milliseconds and their ratio; the
last line is JSON. Exit 1 when help takes longer than the bar of 300 ms at the median.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

COMMAND = str(Path(__file__).resolve().parent.parent / "qinwu.py")
BAR_MS = 300


def median_ms(told: Sequence[str], runs: int) -> float:
    """Median wall time of a process."""
    times = []
    for _ in range(runs + 1):
        began_s = time.perf_counter()
        subprocess.run([sys.executable, *told], check=True, stdout=subprocess.DEVNULL)  # noqa: S603
        times.append(1000 * (time.perf_counter() - began_s))
    return statistics.median(times[1:])  # the first one warms the disk


def main() -> int:
    """Measure both, alternately where it matters not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=15)
    runs = parser.parse_args().runs
    help_ms, nothing_ms = median_ms([COMMAND, "--help"], runs), median_ms(["-c", ""], runs)
    print(f"qinwu --help {help_ms:.0f} ms, bare Python {nothing_ms:.0f} ms (bar {BAR_MS} ms)")
    ratio = help_ms / nothing_ms
    print(json.dumps({"help_ms": round(help_ms), "ratio_to_bare_python": round(ratio, 2)}))
    return int(help_ms > BAR_MS)


if __name__ == "__main__":
    sys.exit(main())
