"""Old session.json: the sentences of corrections become records again, and none is lost."""

import numpy as np
import pytest
from cinepalette.model import Step
from cinepalette.picture import truth
from cinepalette.picture.wording import in_words
from cinepalette.session import carried
from hypothesis import given
from hypothesis import strategies as st

STEPS = [
    Step("from-film"),
    Step("assumed", matrix="bt709"),
    Step("assumed", matrix="bt709", said="ycgco"),
    Step("encoded", matrix="bt2020", was="bt601"),
    Step("decoded", matrix="bt2020"),
    Step("decoded", matrix="bt709", was="bt601"),
    Step("tone-mapped", transfer="pq", peak=4000.0),
    Step("gamut-mapped"),
    Step("turned", orientation="left-bottom"),
    Step("left-lying", orientation="sideways"),
    Step("first-frame"),
    Step("reduced"),
    Step("reduced", said="gray"),
    Step("exif-turned"),
    Step("flattened"),
    Step("profiled", said="Adobe RGB (1998)"),
    Step("profiled"),
    Step("profile-ignored"),
    Step("converted", said="CMYK"),
    Step("converted", said="gray"),
]


@pytest.mark.parametrize("step", STEPS, ids=in_words)
def test_the_sentence_of_an_old_session_is_read_as_the_step_that_it_described(step: Step) -> None:
    assert carried.step_of_sentence(in_words(step)) == step


@given(st.text())
def test_no_old_sentence_is_lost(text: str) -> None:
    assert in_words(carried.step_of_sentence(text)) == text


def test_an_old_correction_can_still_be_taken_back() -> None:
    picture = np.full((2, 4, 3), (186, 46, 41), np.uint8)
    old = ("decoded with bt709 instead of bt601", "turned upright from left-bottom")
    back = truth.undone(picture, tuple(map(carried.step_of_sentence, old)))
    assert back is not None and back.shape == (4, 2, 3)
    mapped = carried.step_of_sentence("hlg tone-mapped from 1000 to 203 cd/m² (BT.2390)")
    assert not truth.can_be_undone((mapped,))
