"""Setting up for this user and taking away again: the whole plan first, then its steps, then the proof."""

import getpass
import os

from .. import __version__, paths
from .. import config as settings
from ..config import Config
from ..errors import CinepaletteError, ConfigError, SetupError, UsageError
from . import command_link, players, proof, records, steps
from .environment import journal
from .players import Vlc
from .steps import Step, in_words, short


def run(uninstall: bool = False, dry_run: bool = False, purge: bool = False) -> int:
    """Sets everything up and proves it, or takes it away; gives the exit code.

    Raises `CinepaletteError` before anything is changed when something stands against it, and at the step that
    fails, with what was done until then on the screen.
    """
    _refuse_sudo()
    if purge and not uninstall:
        raise UsageError("--purge goes with --uninstall")
    if uninstall:
        config = _config_for_removal()
        plan, remarks = list(steps.away(config, purge)), []
    else:
        config = settings.load()
        plan = list(steps.up(config, usable_vlcs()))
        remarks = [f"{vlc.name}: {vlc.problem}" for vlc in players.vlcs() if vlc.problem]
        remarks += _out_of_reach(config)
    is_open = players.is_running()
    if is_open and any(step.vlc_closed for step in plan):
        raise SetupError(players.CLOSE_VLC)
    if is_open and any(step.vlc_again for step in plan):
        remarks.append(f"VLC {players.OPEN_VLC} {players.RESTART_VLC}")
    print(_headline(plan, uninstall, dry_run))
    if dry_run:
        print("".join(f"  - {step.text}\n" for step in plan), end="")
    else:
        if not uninstall:
            journal.note(config.inbox, config.output)
        steps.sweep()
        remarks += _carry_out(plan)
    for remark in remarks:
        print(f"  ! {remark}")
    if uninstall and not dry_run:
        if not paths.environment_dir().exists():
            journal.forget()
        _farewell(config)
    elif not dry_run:
        _prove(config)
    return 0


def _headline(plan: list[Step], uninstall: bool, dry_run: bool) -> str:
    whom = getpass.getuser()
    if dry_run:
        return f"This would be done for {whom}:" if plan else "Nothing is to be done."
    if uninstall:
        return f"Taking Cinepalette away from {whom}:" if plan else "There is nothing to take away."
    found = (records.load(vlc.lua) for vlc in players.vlcs())
    before = {record.version for record in found if record and record.version} - {__version__}
    was = f", in the place of {', '.join(sorted(before))}" if before else ""
    return f"Setting up Cinepalette {__version__} for {whom}{was}:"


def _carry_out(plan: list[Step]) -> list[str]:
    """Does the steps one after another; gives their remarks."""
    remarks = []
    for step in plan:
        try:
            remark = step.do()
        except (CinepaletteError, OSError) as error:
            print(f"  ✗ {step.text}")
            raise SetupError(f"{in_words(error)}\nThe steps above are done; run the same again to go on.") from error
        print(f"  ✓ {step.text}", flush=True)
        if remark:
            remarks.append(remark)
    return remarks


def _refuse_sudo() -> None:
    if hasattr(os, "geteuid") and os.geteuid() == 0 and os.environ.get("SUDO_USER", "root") != "root":
        raise UsageError("Cinepalette belongs to you and not to root: run the same without sudo")


def usable_vlcs() -> list[Vlc]:
    """The VLCs that can be set up; raises `SetupError` that says what to do where there is none."""
    found = players.vlcs()
    usable = [vlc for vlc in found if not vlc.problem]
    if not usable:
        why = " ".join(f"{vlc.name}: {vlc.problem}" for vlc in found) or "There is no VLC on this system."
        raise SetupError(f"{why} Install VLC from your system's packages or from videolan.org, then do this again.")
    return usable


def _out_of_reach(config: Config) -> list[str]:
    """What is said of an inbox into which a VLC cannot write."""
    reasons = filter(None, (vlc.cannot_write(config.inbox) for vlc in players.vlcs()))
    return [f"{why} The inbox is {config.inbox}: name another one in {config.file}." for why in reasons]


def _config_for_removal() -> Config:
    """The settings, or the places without them: a mistake in the file must not stand against going away."""
    try:
        return settings.load()
    except ConfigError:
        return settings.without_file()


def _prove(config: Config) -> None:
    print("Proof:")
    collage = proof.run(config, lambda text: print(f"  {text}", flush=True))
    print("  the daemon has made its collage\n")
    print("Play a film in VLC and press Shift+C (or F12). Everything goes into", short(config.output))
    line = command_link.line()
    if line:
        print(f"To have the command cinepalette, type:  {line}")
    print(collage)


def _farewell(config: Config) -> None:
    kept = [path for path in (config.output, config.file) if path.exists()]
    if kept:
        print("Kept, since they are yours:", ", ".join(map(str, kept)))
