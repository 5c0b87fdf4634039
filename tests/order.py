"""Which tests share a process, and which begin first, when several processes run them.

What is dear to make is made once: tests of a module that look at one fixture of that module stay
together, and so do all that need a broker. The longest begin first, so that none of them is left
alone at the end.
"""

from typing import Any

import pytest

LONGEST = (
    "test_docs.py::test_every_command_block_of_a_page_works[README",
    "kafka",
    "test_import",
    "test_docs.py::test_every_command_block",
    "test_lines_anneal.py",
    "test_lines_redraw.py",
    "absence",
    "test_mutations.py",
    "test_lines_benchmarks.py",
    "test_finish.py",
    "test_faults.py",
    "test_lines_pricing.py",
    "test_plan_command.py",
    "solver",
    "sources",
)
"""Groups, and beginnings of the names of tests; whatever else has a group follows.

Among the first are those of the lines: what they compile, later ones find compiled.
"""


def group_of(item: pytest.Item) -> str | None:
    """The group of a test; one that needs nothing dear has none."""
    if (mark := item.get_closest_marker("xdist_group")) is not None:
        return str(mark.args[0])
    if not isinstance(item, pytest.Function):
        return None
    params = item.callspec.params.values() if hasattr(item, "callspec") else ()
    if "kafka" in item.fixturenames or "kafka" in [one for one in params if isinstance(one, str)]:
        return "kafka"
    fixtures = [made for found in item._fixtureinfo.name2fixturedefs.values() for made in found]
    if any(made.scope == "module" for made in fixtures):
        return item.path.stem
    return None


def rank(item: pytest.Item) -> int:
    """Place in the order of beginning."""
    name, group = item.nodeid.removeprefix("tests/"), group_of(item)
    for n, begins in enumerate(LONGEST):
        if group == begins or name.startswith(begins):
            return n
    return len(LONGEST) + (group is None)


def keep_together(item: pytest.Item, group: str) -> None:
    """Write the group where the scheduler reads it: at the end of the test's name.

    pytest-xdist does so itself for marked tests, but since pytest 9.2 in vain (its issue 1386).
    """
    name: Any = getattr(item, "_id", None)
    if name is None:
        item.add_marker(pytest.mark.xdist_group(group))
    else:
        item._id = type(name).parse(f"{item.nodeid}@{group}")


def put_in_order(items: list[pytest.Item]) -> None:
    """Tell the groups, and sort."""
    for item in items:
        if (group := group_of(item)) is not None:
            keep_together(item, group)
    items.sort(key=rank)
