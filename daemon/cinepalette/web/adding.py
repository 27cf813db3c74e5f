"""A picture from the page into a session: the way of `cinepalette add`, one at a time."""

import asyncio
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ..config import Config
from ..daemon.pipeline import Admitted, Pipeline
from ..errors import UnreadableImage
from ..model import one_line
from ..session.store import Store
from .bodies import Bodies
from .catalog import Catalog
from .palettes import upload_name
from .problems import Problem


class Adding:
    """`POST /api/stills`."""

    def __init__(self, config: Config, catalog: Catalog, bodies: Bodies) -> None:
        store = Store(config.output)
        self._pipeline = Pipeline(config, store)
        self._catalog = catalog
        self._bodies = bodies
        self._hand = ThreadPoolExecutor(1, thread_name_prefix="adding")

    def close(self) -> None:
        self._hand.shutdown(wait=False, cancel_futures=True)

    async def add(self, request: Request) -> Response:
        """Takes the picture in the body or the form into a session, by its id or by a title."""
        async with self._bodies.upload(request) as upload:
            asked: str | None = one_line(upload.words.get("title", "")) or None
            if identity := upload.words.get("session", ""):
                asked = (await self._catalog.folder(identity)).name
            work = partial(self._add, upload.data, upload_name(upload), asked)
            admitted = await asyncio.get_running_loop().run_in_executor(self._hand, work)
        identity = await self._catalog.identity(admitted.folder)
        added = {"id": identity, "name": admitted.folder.name, "n": admitted.still.n, "text": admitted.text}
        return JSONResponse(added, 201, {"Location": f"/api/sessions/{identity}/stills"})

    def _add(self, data: bytes, name: str, session: str | None) -> Admitted:
        with tempfile.TemporaryDirectory() as scratch:
            path = Path(scratch) / name
            path.write_bytes(data)
            try:
                admitted = self._pipeline.add(path, session)
            except UnreadableImage as error:
                raise Problem(422, f"The file {error.reason}.") from error
        self._pipeline.redraw(admitted.folder)
        return admitted
