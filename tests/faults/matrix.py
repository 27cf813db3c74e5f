"""Every fault at every operation on a file: what was tried, what was lost, what came twice.

    python3 tests tests/faults/matrix.py [--every N] [--only WORD]

Prints one table, and each case that went wrong with the operation at which it did. `--every 7` tries each seventh
operation only. A still counts as lost when it is in no session after the next start or has no file, and as doubled when
it is there twice. Of setting up, a file of the user's that is not as it was counts as lost, and what stays of ours as
doubled.
"""

import argparse
import os
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# A forked process must not meet another one's threads.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import cv2  # noqa: E402

from faults import scenarios  # noqa: E402
from faults.machine import FAILED, Fault, in_child  # noqa: E402
from faults.scenarios import Scenario  # noqa: E402
from faults.setups import SETUPS  # noqa: E402

cv2.setNumThreads(1)


@dataclass(frozen=True)
class Case:
    """One fault, and what came of it."""

    scenario: str
    fault: Fault
    at: int
    lost: int
    doubled: int
    trouble: str = ""
    """What the next start stumbled over."""

    @property
    def is_well(self) -> bool:
        return not (self.lost or self.doubled or self.trouble)


def tried(scenario: Scenario, faults: tuple[Fault, ...], every: int = 1) -> Iterator[Case]:
    """Each fault at each operation, or at each n-th one, beginning elsewhere for each fault."""
    with tempfile.TemporaryDirectory(prefix="cinepalette-faults-") as folder:
        # Always at the same place: names of files and links may depend on it.
        start, root = Path(folder) / "start", Path(folder) / "root"
        root.mkdir()
        built = in_child(lambda: scenario.build(root), root)
        assert built.code == 0, f"{scenario.name}: cannot be built: {built.words}"
        root.rename(start)
        _copy(start, root)
        whole = in_child(lambda: scenario.run(root), root)
        assert whole.code == 0, f"{scenario.name}: fails without a fault: {whole.words}"
        for shift, fault in enumerate(faults):
            for at in range(1 + shift % every, whole.operations + 1, every):
                _copy(start, root)
                yield _case(scenario, root, fault, at)


def _case(scenario: Scenario, root: Path, fault: Fault, at: int) -> Case:
    in_child(lambda: scenario.run(root), root, fault, at)
    answer = root.parent / "answer"
    answer.unlink(missing_ok=True)

    def judge() -> None:
        scenario.recover(root)
        answer.write_text(" ".join(map(str, scenario.judge(root))))

    judged = in_child(judge, root)
    if judged.code == FAILED or not answer.exists():
        return Case(scenario.name, fault, at, 0, 0, judged.words or f"ended with {judged.code}")
    lost, doubled = map(int, answer.read_text().split())
    return Case(scenario.name, fault, at, lost, doubled)


def _copy(start: Path, root: Path) -> None:
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(start, root, symlinks=True)


FAULTS = tuple(fault for fault in Fault if fault is not Fault.NONE)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--every", type=int, default=1, help="try each n-th operation only")
    parser.add_argument("--only", default="", help="only what has this in its name, such as `merge, killed`")
    words = parser.parse_args()
    total, bad = Counter[str](), []
    scenarios.warm_up()
    print(f"{'what':28} {'fault':32} {'tried':>6} {'lost':>5} {'doubled':>8} {'stuck':>6}")
    for scenario in (*scenarios.SCENARIOS, *SETUPS):
        faults = tuple(fault for fault in FAULTS if words.only in f"{scenario.name}, {fault.value}")
        rows: dict[Fault, Counter[str]] = {fault: Counter() for fault in faults}
        for case in tried(scenario, faults, words.every) if faults else ():
            rows[case.fault].update(tried=1, lost=case.lost, doubled=case.doubled, stuck=bool(case.trouble))
            bad += [] if case.is_well else [case]
        for fault, row in rows.items():
            total.update(row)
            _row(scenario.name, fault.value, row)
    _row("all", "", total)
    for case in bad:
        print(f"\n{case.scenario}, {case.fault.value} at operation {case.at}: {case.lost} lost, {case.doubled} doubled")
        print(case.trouble)
    return 1 if bad else 0


def _row(what: str, fault: str, row: Counter[str]) -> None:
    print(f"{what:28} {fault:32} {row['tried']:6} {row['lost']:5} {row['doubled']:8} {row['stuck']:6}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
