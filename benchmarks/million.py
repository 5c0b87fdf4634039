"""The whole monthly chain on a district of a million records, its time by part and its memory.

    python benchmarks/million.py [--events 1000000] [--folder DIR]

A made-up city is written as a district folder: junctions in a square, each street between two of
them a section (7,000), eight squadrons, three years of incidents and violations drawn by ten lines
of arithmetic of its own. Then the product reads it and makes the month: patterns, demand, points,
what to correct, colours, alarms, of the month before and of the next, and the page with both.
Exit 1 above 60 s or 2 GiB.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as `qinwu` does, before numpy is loaded

import numpy as np
import pandas as pd
import yaml

from config.coordinates import Frame
from config.importers.mapping import identity
from config.settings import Settings

SIDE, STEP_M = 60, 200.0  # 2 × 60 × 59 = 7,080 streets
ACROSS, UP = 4, 2  # squadrons
FIRST, DAYS = pd.Timestamp("2023-01-01", tz="Asia/Shanghai"), 1096
KINDS = ("crash", "breakdown", "dispute", "drink_drive", "congestion", "other")
CAUSES = tuple(f"违法{number:02d}" for number in range(40))
PARTS = (
    "incidents_by_kind", "streams", "response", "what_to_correct", "points_of",
    "choose", "night_checks", "waits", "risen_of", "colours_of", "alarms_of", "with_past",
    "curves_of", "sure_of", "colours_before",
)  # fmt: skip
BAR_S, BAR_GIB = 60.0, 2.0


def write_district(folder: Path, events: int, side: int = SIDE) -> None:
    """Write such a district into a new folder."""
    squadrons = [f"s{number}" for number in range(1, ACROSS * UP + 1)]
    written: dict[str, Any] = {
        "brigade": "million", "name": "百万大队", "synthetic": True, "time_zone": "Asia/Shanghai",
        "crs": {"lonlat": "WGS-84", "metric": "local", "origin_lon": 117.2, "origin_lat": 34.9},
        "crew_law": "by_class",
        "squadrons": [{"id": name, "name": name} for name in squadrons],
        "visits": {"per_week": 2_000}, "duty_officer": "o1",
    }  # fmt: skip
    (folder / "history").mkdir(parents=True)
    text = yaml.safe_dump(written, allow_unicode=True)
    (folder / "settings.yaml").write_text(text, encoding="utf-8")
    settings = Settings.model_validate(written)
    column, row = (each.ravel() for each in np.indices((side, side)))
    own = column * ACROSS // side + ACROSS * (row * UP // side)
    names = np.array([f"n{number}" for number in range(side * side)])
    x_m, y_m = (STEP_M * (each - (side - 1) / 2) for each in (column, row))
    lon, lat = Frame(settings.crs).to_lonlat(x_m, y_m)
    nodes = {"node": names, "x_m": x_m, "y_m": y_m, "lon": lon, "lat": lat,
             "squadron": np.array(squadrons)[own]}  # fmt: skip
    _save(folder / "nodes.csv", nodes)
    number = np.arange(side * side).reshape(side, side)
    tail = np.concatenate((number[:-1].ravel(), number[:, :-1].ravel()))
    head = np.concatenate((number[1:].ravel(), number[:, 1:].ravel()))
    _save(folder / "edges.csv", {
        "from": names[tail], "to": names[head], "length_m": STEP_M, "speed_kmh": 40, "oneway": 0,
        "class": "tertiary", "section": [f"路段{at}" for at in range(len(tail))],
    })  # fmt: skip
    first = [int(np.flatnonzero(own == at)[side * side // 16]) for at in range(len(squadrons))]
    _save(folder / "posts.csv", {
        "post": squadrons, "node": names[first], "squadron": squadrons, "station": 1,
    })  # fmt: skip
    _save(folder / "people.csv", {
        "person": [f"o{at + 1}" for at in range(len(squadrons))], "squadron": squadrons,
        "role": "officer", "skills": "leader",
    })  # fmt: skip
    dates = pd.date_range("2023-01-01", periods=DAYS + 62)
    kind = np.where(dates.day_of_week < 5, "workday", "rest")
    _save(folder / "calendar.csv", {"date": dates, "kind": kind, "school": 1})
    mapping = identity(settings.crs, settings.crew_law, settings.time_zone)
    given = mapping.model_dump(mode="json", exclude_defaults=True, exclude_none=True)
    text = yaml.safe_dump(given, allow_unicode=True)
    (folder / "history" / "mapping.yaml").write_text(text, encoding="utf-8")
    _write_history(folder, events, x_m, y_m)


def _write_history(folder: Path, events: int, x_m: Any, y_m: Any) -> None:  # noqa: ANN401 - arrays
    """Records of uneven places, hours and kinds; every fifth is a violation."""
    random = np.random.default_rng(1)
    level = random.gamma(0.8, 1.0, len(x_m))
    day = np.sort(random.integers(0, DAYS, events))
    node = random.choice(len(level), events, p=level / level.sum())
    bell = 1.5 + np.cos((np.arange(24) - 17) * np.pi / 12)
    hour = random.choice(24, events, p=bell / bell.sum())
    at = FIRST + pd.to_timedelta(
        day * 86_400 + hour * 3_600 + random.integers(0, 3_600, events), "s"
    )
    kind = random.choice(len(KINDS), events, p=(0.45, 0.1, 0.1, 0.05, 0.2, 0.1))
    violation = random.random(events) < 0.2
    cause = np.minimum(random.geometric(0.12, events) - 1, len(CAUSES) - 1)
    named = violation | ((kind == 0) & (random.random(events) < 0.5))
    _save(folder / "history" / "incidents.csv", {
        "id": [f"r{number}" for number in range(events)],
        "at": at.strftime("%Y-%m-%dT%H:%M:%S+08:00"), "resolution_min": 1,
        "category": np.where(violation, "violation", "incident"),
        "kind": np.where(violation, "", np.array(KINDS)[kind]), "severity": "none",
        "violation": np.where(named, np.array(CAUSES)[cause], ""),
        "x_m": x_m[node] + random.uniform(-40, 40, events).round(1),
        "y_m": y_m[node] + random.uniform(-40, 40, events).round(1),
        "node": [f"n{number}" for number in node.tolist()], "area": "",
        "service_s": np.where(violation, np.nan, random.lognormal(7.2, 0.6, events).round()),
    })  # fmt: skip


def _save(path: Path, columns: dict[str, Any]) -> None:
    pd.DataFrame(columns).to_csv(path, index=False, encoding="utf-8", lineterminator="\n")


def chain(folder: Path) -> dict[str, float]:
    """Make the month as `qinwu report month` does; seconds of each part, those within indented."""
    from config.district import load  # noqa: PLC0415 - what a run loads belongs to its time
    from scheduler.foresight import analysis, history, learnt  # noqa: PLC0415
    from scheduler.hindsight import month, month_page  # noqa: PLC0415

    took: dict[str, float] = {}

    def timed(name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        def run(*given: object, **more: object) -> object:
            began = time.perf_counter()
            found = work(*given, **more)
            took[name] = took.get(name, 0.0) + time.perf_counter() - began
            return found

        return run

    for name in (part for part in PARTS if hasattr(analysis, part)):
        setattr(analysis, name, timed(f"  {name}", getattr(analysis, name)))
    vars(learnt)["fit"] = timed("  fit, also for colours", vars(learnt)["fit"])
    district = timed("load", load)(folder)
    known = timed("read_history", history.read_history)(district)
    vars(month)["analyse"] = timed(" analyse, twice", analysis.analyse)
    found = timed("report_of", month.report_of)(
        district, known, month.last_month(district, known), 7
    )
    timed("write_month", month_page.write_month)(found, (), folder / "month.html", "en")
    return took


def measure(folder: Path) -> int:
    """Run the chain in this process and print what it took; 1 when a bar is missed."""
    began, busy = time.perf_counter(), time.process_time()
    for name, seconds in chain(folder).items():
        print(f"{name:24}{seconds:8.2f} s")
    whole_s = time.perf_counter() - began
    busy_s = time.process_time() - busy
    status = Path("/proc/self/status").read_text(encoding="ascii")
    peak_gib = int(status.split("VmHWM:")[1].split()[0]) / 2**20
    print(f"whole chain {whole_s:.1f} s (bar {BAR_S:.0f}; {busy_s:.1f} s of processor, more where")
    print(f"others have the machine), peak {peak_gib:.2f} GiB (bar {BAR_GIB})")
    return int(whole_s > BAR_S or peak_gib > BAR_GIB)


def main(events: int, folder: Path | None) -> int:
    """Make the district in a folder of its own, and measure in a process of its own."""
    if folder is not None:
        return measure(folder)
    with tempfile.TemporaryDirectory() as held:
        made = Path(held) / "district"
        write_district(made, events)
        again = [sys.executable, __file__, "--folder", str(made)]
        return subprocess.run(again, check=False).returncode  # noqa: S603 - this very file


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, help="a district that is there; by default made")
    sys.exit(main(**vars(parser.parse_args())))
