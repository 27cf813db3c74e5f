"""Names that people can say."""

import pytest
from cinepalette.color import names
from hypothesis import given, settings
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("rgb", "name"),
    [
        ((1, 77, 78), "dark teal"),
        ((0, 0, 0), "black"),
        ((255, 255, 255), "white"),
        ((229, 2, 1), "red"),
        ((52, 56, 57), "charcoal"),
    ],
)
def test_a_color_of_the_survey_has_its_name(rgb, name):
    assert names.color_name(rgb) == name


@settings(deadline=None)
@given(st.tuples(*[st.integers(0, 255)] * 3))
def test_every_color_has_a_name_of_a_few_plain_words(rgb):
    name = names.color_name(rgb)
    assert 1 <= len(name.split()) <= 4
    assert name.replace(" ", "").isalpha()
    assert name == name.lower()


def test_american_spelling_and_no_name_twice():
    every, _ = names._survey()
    assert len(set(every)) == len(every)
    assert not any("grey" in name or "colour" in name for name in every)


@pytest.mark.parametrize("level", range(0, 256, 15))
def test_a_gray_is_named_as_a_gray(level):
    colorless = {"black", "charcoal", "gunmetal", "gray", "silver", "white", "slate", "cement"}
    assert colorless & set(names.color_name((level, level, level)).split())
