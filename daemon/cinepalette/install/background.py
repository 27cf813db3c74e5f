"""Starting the daemon in the background: through the login service where that is set up."""

from ..config import Config
from ..daemon import process
from . import service

_START_WAIT_S = 20.0


def start(config: Config) -> None:
    """Starts the daemon in the background, through the login service where that is set up; raises `DaemonError`.

    One that watches another inbox, from before the settings were changed, is stopped first.
    """
    process.stop(config)
    if not service.start():
        process.detached(config)
    process.wait(config, config.inbox, running=True, seconds=_START_WAIT_S)
