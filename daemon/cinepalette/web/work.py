"""The server's side of its worker: jobs wait in line; one that takes too long ends it, and the next has a new one."""

import asyncio
import contextlib
import json
import os
import sys
from pathlib import Path
from typing import Any

from starlette.requests import Request

from .problems import Problem

_MOST_WAITING = 64
_MAX_SECONDS = 120.0
# The answer's content is a swatch file.
_LINE_BYTES = 1 << 20
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


class Work:
    """One worker and who waits for it."""

    def __init__(self, inbox: Path) -> None:
        """`inbox` is where keys arrive, whose answers go first."""
        self._inbox = inbox
        self._turn = asyncio.Lock()
        self._waiting = 0
        self._process: asyncio.subprocess.Process | None = None

    async def palette(self, request: Request, data: bytes, name: str, options: dict[str, Any], form: str) -> bytes:
        """The swatch file of a picture; raises `Problem`."""
        if self._waiting >= _MOST_WAITING:
            raise Problem(503, "Too many pictures at a time; try again.", {"Retry-After": "5"})
        self._waiting += 1
        try:
            async with self._turn:
                if await request.is_disconnected():
                    raise Problem(400, "Nobody waits for this palette any more.")
                job = {"name": name, "options": options, "format": form, "bytes": len(data)}
                try:
                    async with asyncio.timeout(_MAX_SECONDS):
                        answer, content = await self._asked(job, data)
                except TimeoutError:
                    raise Problem(503, f"No palette was found within {_MAX_SECONDS:.0f} s.") from None
                except (OSError, asyncio.IncompleteReadError, ValueError):
                    raise Problem(500, "The picture was too much for the worker, which starts anew.") from None
        finally:
            self._waiting -= 1
        if not answer["ok"]:
            raise Problem(answer["status"], answer["detail"])
        return content

    def stop(self) -> None:
        """Ends the worker at once."""
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()

    async def _asked(self, job: dict[str, Any], data: bytes) -> tuple[dict[str, Any], bytes]:
        done = False
        try:
            process = await self._running()
            assert process.stdin and process.stdout
            process.stdin.write(json.dumps(job).encode() + b"\n")
            process.stdin.write(data)
            await process.stdin.drain()
            answer = json.loads(await process.stdout.readuntil(b"\n"))
            content = await process.stdout.readexactly(answer["bytes"])
            done = True
            return answer, content
        finally:
            # Whoever has given up in between has left half a job in the pipe.
            if not done:
                self.stop()

    async def _running(self) -> asyncio.subprocess.Process:
        if self._process is None or self._process.returncode is not None:
            command = (sys.executable, "-m", "cinepalette.web.worker", str(self._inbox))
            pipe = asyncio.subprocess.PIPE
            environment = {**os.environ, **_ONE_THREAD}
            self._process = await asyncio.create_subprocess_exec(
                *command, stdin=pipe, stdout=pipe, limit=_LINE_BYTES, env=environment, start_new_session=True
            )
        return self._process
