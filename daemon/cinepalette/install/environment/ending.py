"""Being stopped: Ctrl+C, `kill` and a closed terminal end the work in one way, and end what it has started with it."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

INTERRUPTED = 130
"""The exit code of who was stopped and has said so."""

_STOPPED = "Stopped. Run the same again to go on."
_END_S = 15


def in_order(work: Callable[[], int]) -> int:
    """Does work that may be stopped, and gives its exit code; says in one line that it was."""
    # What is ignored, as under nohup, stays so.
    heeded = [number for number in _numbers() if signal.getsignal(number) == signal.SIG_DFL]
    for number in heeded:
        signal.signal(number, signal.default_int_handler)
    try:
        return work()
    except KeyboardInterrupt:
        say()
        return INTERRUPTED
    finally:
        for number in heeded:
            signal.signal(number, signal.SIG_DFL)


def _numbers() -> set[signal.Signals]:
    """The signals by which a program is asked to end, on this system."""
    names = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
    return {getattr(signal, name) for name in names if hasattr(signal, name)}


def say() -> None:
    """Says that we were stopped, in one line."""
    with contextlib.suppress(OSError):  # the terminal may be gone
        # Long work has left the line open there.
        print(f"\n{_STOPPED}" if sys.stdout.isatty() else _STOPPED, file=sys.stderr)


@contextlib.contextmanager
def child(command: list[str], *, to_its_end: bool = False, **how: Any) -> "Iterator[subprocess.Popen[str]]":
    """A program that is stopped with us, in order and once: it hears of it from us alone.

    One that goes `to_its_end` is not stopped, as system packages must not be in the middle, but waited for.
    """
    if os.name == "posix" and not to_its_end:
        how["process_group"] = 0
    with subprocess.Popen(command, text=True, errors="replace", **how) as process:
        try:
            yield process
        except KeyboardInterrupt:
            if not to_its_end:
                _interrupt(process)
            try:
                process.communicate(timeout=None if to_its_end else _END_S)
            except (subprocess.TimeoutExpired, KeyboardInterrupt):
                process.kill()
            raise


def _interrupt(process: "subprocess.Popen[str]") -> None:
    if os.name != "posix":
        return  # Ctrl+C reaches all programs of a console by itself
    # pip tidies up at Ctrl+C alone; where that is ignored, as in the background of a script, it inherits that.
    is_deaf = signal.getsignal(signal.SIGINT) == signal.SIG_IGN
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM if is_deaf else signal.SIGINT)


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Puts being stopped off to the end of a block, which is short and must not be half done."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    asked: list[int] = []
    # Another thread than this one may receive a signal: then our own handler has it wait.
    before = {number: signal.signal(number, lambda received, _: asked.append(received)) for number in _numbers()}
    is_posix = os.name == "posix"
    # What is started here does not hear of it either.
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, _numbers()) if is_posix else set()
    try:
        yield
    finally:
        if is_posix:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        for number, handler in before.items():
            signal.signal(number, handler)
    if any(before[signal.Signals(number)] != signal.SIG_IGN for number in asked):
        raise KeyboardInterrupt
