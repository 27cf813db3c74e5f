"""Setting up and taking away with a fault at each operation on a file: run again, it ends where it always ends."""

import os
import stat
from pathlib import Path

import pytest
from cinepalette import config
from cinepalette.errors import SetupError
from cinepalette.install import setup
from faults.machine import Fault
from faults.matrix import tried
from faults.scenarios import Scenario
from faults.setups import SETUPS, VLCRC, tree, user


@pytest.mark.parametrize("scenario", SETUPS, ids=lambda scenario: scenario.name)
def test_cut_off_anywhere_it_is_finished_or_taken_back_without_a_trace(scenario: Scenario) -> None:
    # For a new user killed at every operation, else at some; `faults/matrix.py` tries each fault at each of them.
    every = 1 if scenario.name.endswith("new user") else 4
    killed = list(tried(scenario, (Fault.KILL,), every))
    others = tried(scenario, (Fault.FULL, Fault.READ_ONLY, Fault.DATA_LATE, Fault.NAMES_LATE), 17)
    assert [case for case in (*killed, *others) if not case.is_well] == []
    assert len(killed) > 20 / every


def test_while_a_settings_file_is_written_nobody_else_may_read_it(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = user(home, monkeypatch)
    own.vlcrc.parent.mkdir(parents=True)
    own.vlcrc.write_bytes(VLCRC)
    own.vlcrc.chmod(0o600)
    os.umask(0o022)
    setup.run()
    assert stat.S_IMODE(own.vlcrc.stat().st_mode) == 0o600
    assert config.load().inbox.is_dir()


def test_a_settings_file_that_is_a_pipe_hangs_nobody(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = user(home, monkeypatch)
    own.vlcrc.parent.mkdir(parents=True)
    os.mkfifo(own.vlcrc)
    before = tree(home)
    with pytest.raises(SetupError, match="is no file"):
        setup.run()
    setup.run(uninstall=True)
    assert tree(home) == before
