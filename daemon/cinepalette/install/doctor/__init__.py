"""The checks of every joint from hotkey to collage, and mending what fails."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ... import paths
from ...config import Config
from ...errors import CinepaletteError
from .. import steps
from . import daemon, places, player, program
from .check import Account, Check, Finding

log = logging.getLogger(__name__)

CHECKS: tuple[Check, ...] = (*program.CHECKS, *player.CHECKS, *places.CHECKS, *daemon.CHECKS)
"""In the order of the way of a still: what a later one leans on comes first."""


@dataclass(frozen=True)
class Result:
    """What came of one finding."""

    check: Check
    finding: Finding
    mended: bool = False
    problem: str = ""
    """Why it could not be mended."""


def examine(account: Account, *, fix: bool = False, say: Callable[[Result], None] | None = None) -> list[Result]:
    """What is wrong, mended where `fix` asks for it and it can be; `say` hears each as it comes."""
    results = []
    for check in CHECKS:
        for finding in _findings(check, account):
            result = _mended(check, finding) if fix and finding.mend else Result(check, finding)
            results.append(result)
            if say:
                say(result)
    return results


def at_start(config: Config) -> None:
    """What the daemon does when it starts: writes the plugin's settings anew, and logs what else is wrong."""
    account = Account.of(config)
    for check in CHECKS:
        if not check.at_start or (paths.overrides() and check in (*player.CHECKS, *program.CHECKS)):
            continue
        for finding in _findings(check, account):
            if check is player.SETTINGS and finding.mend:
                result = _mended(check, finding)
                log.info("%s", result.problem or f"{finding.text} It is written again.")
            else:
                log.warning("%s %s", finding.text, finding.cure)


def _findings(check: Check, account: Account) -> Iterator[Finding]:
    """A check that fails itself is a finding too, and keeps no other from being made."""
    try:
        yield from check.look(account)
    except (CinepaletteError, OSError) as error:
        yield Finding(f"This could not be looked at: {error}.", "Mend that first.")


def _mended(check: Check, finding: Finding) -> Result:
    if finding.mend is None:
        return Result(check, finding)
    try:
        finding.mend()
    except (CinepaletteError, OSError) as error:
        return Result(check, finding, problem=steps.in_words(error))
    return Result(check, finding, mended=True)


def table() -> str:
    """From symptom to cure, as Markdown; daemon/docs/doctor.md holds it."""
    lines = ["| what you see | check | what may be wrong | what mends it |", "|---|---|---|---|"]
    for check in CHECKS:
        by_fix = "`cinepalette doctor --fix`" if check.mends else ""
        cure = "; ".join(filter(None, (by_fix, check.cure)))
        lines.append(f"| {check.symptom} | {check.name} | {check.subject} | {cure} |")
    return "\n".join(lines) + "\n"
