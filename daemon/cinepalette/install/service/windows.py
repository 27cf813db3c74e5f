"""The user's Run key: on Windows. Nobody watches over the daemon there."""

import importlib
import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

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
    winreg = _registry()
    with winreg.CreateKey(winreg.HKEY_CURRENT_USER, KEY) as key:
        winreg.SetValueEx(key, VALUE, 0, winreg.REG_SZ, text(command, environment))


def remove() -> None:
    winreg = _registry()
    with winreg.CreateKey(winreg.HKEY_CURRENT_USER, KEY) as key:
        try:
            winreg.DeleteValue(key, VALUE)
        except FileNotFoundError:
            return


def start() -> bool:
    return False


def is_installed() -> bool:
    return registered() is not None


def registered() -> list[str] | None:
    """The command line that is registered; None where there is none."""
    winreg = _registry()
    with winreg.CreateKey(winreg.HKEY_CURRENT_USER, KEY) as key:
        try:
            line = str(winreg.QueryValueEx(key, VALUE)[0])
        except FileNotFoundError:
            return None
    # As list2cmdline writes it: a path holds no quote.
    return [quoted or bare for quoted, bare in re.findall(r'"([^"]*)"|(\S+)', line)]


def _registry() -> Any:
    """Windows' own module, which exists nowhere else."""
    return importlib.import_module("winreg")
