"""Opaque identifiers. All are strings of the district's own choosing; none is ever parsed.

A unit is a team on duty, so `UnitId` and `TeamId` hold the same text: the team of an officer
has the id in the column `team` of people.csv, or the officer's person id when that is empty.
"""

from typing import NewType

AreaId = NewType("AreaId", str)  # a brigade: one engine, one journal
SquadronId = NewType("SquadronId", str)
PersonId = NewType("PersonId", str)
TeamId = NewType("TeamId", str)
UnitId = NewType("UnitId", str)
VehicleId = NewType("VehicleId", str)
DeviceId = NewType("DeviceId", str)
NodeId = NewType("NodeId", str)
EdgeId = NewType("EdgeId", str)
PlaceId = NewType("PlaceId", str)
PostId = NewType("PostId", str)
GateId = NewType("GateId", str)
MustArriveId = NewType("MustArriveId", str)
DutyId = NewType("DutyId", str)
VisitId = NewType("VisitId", str)
IncidentId = NewType("IncidentId", str)
SightingId = NewType("SightingId", str)
OrderId = NewType("OrderId", str)
