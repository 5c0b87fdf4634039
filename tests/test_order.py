"""Several test processes: what is dear to make is made by one of them."""

from copy import copy

import pytest
from order import put_in_order
from xdist.scheduler import LoadGroupScheduling  # type: ignore[import-untyped]


@pytest.fixture(scope="module")
def dear() -> list[str]:
    """What tests of this module share."""
    return []


def scopes(request: pytest.FixtureRequest) -> dict[str, str]:
    """What the real scheduler takes each test of this module for."""
    items = [copy(item) for item in request.session.items if item.path == request.path]
    put_in_order(items)
    split = LoadGroupScheduling._split_scope
    return {item.name: split(None, item.nodeid) for item in items}


def test_who_shares_a_fixture_of_the_module_stays_together(
    request: pytest.FixtureRequest, dear: list[str]
) -> None:
    """The scheduler hands out the whole group."""
    assert scopes(request)[request.node.name] == "test_order"
    assert dear == []


@pytest.mark.parametrize("kind", ["kafka", "sqlite"])
def test_a_broker_is_shared_and_a_file_is_not(request: pytest.FixtureRequest, kind: str) -> None:
    """Whoever asks for a broker by its name goes where the broker is."""
    assert (scopes(request)[request.node.name] == "kafka") == (kind == "kafka")
