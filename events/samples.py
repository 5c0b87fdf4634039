"""One sample of each event: what `qinwu events sample` prints and integrators start from.

The golden files of the tests began as these; a sample may change, a golden file never.
"""

from typing import Any

from events.kinds import EVENTS
from events.schema import event

_AT = "2026-12-03T07:42:12+08:00"
_POINT = {"lon": 120.1551, "lat": 30.2741, "crs": "WGS-84"}
_HASH = "5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef"
_DUTY = {
    "week": "2026-W50",
    "version": 2,
    "duty": "2026-W50-P012-1",
    "team": "P012",
    "date": "2026-12-07",
    "start": "2026-12-07T06:00:00+08:00",
    "end": "2026-12-07T14:00:00+08:00",
    "kind": "patrol",
    "post": "S2-post",
    "officer": "P012",
    "auxiliaries": ["A101", "A102"],
    "vehicle": "V07",
    "tasks": [
        {
            "task": "school-3-am@2026-12-07",
            "kind": "school",
            "start": "2026-12-07T07:10:00+08:00",
            "end": "2026-12-07T07:40:00+08:00",
            "place": "K3",
        }
    ],
    "visits": [
        {
            "must_arrive": "M07",
            "arrive": "2026-12-07T07:45:00+08:00",
            "leave": "2026-12-07T07:57:00+08:00",
            "place": "K3",
            "lon": 120.1551,
            "lat": 30.2741,
            "crs": "WGS-84",
            "window_start": "2026-12-07T07:00:00+08:00",
            "window_end": "2026-12-07T09:00:00+08:00",
            "dwell_min": 12,
        }
    ],
}

_SAMPLES: dict[str, dict[str, Any]] = {
    "incident_reported": {
        "at": _AT, "incident": "I20261203-17", "kind": "crash", "severity": "injury",
        "occurred_at": "2026-12-03T07:40:00+08:00", **_POINT, "text": "天目山路/莫干山路口",
        "injured": 1, "drivable": False,
    },
    "sighting_reported": {
        "at": _AT, "gate": "G07", "plate_hash": _HASH, "entry": "W31", "speed_kmh": 54.5,
        "heading_deg": 90, "lane": "2", "confidence": 0.97,
    },
    "position_reported": {
        "at": _AT, "unit": "P012", "device": "D012", **_POINT, "speed_mps": 8.5, "steps": None,
    },
    "status_reported": {
        "at": _AT, "unit": "P012", "status": "on_scene", "order": "hz/1042/0",
        "incident": "I20261203-17",
    },
    "signed_in": {
        "at": _AT, "unit": "P012", "officer": "P012", "auxiliaries": ["A101", "A102"],
        "vehicle": "V07", "device": "D012", "duty": "2026-W49-P012-4",
    },
    "order_answered": {
        "at": _AT, "order": "hz/1042/0", "unit": "P012", "answer": "refused",
        "reason": "vehicle broken down",
    },
    "check_result": {
        "at": _AT, "unit": "P012", "kind": "breath_test", "outcome": "positive", "tested": 40,
        "positives": 1, "operation": "night-2026-12-04", "place": "K3",
    },
    "violation_recorded": {
        "at": _AT, "violation": "no_helmet", "unit": "P012", **_POINT, "corrected": True,
    },
    "visit_proof": {
        "at": _AT, "unit": "P012", "kind": "photo", "visit": "2026-W49-P012-4/M07",
        "reference": "photo-881", **_POINT,
    },
    "absence_reported": {"at": _AT, "person": "P012", "dates": ["2026-12-04"], "kind": "sick"},
    "vehicle_withdrawn": {
        "at": _AT, "vehicle": "V07", "since": "2026-12-03", "until": "2026-12-05",
        "reason": "repair",
    },
    "command_given": {
        "at": _AT, "command": "locate", "by": "P001", "incident": "I20261203-18", **_POINT,
        "noted_offline": False,
    },
    "watchlist_changed": {
        "at": _AT, "entry": "W31", "change": "added", "plate_hash": _HASH,
        "reason": "overdue_inspection", "priority": 2,
    },
    "hazard_changed": {
        "at": _AT, "hazard": "H203", "change": "rectified", "kind": "missing_sign",
        "section": "栾河路",
    },
    "plan_requested": {"at": _AT, "week": "2026-W50", "by": "P001", "time_s": 60, "seed": 7},
    "draft_edited": {
        "at": _AT, "week": "2026-W50", "version": 2, "by": "P001", "parts": 1, "hash": _HASH,
        "duties": [_DUTY],
    },
    "draft_approved": {"at": _AT, "week": "2026-W50", "version": 2, "by": "P001"},
    "draft_withdrawn": {"at": _AT, "week": "2026-W50", "version": 1, "reason": "new campaign"},
    "roster_published": {
        "week": "2026-W50", "version": 2, "replaces": 1, "duties": 236, "hash": _HASH,
    },
    "duty_rostered": {**_DUTY},
    "clock_set": {"virtual_ms": 1764720000000, "wall_ms": 1764806400000, "speed": 60},
}  # fmt: skip


def samples() -> dict[str, bytes]:
    """A structured CloudEvent of each kind, by name."""
    return {
        kind.name: event(kind.name, _SAMPLES[kind.name], source="sample", id=kind.name, time=_AT)
        for kind in EVENTS
    }
