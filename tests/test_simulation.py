"""A day in one process: the same seed gives the same orders, the figures are the journal's."""

import sys
from pathlib import Path

import pytest
from brigades import NOW_MS, published, shift
from districts import small_district
from planners import House, settle

from config.district import District, load
from config.errors import Impossible
from config.ids import IncidentId
from config.words import words
from dispatch.kpi import Figures
from dispatch.showing import Day, Told, _Yardstick, report, straight
from dispatch.simulate import Instant, On, Simulation, StraightLine
from events import ports
from events.clock import Clock
from events.frame import Frame, Order
from events.incidents import Course
from events.memory import MemoryBus
from events.ports import Bus, Record
from events.scene import read_scene
from events.schema import event
from scheduler.planner import Planner

LIVE = """at,kind,severity,place,service_s,priority
2026-11-30T12:20:00+08:00,crash,damage,p1,600,2
2026-11-30T12:21:00+08:00,obstacle,none,p5,300,3
2026-11-30T12:40:00+08:00,crash,injury,p6,900,1
2026-11-30T13:10:00+08:00,dispute,none,p8,300,3
"""
TEAMS = ("t1", "t2", "t3", "t4")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A district with a day to be played, on whose Monday four teams are on duty at noon."""
    folder = small_district(tmp_path / "d", simulation=True)
    (folder / "live").mkdir()
    live = folder / "live" / "2026-11-30.csv"
    live.write_text(LIVE, encoding="utf-8")
    return live


def rosters() -> list[Record]:
    """The published roster of that week."""
    duties = [shift(team, post="st1" if team in ("t1", "t3") else "st2") for team in TEAMS]
    told = [event("duty_rostered", duty, source="plan", id=str(n)) for n, duty in enumerate(duties)]
    told.append(event("roster_published", published(duties), source="plan", id="all"))
    return [Record(raw) for raw in told]


def nobody(bus: Bus, district: District, instant: Instant) -> Planner:
    """A planner without anything to do."""
    return Planner(bus, district, Clock(wall=instant), "test", timed=False)


def falls(bus: Bus, district: District, instant: Instant) -> Planner:  # noqa: ARG001 - as planners are made
    """No planner: the process ends."""
    sys.exit(3)


def played(file: Path, *, by_line: bool = False) -> tuple[list[Frame], Simulation]:
    """The frames of the day's first fourteen hours."""
    district = load(file.parent.parent)
    scene = read_scene(district, file, 14)
    instant = Instant(NOW_MS)
    bus = MemoryBus(instant)
    bus.send(ports.inbox("hz"), rosters())
    core = (On(StraightLine(district)),) if by_line else ()
    simulation = Simulation(district, scene, bus, instant, 7, *core)
    simulation.run(None)
    stored = bus.read(ports.journal("hz"), limit=10_000)
    return [Frame.read(one.value) for one in stored], simulation


def orders(frames: list[Frame]) -> list[tuple[str, str, str | None]]:
    """Unit, incident and order of all orders."""
    found = (d for frame in frames for d in frame.decisions if isinstance(d, Order))
    return [(order.unit, order.id, order.incident) for order in found]


def test_the_same_seed_and_clock_give_the_same_orders(file: Path) -> None:
    """Nothing of this machine's time is in it."""
    once, again = orders(played(file)[0]), orders(played(file)[0])
    assert once == again
    assert {incident for _, _, incident in once} == {f"2026-11-30-000{n}" for n in (1, 2, 3, 4)}


def test_figures_are_counted_from_the_journal(file: Path) -> None:
    """Each incident once, from its report to the first arrival; duties that signed in in time."""
    frames, simulation = played(file)
    found = simulation.figures()
    arrivals = [
        d.arrived_ms for frame in frames for d in frame.decisions
        if d.type == "line" and d.kind == "arrived" and d.about and d.about.incident
    ]  # fmt: skip
    assert (found.duties, len(found.calls)) == (4, 4)
    assert min(a for a in arrivals if a) == found.calls[0].arrived_ms
    assert len(found.answered) == 4
    assert all(0 < response_s < 900 for response_s in found.answered)


def test_a_frame_that_does_not_count_changes_no_figure(file: Path) -> None:
    """A writer that was overtaken left one behind."""
    frames, simulation = played(file)
    found = simulation.figures()
    end = simulation.bus.read(ports.journal("hz"), limit=10_000)[-1].position
    simulation.bus.journal(ports.journal("hz")).append(frames[0].raw(), end + 1)
    simulation.bus.journal(ports.journal("hz")).append(b"{}", end + 2)
    assert simulation.figures() == found


def test_the_yardstick_sends_who_is_nearest_in_a_straight_line(file: Path) -> None:
    """Its day is decided on another ground, with the same rosters and seed."""
    district = load(file.parent.parent)
    day = Day(file.parent.parent, file, 14, 7, nobody)
    assert len(straight(day, Told(tuple(rosters()))).calls) == 4
    line = StraightLine(district)
    ground = On(line).ground
    far, near = ground.spot_of_node(0), ground.spot_of_node(1)
    speed_mps = district.settings.travel.speed_kmh / 3.6
    assert ground.drive_ms([far], near) == [round(1000 * ground.metres(far, near) / speed_mps)]
    patrol = ground.drive_ms([far], near, "patrol")
    assert patrol == [district.travel.between_ms(far, near, "patrol")]


def test_the_yardstick_knows_what_the_planner_published(tmp_path: Path) -> None:
    """Its planner finds the frames of the rosters that its inbox holds."""
    house = House(tmp_path, simulation=True)
    settle(house.planner())
    live = house.district.folder / "live" / "2026-11-30.csv"
    live.parent.mkdir()
    live.write_text(LIVE, encoding="utf-8")
    day = Day(house.district.folder, live, 14, 7, nobody)
    assert len(straight(day, Told.of(house.bus, "hz")).calls) == 4


def test_a_yardstick_that_ends_early_is_told(file: Path) -> None:
    """It is no interruption by whoever looks on."""
    day = Day(file.parent.parent, file, 14, 7, falls)
    with _Yardstick(day, Told(())) as yardstick, pytest.raises(Impossible) as told:
        yardstick.figures()
    assert told.value.fields["code"] == "3"


@pytest.mark.parametrize(
    ("times", "p90"), [([10], 10), (range(1, 11), 9), (range(1, 12), 10), ([], None)]
)
def test_nine_of_ten_is_the_nearest_rank(times: list[int], p90: int | None) -> None:
    """Of ten times the ninth, of eleven the tenth."""
    calls = tuple(
        Course(IncidentId(str(n)), {}, 0, arrived_ms=1000 * at_s) for n, at_s in enumerate(times)
    )
    assert Figures(0, 10, 0, 0, 0, 0, 0, calls).p90_s == p90


@pytest.mark.parametrize("lang", ["en", "zh-CN"])
def test_the_report_tells_both_days(lang: str) -> None:
    """Ours and the yardstick's, also where nothing happened."""
    call = Course(
        IncidentId("i"), {}, 0, due_ms=600_000, arrived_ms=90_000, eta_ms=50_000, waited=True
    )
    ours = Figures(0, 10, 5, 4, 8, 6, 2, (call,))
    lines = report(ours, Figures(0, 10, 0, 0, 0, 0, 0), words(lang))
    assert "75 %" in "".join(lines)
    assert any("1:30" in line for line in lines)
    assert "0:40" in lines[-2]
    assert "–" in lines[-2]
