"""How `make test` spreads the tests over its processes."""

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.support.scheduling import (
    BROWSER,
    LONGEST_FIRST,
    OWN_PRODUCTS,
    UnitScheduling,
    in_turn,
    order_of,
    unit_of,
)

ROOT = Path(__file__).resolve().parents[2]
UNITS = {
    "tests/e2e/test_live.py::test_a": BROWSER,
    "tests/e2e/test_focus.py::test_b[1]": BROWSER,
    "tests/e2e/test_shutdown.py::test_c": "tests/e2e/test_shutdown.py",
    "tests/fuzz/test_stateful.py::test_d": "tests/fuzz/test_stateful.py::test_d",
    "tests/fuzz/test_mutations.py::test_e[a::b]": "tests/fuzz/test_mutations.py::test_e[a::b]",
    "tests/fuzz/test_process_kills.py::test_f": "tests/fuzz/test_process_kills.py",
    "tests/unit/test_tree.py::test_g": "tests/unit/test_tree.py",
}


@pytest.mark.parametrize(("nodeid", "unit"), UNITS.items())
def test_a_test_belongs_to_one_unit(nodeid: str, unit: str) -> None:
    assert unit_of(nodeid) == unit


def test_files_with_products_of_their_own_ask_for_no_shared_one() -> None:
    shared = re.compile(r"def test_\w+\([^)]*\b(stack|visitors|page|browser)\b *[:,)]")
    for name in OWN_PRODUCTS:
        assert shared.findall((ROOT / name).read_text()) == [], name


def test_the_longest_units_begin_first() -> None:
    names = ["unit/test_a.py", "contract/test_b.py", "fuzz/test_process_kills.py", "e2e/test_c.py"]
    names += ["fuzz/test_stateful.py", "clerk/test_d.py", "e2e/test_several_processes.py"]
    ordered = sorted((f"tests/{name}::test" for name in names), key=order_of)
    assert [name.removeprefix("tests/").partition(":")[0] for name in ordered] == [
        *("e2e/test_c.py", "fuzz/test_stateful.py", "e2e/test_several_processes.py"),
        *("fuzz/test_process_kills.py", "clerk/test_d.py", "contract/test_b.py", "unit/test_a.py"),
    ]
    assert order_of("tests/none.py::test") == len(LONGEST_FIRST)


def test_each_process_collects_every_folder_and_begins_with_another() -> None:
    tests = ROOT / "tests"
    orders = [in_turn(tests, f"gw{number}") for number in range(4)]
    assert len({order[0] for order in orders}) == len(orders)
    with_tests = {f"tests/{p.relative_to(tests).parts[0]}" for p in tests.rglob("test_*.py")}
    assert all(len(order) == len(set(order)) and {*order} == with_tests for order in orders)


class Node(SimpleNamespace):
    """A process of the run: `tests` are those that it was told to run."""

    shutting_down = False

    def __hash__(self) -> int:
        return id(self)

    def send_runtest_some(self, indices: list[int]) -> None:
        self.tests += indices

    def shutdown(self) -> None:
        self.shutting_down = True


def test_no_unit_waits_behind_another_longer_than_for_its_last_test(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    names = [f"tests/{file}.py::test_{n}" for file in "abcd" for n in range(2)]
    monkeypatch.setattr("xdist.scheduler.loadscope.parse_tx_spec_config", lambda _config: [0, 1])
    config: Any = SimpleNamespace(option=SimpleNamespace(loadscopereorder=False))
    scheduler = UnitScheduling(config)
    nodes: list[Any] = [Node(tests=[], gateway=SimpleNamespace(id=n)) for n in range(2)]
    for node in nodes:
        scheduler.add_node(node)
        scheduler.add_node_collection(node, names)
    scheduler.schedule()
    assert [node.tests for node in nodes] == [[0, 1], [2, 3]]
    scheduler.mark_test_complete(nodes[0], 0)
    assert nodes[0].tests == [0, 1, 4, 5], "or its last test could not begin"
    scheduler.mark_test_complete(nodes[1], 2)
    for index in (1, 4):
        scheduler.mark_test_complete(nodes[0], index)
    assert nodes[1].tests == [2, 3, 6, 7]
    assert all(node.shutting_down for node in nodes[:1]), "nothing is left: its last test begins"
