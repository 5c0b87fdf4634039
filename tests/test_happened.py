"""What the journal says has happened is next month's history, each incident once."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from engines import AREA, Station, settle, sqlite_station
from learning import NEXT_MONTH, known, next_month

from config.ids import IncidentId, NodeId, UnitId
from config.made_tables import HistoryRow
from config.reading import write_rows
from config.roads import Spot
from config.settings import Visits
from config.where import spot_of
from dispatch.ground import Ground
from dispatch.service import Engine
from events import ports
from events.event import moment_text
from events.facts import Accepted, Position
from events.frame import FIRST_PREV, Frame
from events.kinds import IncidentReported
from events.memory import MemoryBus
from scheduler.commands import PlanJob
from scheduler.foresight.analysis import Analysis
from scheduler.foresight.history import History, read_history
from scheduler.happened import Happened
from scheduler.recorded import Recorded

MINUTE_MS = 60_000
SERVICE_MIN = 25


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Station]:
    """A staffed station on a file, with a history of crashes far from n11."""
    station = sqlite_station(tmp_path)
    wide = [row(station, f"c{n}", "n33", f"2026-11-{n:02d}T08:00:00+08:00") for n in range(1, 29)]
    (station.folder / "history").mkdir(exist_ok=True)
    write_rows(station.folder / HistoryRow.file, wide)
    station.staff()
    yield station
    station.bus.close()


def row(station: Station, id_: str, node: str, at: str) -> HistoryRow:
    """A crash at a node, as a history file has it."""
    told = {"id": id_, "at": at, "kind": "crash", "severity": "damage", "x_m": 0, "y_m": 0}
    assert node in station.district.roads.node_ids
    return HistoryRow.model_validate(told | {"node": node})


@pytest.fixture
def engine(station: Station) -> Engine:
    """Its engine, come to rest."""
    engine = station.engine()
    settle(engine)
    return engine


def handled(station: Station, engine: Engine, **told: Any) -> str:  # noqa: ANN401 - of the event
    """An incident from the report to the unit's leave, with `SERVICE_MIN` on scene; its id."""
    name = str(told.get("incident", station.incident(**told)))
    settle(engine)
    unit = next(o["unit"] for o in station.rows("orders") if o.get("incident") == name)
    station.now_ms += 5 * MINUTE_MS
    station.send("status_reported", unit=unit, status="on_scene")
    settle(engine)
    station.now_ms += SERVICE_MIN * MINUTE_MS
    station.send("status_reported", unit=unit, status="free")
    settle(engine)
    return name


def history(station: Station) -> History:
    """Files and journal together."""
    return read_history(station.district, known(station).incidents)


def rate(found: Analysis, node: str) -> float:
    """Risk of a node over a week of a mean month."""
    return float(found.patterns.rates()[found.patterns.places.index(node)].sum())


def at_node(past: History, node: str) -> int:
    """How many records lie there."""
    return int((past.place == past.places.index(node)).sum())


def test_incidents_of_this_month_raise_the_rate_at_their_place_next_month(
    station: Station, engine: Engine
) -> None:
    """Dispatched by the engine over a real file, and planned with by the planner."""
    for _ in range(3):
        handled(station, engine, junction="n11")
        station.now_ms += 60 * MINUTE_MS
    with_journal, files_alone = (next_month(station, r) for r in (known(station), Recorded()))
    assert rate(with_journal, "n11") > 1.5 * rate(files_alone, "n11")
    assert at_node(history(station), "n11") == 3


def test_a_reported_hazard_is_known_to_the_next_plan(station: Station, engine: Engine) -> None:
    """Its last change, with where it was found: the plan's child reads them from a file."""
    station.send("hazard_changed", hazard="z1", change="found", junction="n11")
    station.send("hazard_changed", hazard="z1", change="assigned", owner="o1")
    settle(engine)
    [told] = known(station).hazards
    assert (told["hazard"], told["change"], told["junction"]) == ("z1", "assigned", "n11")
    assert {row.hazard for row in known(station).onto(station.district).hazards} == {"h1", "z1"}


def test_an_incident_that_stands_in_a_file_too_counts_once(
    station: Station, engine: Engine
) -> None:
    """The brigade's own export of the journal lies in the history folder."""
    handled(station, engine, junction="n11", incident="110-7")
    handled(station, engine, junction="n22", incident="110-8")
    before = next_month(station, known(station))
    told = known(station).incidents
    exported = [row(station, one["incident"], one["where"]["junction"], one["at"]) for one in told]
    write_rows(station.folder / "history" / "journal.csv", exported)
    assert [at_node(history(station), node) for node in ("n11", "n22", "n33")] == [1, 1, 28]
    after = next_month(station, known(station))
    assert np.array_equal(after.patterns.rates(), before.patterns.rates())


def test_the_stay_is_from_arrived_to_done(station: Station, engine: Engine) -> None:
    """Of the unit that was first; in seconds."""
    handled(station, engine)
    [one] = known(station).incidents
    assert one["service_s"] == SERVICE_MIN * 60
    assert 60.0 * SERVICE_MIN in history(station).service_s


def test_a_stay_that_nobody_ended_is_not_known(station: Station, engine: Engine) -> None:
    """The unit is still there."""
    name = station.incident()
    settle(engine)
    [order] = [o for o in station.rows("orders") if o.get("incident") == name]
    station.send("status_reported", unit=order["unit"], status="on_scene")
    settle(engine)
    assert [one["service_s"] for one in known(station).incidents] == [None]


@pytest.mark.parametrize(("command", "more"), [
    ("close", {"how": "cancelled"}), ("merge", {"into": "real"}),
])  # fmt: skip
def test_what_was_merged_or_cancelled_is_no_incident(
    station: Station, engine: Engine, command: str, more: dict[str, str]
) -> None:
    """It never was one, or is another's second report."""
    station.incident(incident="real", junction="n22")
    station.incident(incident="false", junction="n11")
    settle(engine)
    station.send("command_given", command=command, incident="false", by="o1", **more)
    settle(engine)
    assert [one["incident"] for one in known(station).incidents] == ["real"]


def test_a_report_sent_again_is_one_incident(station: Station, engine: Engine) -> None:
    """By the same sender, and by another that knows the same number."""
    station.incident(incident="110-7")
    station.incident(incident="110-7")
    settle(engine)
    assert len(known(station).incidents) == 1


def test_video_and_what_a_unit_came_upon_are_incidents_too(
    station: Station, engine: Engine
) -> None:
    """As in the files of other systems; nobody was sent, so no stay is known."""
    station.incident(drivable=True, agreed=True)
    station.incident(junction="n22", kind="breakdown", severity="none", unit="t1")
    settle(engine)
    assert station.rows("orders") == []
    assert [one["service_s"] for one in known(station).incidents] == [None, None]
    assert [at_node(history(station), node) for node in ("n11", "n22")] == [1, 1]


def test_what_a_unit_came_upon_lies_where_it_signed_in(station: Station, engine: Engine) -> None:
    """As long as the journal holds no position of it."""
    node = station.district.roads.index[NodeId("n11")]
    lon, lat = Ground(station.district).lonlat(Spot(node=node))
    here = {"lon": lon, "lat": lat, "crs": "WGS-84"}
    station.send("signed_in", unit="t1", officer="o1", duty="t1-1", **here)
    station.send("incident_reported", kind="breakdown", unit="t1")
    settle(engine)
    assert at_node(history(station), "n11") == 1


def test_what_a_unit_came_upon_lies_at_its_last_position(station: Station) -> None:
    """At the end of the edge that is nearer."""
    roads = station.district.roads
    edge = roads.edge_ids[0]
    near = UnitId("t1")
    position = Position(unit=near, at_ms=0, edge=edge, along_m=10, change="fix")
    report = {"kind": "breakdown", "unit": "t1", "at": "2026-11-30T09:00:00+08:00"}
    found = Accepted(topic=ports.inbox(AREA), partition=0, offset=0, event="pda/1", data=report,
                     kind=IncidentReported.type(), incident=IncidentId("pda/1"))  # fmt: skip
    frame = Frame(area=AREA, seq=1, prev=FIRST_PREV, writer="w", time_ms=0,
                  facts=(position, found))  # fmt: skip
    bus = MemoryBus()
    bus.journal(ports.journal(AREA)).append(frame.raw(), 0)
    past = read_history(station.district, Happened(bus, AREA, Visits()).incidents())
    assert past.place[-1] == roads.tail[0]


def test_a_plan_says_how_many_lie_nowhere(
    station: Station, engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    """On stderr, before it begins."""
    station.send("incident_reported", kind="crash", severity="damage", text="by the old mill")
    settle(engine)
    station.bus.close()
    job = PlanJob(NEXT_MONTH, station.folder / "out", 1, 0, None, None, None, "en")
    assert job.reports(station.district).unplaced == 1
    assert "1 incidents of the journal were never located" in capsys.readouterr().err


def test_one_that_nobody_located_lies_nowhere_and_is_counted(
    station: Station, engine: Engine
) -> None:
    """Until a person finds out where it was."""
    name = station.send(
        "incident_reported", kind="crash", severity="damage", text="by the old mill"
    )
    settle(engine)
    assert known(station).unplaced == 1
    assert rate(next_month(station, known(station)), "n11") == pytest.approx(
        rate(next_month(station, Recorded()), "n11")
    )
    station.send("command_given", command="locate", incident=name, by="o1", junction="n11")
    settle(engine)
    assert known(station).unplaced == 0
    assert at_node(history(station), "n11") == 1


def test_the_reader_goes_on_where_it_was(station: Station, engine: Engine) -> None:
    """A planner asks again and again: each incident comes once, those from before too."""
    reader = Happened(station.bus, AREA, Visits())
    handled(station, engine)
    assert len(reader.incidents()) == 1
    station.now_ms += 60 * MINUTE_MS
    handled(station, engine, junction="n22")
    assert reader.incidents() == Happened(station.bus, AREA, Visits()).incidents()
    assert len(reader.incidents()) == 2


WAYS: Sequence[dict[str, Any]] = (
    {"place": "p1"}, {"place": "nobody's"}, {"junction": "n11"}, {"junction": "n999"},
    {"section": "栾河路", "km_e7": 10_000_000}, {"section": "G60", "km_e7": 10_000_000},
    {"lon_e7": 1_201_500_000, "lat_e7": 302_800_000, "crs": "GCJ-02"}, {},
)  # fmt: skip


@pytest.mark.parametrize("normal", WAYS, ids=str)
def test_engine_and_planner_know_the_same_places(station: Station, normal: dict[str, Any]) -> None:
    """Neither may import the other; where an event lies is said the same by both."""
    assert spot_of(station.district, normal) == Ground(station.district).spot_of(normal)


@pytest.mark.parametrize(("occurred_at", "at"), [
    ("2026-11-30T07:50:00+08:00", "2026-11-29T23:50:00.000Z"),
    ("0001-01-01T00:00:00+14:00", None),  # what machines send that know no time
    ("1970-01-01T00:00:00Z", None),
    ("2036-11-30T07:50:00+08:00", None),
    ("9999-12-31T23:59:59-14:00", None),
])  # fmt: skip
def test_a_time_at_which_nothing_can_have_happened_moves_no_history(
    station: Station, engine: Engine, occurred_at: str, at: str | None
) -> None:
    """One of year 1 and no week could be planned any more; one of 1970 and every rate was thin."""
    station.incident("n11", occurred_at=occurred_at)
    settle(engine)
    [told] = Happened(station.bus, AREA, Visits()).incidents()
    assert told["at"] == (at or moment_text(station.now_ms))
