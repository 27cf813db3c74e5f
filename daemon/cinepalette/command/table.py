"""A command of the command line: its words, and what it does."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from dataclasses import dataclass


def _no_words(parser: ArgumentParser) -> None:
    """For a command without arguments."""


@dataclass(frozen=True)
class Command:
    """One command, as the modules of this folder list them in `COMMANDS` by name."""

    run: Callable[[Namespace], int]
    """Does it; gives the exit code."""
    words: Callable[[ArgumentParser], None] = _no_words
    """Adds its arguments to a parser."""
