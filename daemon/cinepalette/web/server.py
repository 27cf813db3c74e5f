"""The server itself: on 127.0.0.1 and nowhere else, in the foreground, until Ctrl+C."""

import contextlib
import errno
import os
import socket
import sys
import webbrowser
from asyncio import Transport
from collections.abc import Callable

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from ..config import Config
from ..errors import UsageError
from .application import application
from .guard import Keys

PORT = 8642
"""Where it is looked for first; without a port of one's own the next free one serves as well."""

# Streams end by themselves within a tenth of this; what does not is cut.
_GRACE_S = 1
_MOST_CONNECTIONS = 256
# How long a connection may stand without a request that is being answered.
_PATIENCE_S = 10.0
# Behind the daemon's threads in the background, which have 5.
_NICENESS = 10


def serve(config: Config, port: int | None, *, opens: bool, announce: Callable[[str], None]) -> None:
    """Serves until it is stopped; the address is printed first. Raises `UsageError` where the port is taken."""
    listener = _listener(port)
    keys = Keys(listener.getsockname()[1])
    address = f"http://127.0.0.1:{keys.port}/?token={keys.token}"
    _stand_back()
    server = uvicorn.Server(
        uvicorn.Config(
            application(config, keys, lambda: server.should_exit),
            http=_Connection,
            ws="none",
            lifespan="on",
            log_level="warning",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            limit_concurrency=_MOST_CONNECTIONS,
            timeout_graceful_shutdown=_GRACE_S,
        )
    )
    announce(address)
    if opens:
        webbrowser.open(address)
    with contextlib.suppress(KeyboardInterrupt), listener:
        server.run(sockets=[listener])


class _Connection(H11Protocol):
    """Ends when no request comes, though bytes may trickle in, which count as life to uvicorn."""

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.loop.call_later(_PATIENCE_S, self._look, self.cycle)

    def _look(self, before: object) -> None:
        if self.transport.is_closing():
            return
        if self.cycle is before and (self.cycle is None or self.cycle.response_complete):
            self.transport.close()
        else:
            self.loop.call_later(_PATIENCE_S, self._look, self.cycle)


def _stand_back() -> None:
    """Lets the player and the daemon go first, with a core where we never are: a person waits for their answers."""
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    if sys.platform == "linux":  # its worker inherits it
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def _listener(port: int | None) -> socket.socket:
    for wanted in (port,) if port is not None else (PORT, 0):
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(("127.0.0.1", wanted))
            listener.listen(128)
            return listener
        except OSError as error:
            listener.close()
            if port is None and error.errno == errno.EADDRINUSE and wanted:
                continue
            cure = "name another one with --port, or none for one that is free"
            raise UsageError(f"port {wanted}: cannot be used ({error.strerror or error}); {cure}") from error
        except OverflowError as error:
            listener.close()
            raise UsageError(f"port {wanted}: must be a whole number from 0 to 65535") from error
    raise UsageError("no port is free on 127.0.0.1")
