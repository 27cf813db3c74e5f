"""What can go wrong, in sentences for the person in front of it."""

from pathlib import Path


class CinepaletteError(Exception):
    """The base of all: its text is one clear line that names the thing and the cure."""

    exit_code = 1


class UsageError(CinepaletteError):
    """The command line asked for something that cannot be."""

    exit_code = 2


class UnreadableImage(CinepaletteError):
    """A file is not a picture that can be read to its end; who knows what it is called sets `name`."""

    exit_code = 2

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.name = ""
        """A path or an address."""

    def __str__(self) -> str:
        return f"{self.name}: {self.reason}" if self.name else self.reason


class ConfigError(CinepaletteError):
    """The configuration file has mistakes; all of them are in the text, a line each."""

    exit_code = 2


class SessionError(CinepaletteError):
    """A session does not exist, cannot be read, or does not allow what was asked."""

    exit_code = 2


class DaemonError(CinepaletteError):
    """The daemon could not be started, stopped or asked."""


class SetupError(CinepaletteError):
    """Setting up or taking away stopped before it was done; what was changed is said."""


class UnreadableFilm(CinepaletteError):
    """A file is not a film that can be read."""

    exit_code = 2

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


class UnopenedFilm(UnreadableFilm):
    """FFmpeg cannot open a film; another player may."""
