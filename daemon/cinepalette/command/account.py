"""The user's account: `setup`, `config` and `completion`."""

import contextlib
import json
import sys
from argparse import ArgumentParser, Namespace

from .. import config as settings
from ..errors import CinepaletteError
from .shared import Command

_SHELLS = ("bash", "zsh", "fish", "powershell")


def setup(arguments: Namespace) -> int:
    """`setup`."""
    from ..install.environment import ending

    def work() -> int:
        from ..install import setup as room

        return room.run(uninstall=arguments.uninstall, dry_run=arguments.dry_run, purge=arguments.purge)

    return ending.in_order(work)


def doctor(arguments: Namespace) -> int:
    """`doctor`: 0 when all is well in the end."""
    from ..install.environment import ending

    return ending.in_order(lambda: _examine(arguments))


def _examine(arguments: Namespace) -> int:
    from ..install import doctor as room
    from ..install import proof
    from ..install.doctor.check import Account

    account = Account.here()
    say = None if arguments.json else _print
    # What long work says on its way is not for programs.
    with contextlib.redirect_stdout(sys.stderr if arguments.json else sys.stdout):
        results = room.examine(account, fix=arguments.fix, say=say)
        if arguments.fix and any(result.mended for result in results):
            # What one check has mended may be what another one missed.
            account = Account.here()
            again = room.examine(account, fix=True)
            results = [result for result in results if result.mended] + again
            for result in again if say else ():
                _print(result)
    left = [result for result in results if not result.mended]
    collage, trouble = "", ""
    if not left:
        try:
            collage = str(proof.run(account.config, _print_progress if say else lambda text: None))
        except CinepaletteError as error:
            trouble = str(error)
    if arguments.json:
        findings = [
            {
                "check": result.check.name,
                "text": result.finding.text,
                "cure": result.finding.cure,
                "mended": result.mended,
                "problem": result.problem,
            }
            for result in results
        ]
        facts = {"ok": bool(collage), "findings": findings, "proof": collage or None, "problem": trouble}
        print(json.dumps(facts, ensure_ascii=False, indent=1))
    elif collage:
        print(f"All is well: a still went the whole way. Its collage: {collage}")
    elif trouble:
        print(f"✗ A still did not go the whole way: {trouble}", file=sys.stderr)
    else:
        can = any(result.finding.mend and not result.problem for result in left)
        print("What can be mended from here: cinepalette doctor --fix" if can else "The rest is for you to do.")
    return 0 if collage else 1


def _print(result: object) -> None:
    from ..install.doctor import Result

    if isinstance(result, Result):
        print(f"{'✓' if result.mended else '✗'} {result.check.name}: {result.finding.text}")
        if result.mended:
            print("    mended")
        else:
            print(f"    {result.problem or result.finding.cure}")


def _print_progress(text: str) -> None:
    print(f"  {text}", flush=True)


def _doctor_words(parser: ArgumentParser) -> None:
    parser.add_argument("--fix", action="store_true", help="mend what can be mended")
    parser.add_argument("--json", action="store_true", help="for programs")


def config(arguments: Namespace) -> int:
    """`config`."""
    print(settings.text(settings.load()), end="")
    return 0


def completion(arguments: Namespace) -> int:
    """`completion`."""
    from argcomplete.shell_integration import shellcode

    print(shellcode(["cinepalette"], shell=arguments.shell))
    return 0


def _completion_words(parser: ArgumentParser) -> None:
    parser.add_argument("shell", metavar="SHELL", choices=_SHELLS, help=", ".join(_SHELLS))


def _setup_words(parser: ArgumentParser) -> None:
    parser.add_argument("--uninstall", action="store_true", help="take everything away but the pictures")
    parser.add_argument("--purge", action="store_true", help="with --uninstall: settings and caches, too")
    parser.add_argument("--dry-run", action="store_true", help="only say what would be done")


COMMANDS = {
    "setup": Command(setup, _setup_words),
    "doctor": Command(doctor, _doctor_words),
    "config": Command(config),
    "completion": Command(completion, _completion_words),
}
