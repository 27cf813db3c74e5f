"""Palettes of pictures that come with a request, and the two addresses of the program that did so first."""

import asyncio
import json
import re
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from .. import config as settings
from ..config import Config
from ..errors import UsageError
from ..export import formats
from ..picture import opening
from .bodies import MAX_BYTES, Bodies, Upload
from .catalog import Catalog
from .problems import Problem
from .work import Work

_NUMBERS = {"n": int, "darkest": float, "brightest": float}
_WORDS = {"n": "swatches", "darkest": "darkest", "brightest": "brightest", "method": "method", "sort": "sort"}
_ASKED = {setting: word for word, setting in _WORDS.items()}
_OLD_SWATCHES = "8"
_NAME_BYTES = 200

_NO_FETCHING = (
    "This server fetches no address, or any page could make it fetch one. cinepalette palette URL does; here, POST the "
    "picture, or name a still by its path below the output folder."
)


class Palettes:
    """`POST /api/palette`, and what the old program answered."""

    def __init__(self, config: Config, catalog: Catalog, bodies: Bodies, work: Work) -> None:
        self._config = config
        self._catalog = catalog
        self._bodies = bodies
        self._work = work

    async def find(self, request: Request) -> Response:
        """`POST /api/palette`: the palette of the picture in the body or the form, as a swatch file."""
        async with self._bodies.upload(request) as upload:
            form = form_of(upload.words.pop("format", "json"))
            data = await self._work.palette(request, upload.data, upload.name, self._options(upload.words), form.name)
        return swatch_file(data, form, Path(upload.name).stem)

    async def clusters(self, request: Request) -> Response:
        """`/?url=`: {"clusters": [[red, green, blue]]}."""
        return JSONResponse({"clusters": [one["rgb"] for one in await self._old(request)]})

    async def palette_url(self, request: Request) -> Response:
        """`/palette-url`: {"palette_url": the Coolors link}."""
        codes = "-".join(one["hex"][1:] for one in await self._old(request))
        return JSONResponse({"palette_url": f"https://coolors.co/{codes}"})

    async def _old(self, request: Request) -> list[dict[str, Any]]:
        async with self._bodies.upload(request) as upload:
            url = upload.words.pop("url", "")
            if upload.data:
                data, name = upload.data, upload.name
            elif "://" in url or not url:
                raise Problem(400, _NO_FETCHING)
            else:
                path = await self._catalog.still_at(url)
                contents = await asyncio.to_thread(opening.read, path, MAX_BYTES)
                data, name = contents.data, path.name
            options = self._options({"n": _OLD_SWATCHES, **upload.words})
            (found,) = json.loads(await self._work.palette(request, data, name, options, "json"))
        swatches: list[dict[str, Any]] = found["swatches"]
        return swatches

    def _options(self, words: dict[str, str]) -> dict[str, Any]:
        """The options of a palette: the settings, and over them what was asked; raises `Problem` with all mistakes."""
        unknown = words.keys() - _WORDS.keys()
        if unknown:
            raise Problem(
                400, f"{', '.join(sorted(unknown))}: unknown; there are {', '.join(_WORDS)}, format and name."
            )
        chosen: dict[str, Any] = {}
        for word, value in words.items():
            try:
                chosen[_WORDS[word]] = _NUMBERS[word](value) if word in _NUMBERS else value
            except ValueError:
                chosen[_WORDS[word]] = value
        try:
            return asdict(settings.checked(self._config.palette, "palette", **chosen))
        except UsageError as error:
            # The settings' names as the asker knows them.
            text = re.sub(r"(^|; )(\w+) = ", lambda found: f"{found[1]}{_ASKED.get(found[2], found[2])} = ", str(error))
            raise Problem(400, f"{text}.") from error


def form_of(name: str) -> formats.Format:
    """The swatch format that was asked for; raises `Problem`."""
    try:
        return formats.find(name)
    except UsageError as error:
        raise Problem(400, f"{error}.") from error


def swatch_file(data: bytes, form: formats.Format, stem: str) -> Response:
    """A swatch file, for the browser to keep; JSON and text are for reading."""
    kinds = {"json": "application/json", "text": "text/plain", "coolors": "text/plain"}
    headers = {}
    if form.name not in kinds:
        name = f"{stem or 'palette'}{form.extension}"
        headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    return Response(data, headers=headers, media_type=kinds.get(form.name, "application/octet-stream"))


def upload_name(upload: Upload) -> str:
    """A file name for a picture that came with a request; only its last part, without what a path is made of."""
    name = upload.name.replace("\\", "/").rpartition("/")[2].lstrip(".")
    # File systems count bytes.
    return name.encode()[:_NAME_BYTES].decode(errors="ignore") or "picture.png"
