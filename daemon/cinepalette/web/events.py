"""Server-sent events: an open page hears of a change as soon as the daemon, or a command, has written it down."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from ..export.gallery import live
from .catalog import Catalog
from .problems import Problem

# One look at one file; how long after a change a page learns of it.
_LOOK_S = 0.1
# A comment keeps what lies between from taking a quiet stream for a dead one.
_ALIVE_LOOKS = 150
_MOST_STREAMS = 32


class _Stream(StreamingResponse):
    """Events for one page; `ended` is called once, however it ends."""

    def __init__(self, lines: AsyncIterator[str], ended: Callable[[], None]) -> None:
        super().__init__(lines, media_type="text/event-stream")
        self._ended = ended

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._ended()


class Events:
    """All streams that stand open."""

    def __init__(self, catalog: Catalog, output: Path, is_stopping: Callable[[], bool]) -> None:
        self._catalog = catalog
        self._file = output / live.FILE_NAME
        self._is_stopping = is_stopping
        self._streams = 0

    async def answer(self, request: Request) -> Response:
        """`GET /api/events`."""
        if self._streams >= _MOST_STREAMS:
            raise Problem(503, "Too many pages stand open.", {"Retry-After": "30"})
        # Counted before it begins, or a hundred that come at once would all be let in.
        self._streams += 1
        return _Stream(self._lines(request), self._ended)

    def _ended(self) -> None:
        self._streams -= 1

    async def _lines(self, request: Request) -> AsyncIterator[str]:
        """What one page hears."""
        seen: tuple[int, int] | None = None
        stamps: dict[str, str] = {}
        quiet = 0
        yield "retry: 1000\n\n"
        while not self._is_stopping() and not await request.is_disconnected():
            now = self._stamp()
            if now != seen:
                seen = now
                stamps, calls = await self._catalog.live(stamps)
                for name, data in calls.items():
                    yield f"event: {name}\ndata: {json.dumps(data)}\n\n"
            quiet = (quiet + 1) % _ALIVE_LOOKS
            if not quiet:
                yield ": still here\n\n"
            await asyncio.sleep(_LOOK_S)

    def _stamp(self) -> tuple[int, int]:
        try:
            status = self._file.stat()
        except OSError:
            return (0, 0)
        return (status.st_mtime_ns, status.st_ino)
