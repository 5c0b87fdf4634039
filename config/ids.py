"""Identifiers: strings of the district's own choosing, opaque to whoever holds them.

Tasks, the planner's duties and its must-arrive points are named by what they are made of. Only
`scheduler.fixed`, `config.duty_rows` and what reads a command's words take such a name apart;
`NIGHT_CHECK` and `NIGHT_POINT` are the program's own, no file of a district may name a row so.

A unit is a team on duty, so `UnitId` and `TeamId` hold the same text: the team of an officer
has the id in the column `team` of people.csv, or the officer's person id when that is empty.
"""

import re
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

NIGHT_CHECK = "night_check"
"""What a task of a night check is called in place of a fixed duty."""
NIGHT_POINT = re.compile(r"night-[1-7]-")
"""How the id of a night check's point begins: files and events say by it what a point is."""
