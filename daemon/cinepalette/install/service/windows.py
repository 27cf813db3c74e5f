"""The user's Run key: on Windows. Nobody watches over the daemon there."""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from .common import State

KEY = r"Software\Microsoft\Windows\CurrentVersion\Run"
VALUE = "Cinepalette"


def name() -> str:
    return "Run key"


def text(command: Sequence[str], environment: Mapping[str, str]) -> str:
    """The command line in the registry. It can carry no environment: set those variables for the user instead."""
    program = Path(command[0])
    # The windowless Python: without it a console would stand on the screen all evening.
    windowless = program.with_name("pythonw.exe")
    return subprocess.list2cmdline([str(windowless if windowless.exists() else program), *command[1:]])


def install(command: Sequence[str], environment: Mapping[str, str]) -> None:
    import winreg

    with winreg.CreateKey(winreg.HKEY_CURRENT_USER, KEY) as key:
        winreg.SetValueEx(key, VALUE, 0, winreg.REG_SZ, text(command, environment))


def remove() -> None:
    import winreg

    with winreg.CreateKey(winreg.HKEY_CURRENT_USER, KEY) as key:
        try:
            winreg.DeleteValue(key, VALUE)
        except FileNotFoundError:
            return


def start() -> bool:
    return False


def stop() -> None:
    """Nobody here can; the daemon is asked through its inbox."""


def state() -> State:
    import winreg

    with winreg.CreateKey(winreg.HKEY_CURRENT_USER, KEY) as key:
        try:
            winreg.QueryValueEx(key, VALUE)
        except FileNotFoundError:
            return State(False, None, rf"{name()}, HKEY_CURRENT_USER\{KEY}")
    return State(True, None, rf"{name()}, HKEY_CURRENT_USER\{KEY}\{VALUE}")
