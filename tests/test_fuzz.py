"""A few thousand of the inputs of `faults/fuzz.py`."""

import pytest
from faults.fuzz import TARGETS, Target, feed


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_whatever_comes_is_read_or_refused(target: Target) -> None:
    feed(target, 10 * target.weight)
