"""What the server answers: each address, and the room that answers it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import cache
from importlib import resources
from pathlib import Path

from starlette.applications import Starlette
from starlette.convertors import Convertor, register_url_convertor
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from ..config import Config
from ..drawing import pages
from ..errors import CinepaletteError
from ..export import gallery
from ..model import Still
from . import openapi, problems
from .adding import Adding
from .bodies import Bodies
from .catalog import Catalog
from .events import Events
from .guard import Guard, Keys
from .palettes import Palettes, form_of, swatch_file
from .problems import Problem
from .work import Work

_KINDS = {
    ".css": "text/css",
    ".html": "text/html",
    ".jpg": "image/jpeg",
    ".js": "text/javascript",
    ".png": "image/png",
    ".svg": "image/svg+xml",
}
_PARTS = ("page.css", "try.css", "try.js", "api.css", "api.js", "icon.svg")

_DETAILS = {
    404: "There is nothing at this address; /api lists what there is.",
    405: "This address takes another method.",
}

# The gallery learns of a still before it is written.
_WRITING_LOOKS, _WRITING_LOOK_S = 200, 0.03

# A still keeps its number for good; its picture may be put right shortly after it was taken.
_STILL_CACHE = {"Cache-Control": "private, max-age=60"}


class _Identity(Convertor[str]):
    """A session's name in an address."""

    regex = "s[0-9a-f]{12}"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("session", _Identity())


def application(config: Config, keys: Keys, is_stopping: Callable[[], bool]) -> ASGIApp:
    """The whole application behind its guard; `is_stopping` ends the streams."""
    catalog, bodies, work = Catalog(config), Bodies(), Work(config.inbox)
    adding = Adding(config, catalog, bodies)
    palettes = Palettes(config, catalog, bodies, work)
    shown = _Shown(catalog)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        work.stop()
        adding.close()
        catalog.close()

    async def first(request: Request) -> Response:
        asked = request.method == "POST" or "url" in request.query_params
        return await (palettes.clusters if asked else shown.gallery)(request)

    one = "/api/sessions/{id:session}"
    still = one + "/stills/{n:int}"
    routes = [
        Route("/", first, methods=["GET", "POST"]),
        Route("/palette-url", palettes.palette_url, methods=["GET", "POST"]),
        Route("/try", _part("try.html")),
        Route("/api", _part("api.html")),
        *(Route(f"/{name}", _part(name)) for name in _PARTS),
        Route("/favicon.ico", _part("icon.svg")),
        Route("/api/openapi.json", openapi.answer),
        Route("/api/palette", palettes.find, methods=["POST"]),
        Route("/api/events", Events(catalog, config.output, is_stopping).answer),
        Route("/api/stills", adding.add, methods=["POST"]),
        Route("/api/stills/newest", shown.newest),
        Route("/api/sessions", shown.sessions),
        Route(one, shown.session),
        Route(one + "/section", shown.section),
        Route(one + "/stills", shown.stills),
        Route(one + "/palette", shown.palette),
        Route(one + "/collage", shown.collage),
        Route(one + "/collage/small", shown.thumbnail),
        Route(still + "/palette", shown.palette),
        Route(still + "/picture", shown.picture),
        Route(still + "/small", shown.small),
    ]
    handlers = {
        Problem: _problem,
        HTTPException: _http_problem,
        CinepaletteError: _refusal,
        Exception: _fault,
    }
    return Guard(Starlette(routes=routes, exception_handlers=handlers, lifespan=lifespan), keys)


class _Shown:
    """Answers that only read."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    async def gallery(self, request: Request) -> Response:
        text, policy = await self._catalog.page()
        return HTMLResponse(text, headers={"Content-Security-Policy": f"{policy}; frame-ancestors 'none'"})

    async def sessions(self, request: Request) -> Response:
        return JSONResponse(await self._catalog.sessions())

    async def session(self, request: Request) -> Response:
        return JSONResponse(await self._catalog.session(request.path_params["id"]))

    async def section(self, request: Request) -> Response:
        return JSONResponse(await self._catalog.section(request.path_params["id"]))

    async def stills(self, request: Request) -> Response:
        return JSONResponse(await self._catalog.stills(request.path_params["id"]))

    async def newest(self, request: Request) -> Response:
        return JSONResponse(await self._catalog.newest())

    async def palette(self, request: Request) -> Response:
        form = form_of(request.query_params.get("format", "json"))
        data, title = await self._catalog.swatches(request.path_params["id"], form.name, request.path_params.get("n"))
        return swatch_file(data, form, title)

    async def picture(self, request: Request) -> Response:
        folder, one = await self._catalog.still(request.path_params["id"], request.path_params["n"])
        return await self._picture(one, folder.path / one.still)

    async def small(self, request: Request) -> Response:
        folder, one = await self._catalog.still(request.path_params["id"], request.path_params["n"])
        small = pages.small(one)
        if small is None:
            raise Problem(404, "This still is small itself.")
        return await self._picture(one, folder.path / small)

    async def collage(self, request: Request) -> Response:
        return self._file((await self._catalog.folder(request.path_params["id"])).path / pages.COLLAGE)

    async def thumbnail(self, request: Request) -> Response:
        return self._file((await self._catalog.folder(request.path_params["id"])).path / pages.THUMBNAIL)

    async def _picture(self, still: Still, path: Path) -> Response:
        """A still's picture, waited for where the still has its place already and is on its way to the disk."""
        looks = 0 if still.written else _WRITING_LOOKS
        while looks and not path.exists():
            looks -= 1
            await asyncio.sleep(_WRITING_LOOK_S)
        return self._file(path, _STILL_CACHE)

    def _file(self, path: Path, headers: dict[str, str] | None = None) -> Response:
        real = self._catalog.inside(path)
        return FileResponse(real, headers=headers, media_type=_KINDS[path.suffix])


def _part(name: str) -> Callable[[Request], Response]:
    """Answers with a file of the program."""

    def answer(request: Request) -> Response:
        return Response(_text(name), media_type=_KINDS[f".{name.rpartition('.')[2]}"])

    return answer


@cache
def _text(name: str) -> str:
    text = (resources.files(__package__) / "pages" / name).read_text(encoding="utf-8")
    return gallery.base_style() + text if name == "page.css" else text


async def _problem(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, Problem)
    return problems.response(problem, request.headers.get("accept", ""))


async def _http_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    problem = Problem(error.status_code, _DETAILS.get(error.status_code, str(error.detail)), error.headers)
    return problems.response(problem, request.headers.get("accept", ""))


async def _refusal(request: Request, error: Exception) -> Response:
    return problems.response(Problem(409, f"{error}."), request.headers.get("accept", ""))


async def _fault(request: Request, error: Exception) -> Response:
    return problems.response(Problem(500, "This is a mistake of the program; its words stand where the server runs."))
