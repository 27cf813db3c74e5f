"""Colors as stylesheets write them, against a library that reads them."""

import pytest
from cinepalette.color import notation
from coloraide import Color
from hypothesis import given
from hypothesis import strategies as st

RGBS = st.tuples(*[st.integers(0, 255)] * 3)


@given(RGBS)
def test_hsl_and_oklch_are_read_as_the_color_they_are_of(rgb):
    color = Color("srgb", [channel / 255 for channel in rgb])
    assert Color(notation.oklch(rgb)).delta_e(color, method="2000") < 0.1
    assert Color(notation.hsl(rgb)).delta_e(color, method="2000") < 1.5, "whole degrees and percents"


@given(RGBS)
def test_contrast_is_that_of_wcag(rgb):
    color = Color("srgb", [channel / 255 for channel in rgb])
    wanted = [color.contrast(Color(other), method="wcag21") for other in ("white", "black")]
    assert notation.contrast(rgb) == pytest.approx(wanted, abs=0.006)
