"""The patterns of a history at several moments, each learnt once.

A plan, the colours that it is held to and the report of two months ask a dozen times what was
known at a moment; before half of these lie the same records.
"""

from collections.abc import Mapping

from config.district import District
from scheduler.foresight.ground import kernel_of
from scheduler.foresight.history import History, incidents_by_kind
from scheduler.foresight.patterns import Days, Patterns, Seen, fit


class Learnt:
    """What was learnt from the oldest records of one district's history, by how many they are."""

    def __init__(self, district: District) -> None:
        """Begin with nothing."""
        self.district = district
        self._kernel = kernel_of(district)
        self._found: dict[int, Patterns] = {}

    def of(self, known: History, seen: tuple[Days, Mapping[str, Seen]] | None = None) -> Patterns:
        """The patterns of what was known.

        Args:
            known: The oldest records of the history, as many as there were at some moment.
            seen: Its days and incidents, where they were found already.

        Raises:
            BadInput: No incident of it lies on a place.
        """
        if len(known) not in self._found:
            days, incidents = seen or incidents_by_kind(known, self.district.calendar)
            places = tuple(self.district.roads.node_ids)
            self._found[len(known)] = fit(places, days, incidents, self._kernel)
        return self._found[len(known)]
