"""A unit's statuses: what each cause makes of them, and what they are called outside."""

from collections.abc import Mapping
from typing import Literal

Status = Literal[
    "free", "to_must_arrive", "at_must_arrive", "dispatched", "acknowledged", "en_route",
    "on_scene", "clearing", "meal", "break", "out_of_service", "unmanned",
]  # fmt: skip
Cause = Literal[
    "order_incident", "order_visit", "accepted", "left", "arrived", "clearing", "ended",
    "free", "meal", "break", "out_of_service", "unmanned",
]  # fmt: skip

TRANSITIONS: Mapping[tuple[Status, Cause], Status] = {
    **{
        (status, "order_incident"): "dispatched"
        for status in ("free", "to_must_arrive", "at_must_arrive")
    },
    ("free", "order_visit"): "to_must_arrive",
    ("dispatched", "accepted"): "acknowledged",
    ("dispatched", "left"): "en_route",
    ("acknowledged", "left"): "en_route",
    ("dispatched", "arrived"): "on_scene",
    ("acknowledged", "arrived"): "on_scene",
    ("en_route", "arrived"): "on_scene",
    ("to_must_arrive", "arrived"): "at_must_arrive",
    ("at_must_arrive", "left"): "to_must_arrive",
    ("on_scene", "clearing"): "clearing",
    **{
        (status, "ended"): "free"
        for status in (
            "to_must_arrive", "at_must_arrive", "dispatched", "acknowledged", "en_route",
            "on_scene", "clearing",
        )
    },
    **{(status, "free"): "free" for status in ("meal", "break", "out_of_service", "unmanned")},
    **{("free", rest): rest for rest in ("meal", "break", "out_of_service", "unmanned")},
    **{
        (status, rest): rest
        for status in ("meal", "break", "out_of_service", "unmanned")
        for rest in ("meal", "break", "out_of_service", "unmanned") if status != rest
    },
}  # fmt: skip
"""What becomes of a unit; a pair that is not here changes nothing."""

EIDO: Mapping[str, tuple[str, str | None]] = {
    "rostered": ("NotAvailable", "Roster"),
    "free": ("Available", None),
    "to_must_arrive": ("Available", "EnRoute"),
    "at_must_arrive": ("ConditionallyAvailable", "Post"),
    "dispatched": ("NotAvailable", "Dispatched"),
    "acknowledged": ("NotAvailable", "AcknowledgedTransmission"),
    "en_route": ("NotAvailable", "EnRoute"),
    "on_scene": ("NotAvailable", "OnScene"),
    "clearing": ("NotAvailable", "Cleared"),
    "shift_pending": ("ConditionallyAvailable", "ShiftPending"),
    "unmanned": ("NotAvailable", "Unmanned"),
    "meal": ("NotAvailable", "Meal"),
    "break": ("NotAvailable", "Break"),
    "out_of_service": ("NotAvailable", "OutOfService"),
    "off_duty": ("NotAvailable", "OffDuty"),
}
"""NENA EIDO's primary and secondary unit status. Source: domain description, unit states."""
