"""What a check is, and what it looks at."""

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ... import config as settings
from ...config import Config
from ...errors import ConfigError
from .. import players
from ..players import Vlc


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong."""

    text: str
    """In a plain sentence, with the file or program that it is about."""
    cure: str
    """What a person does about it, as an order."""
    mend: Callable[[], object] | None = None
    """Does it; None where only a person can."""


@dataclass(frozen=True)
class Account:
    """The user's account, as the checks see it; tests build their own."""

    config: Config
    vlcs: tuple[Vlc, ...]
    environ: Mapping[str, str]
    root: Path = Path("/")
    """The top of the system's files."""
    mistakes: str = ""
    """What is wrong in the settings file; the settings are then the defaults."""

    @classmethod
    def of(cls, config: Config) -> "Account":
        """The account of whoever runs us, with these settings."""
        return cls(config, players.vlcs(), os.environ)

    @classmethod
    def here(cls) -> "Account":
        """The account of whoever runs us."""
        try:
            return cls.of(settings.load())
        except ConfigError as error:
            return cls(settings.without_file(), players.vlcs(), os.environ, mistakes=str(error))

    @property
    def usable(self) -> list[Vlc]:
        """The VLCs that can be set up."""
        return [vlc for vlc in self.vlcs if not vlc.problem]

    def is_linux(self) -> bool:
        return sys.platform == "linux"


@dataclass(frozen=True)
class Check:
    """One joint between hotkey and collage."""

    name: str
    """One word, for the command's lines and its JSON."""
    symptom: str
    """What a viewer sees when it has failed."""
    subject: str
    """What may be wrong, for the table."""
    cure: str
    """What a person does where it does not mend itself; empty where it always does."""
    look: Callable[[Account], Iterator[Finding]]
    mends: bool = True
    """Whether `--fix` mends at least some of what it finds."""
    at_start: bool = True
    """Whether the daemon looks, too, each time it starts."""
