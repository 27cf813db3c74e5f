"""Settings: every key optional, all mistakes named at once, the three variables in force."""

import tomllib
from pathlib import Path

import pytest
from cinepalette import config
from cinepalette.errors import ConfigError, UsageError


def load(tmp_path: Path, text: str | None = None, **environment: str) -> config.Config:
    file = tmp_path / "config.toml"
    if text is not None:
        file.write_text(text, encoding="utf-8")
    places = {"CINEPALETTE_CONFIG": str(file), "CINEPALETTE_OUTPUT": str(tmp_path / "Out")}
    return config.load({**places, **environment})


def test_without_a_file_the_defaults_are_in_force(tmp_path: Path) -> None:
    settings = load(tmp_path)
    assert settings.palette.swatches == 5
    assert settings.session.gap_hours == 4
    assert settings.inbox == tmp_path / "Out" / "Inbox"
    assert settings.vlc.take == ("shift+c", "f12")


def test_the_file_sets_what_it_names_and_nothing_else(tmp_path: Path) -> None:
    settings = load(tmp_path, '[palette]\nswatches = 7\n[session]\ngap_hours = 1\n[vlc]\ntake = ["ctrl+shift+p"]\n')
    assert settings.palette.swatches == 7
    assert settings.palette.sort == "light"
    assert settings.session.gap_hours == 1.0
    assert settings.vlc.take == ("ctrl+shift+p",)


def test_the_environment_goes_before_the_file(tmp_path: Path) -> None:
    settings = load(tmp_path, f'[places]\ninbox = "{tmp_path / "A"}"\n', CINEPALETTE_INBOX=str(tmp_path / "B"))
    assert settings.inbox == tmp_path / "B"
    assert load(tmp_path).inbox == tmp_path / "A"


def test_all_mistakes_are_named_at_once_with_file_key_and_cure(tmp_path: Path) -> None:
    wrong = """
        [palette]
        swatches = 26
        sort = "size"
        colour = 1
        [vlc]
        overlay = "yes"
        take = "shift+c"
        undo = ["hyper+u"]
        [window]
        width = 3
    """
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, wrong)
    lines = str(caught.value).splitlines()
    assert all(line.startswith(f"{tmp_path / 'config.toml'}: ") for line in lines)
    for part in [
        "[palette] swatches = 26: must be a whole number from 1 to 25",
        '[palette] sort = "size": must be one of light, hue, share',
        "[palette] colour: is no setting; there are swatches",
        '[vlc] overlay = "yes": must be true or false',
        '[vlc] take = "shift+c": must be a list in brackets, such as ["shift+c"]',
        "[vlc] undo",
        "[window]: is no table",
    ]:
        assert sum(part in line for line in lines) == 1, part
    assert len(lines) == 7


def test_a_key_does_one_thing(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"\[vlc\] u: can do one thing only, not take and undo"):
        load(tmp_path, '[vlc]\ntake = ["u"]\n')


def test_a_file_that_is_no_toml_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"config\.toml"):
        load(tmp_path, "[palette\n")


def test_what_is_printed_sets_the_same_again(tmp_path: Path) -> None:
    settings = load(tmp_path, "[palette]\nswatches = 9\n")
    printed = config.text(settings)
    assert str(tmp_path / "config.toml") in printed.splitlines()[0]
    assert tomllib.loads(printed)["palette"]["swatches"] == 9
    assert load(tmp_path, printed) == load(tmp_path, printed)
    assert load(tmp_path, printed).palette == settings.palette
    assert load(tmp_path, printed).vlc == settings.vlc


def test_the_command_line_is_held_to_the_same_rules(tmp_path: Path) -> None:
    assert config.checked(load(tmp_path).palette, "palette", swatches=3).swatches == 3
    with pytest.raises(UsageError, match="swatches = 0: must be a whole number from 1 to 25"):
        config.checked(load(tmp_path).palette, "palette", swatches=0)


def test_settings_nested_beyond_all_reason_are_a_mistake_of_the_file(tmp_path):
    file = tmp_path / "config.toml"
    file.write_text("swatches = " + "[" * 2000)
    with pytest.raises(ConfigError):
        config.load({"CINEPALETTE_CONFIG": str(file)})
