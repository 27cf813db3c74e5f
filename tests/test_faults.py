"""A few of the faults of `faults/matrix.py`, spread over everything that is tried there."""

import sys
from pathlib import Path

import pytest

if sys.platform != "linux":
    pytest.skip("the faults need fork and /proc", allow_module_level=True)

from faults.machine import FAILED, KILLED, Fault, in_child
from faults.matrix import FAULTS, tried
from faults.scenarios import SCENARIOS, Scenario


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_nothing_is_lost_and_nothing_comes_twice(scenario: Scenario) -> None:
    every = 97 if scenario.name == "four arrivals" else 53
    bad = [case for case in tried(scenario, FAULTS, every) if not case.is_well]
    assert bad == []


def _write(path: Path) -> None:
    path.mkdir()
    (path / "half").write_bytes(b"12345678")
    (path / "half").rename(path / "whole")


@pytest.mark.parametrize(
    ("fault", "at", "names"),
    [
        (Fault.NONE, 0, {"new": b"", "new/whole": b"12345678"}),
        (Fault.KILL, 1, {}),
        (Fault.KILL, 2, {"new": b""}),
        (Fault.KILL, 3, {"new": b"", "new/half": b"1234"}),
        (Fault.KILL, 4, {"new": b"", "new/half": b"12345678"}),
        (Fault.FULL, 3, {"new": b"", "new/half": b"1234"}),
        (Fault.FULL, 4, {"new": b"", "new/whole": b"12345678"}),
        (Fault.READ_ONLY, 4, {"new": b"", "new/half": b"12345678"}),
        (Fault.DATA_LATE, 4, {"new": b"", "new/half": b""}),
        (Fault.NAMES_LATE, 4, {}),
    ],
)
def test_the_machine_does_what_it_says(tmp_path: Path, fault: Fault, at: int, names: dict[str, bytes]) -> None:
    root = tmp_path / "root"
    root.mkdir()
    ended = in_child(lambda: _write(root / "new"), root, fault, at)
    found = {
        path.relative_to(root).as_posix(): path.read_bytes() if path.is_file() else b"" for path in root.rglob("*")
    }
    assert found == names
    if fault is Fault.NONE:
        assert (ended.operations, ended.code) == (4, 0)
    elif fault in {Fault.FULL, Fault.READ_ONLY}:
        assert ended.code in {0, FAILED}
    else:
        assert (ended.operations, ended.code) == (at, KILLED)
