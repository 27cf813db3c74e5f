"""The API in its own words: OpenAPI 3.1, from which its page is made."""

from functools import cache
from typing import Any, get_args, get_type_hints

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from .. import __version__
from ..export.formats import FORMATS
from ..palette.extraction import Options
from .bodies import MAX_BYTES

_ABOUT = (
    "Palettes of pictures, and the sessions of this machine. A script sends the token that cinepalette serve prints as "
    "Authorization: Bearer TOKEN. What cannot be done is answered as application/problem+json (RFC 9457) with one "
    "sentence in detail."
)
_ID = "a session's id, from /api/sessions"
_N = "a still's number"


def answer(request: Request) -> Response:
    """`GET /api/openapi.json`."""
    return JSONResponse(description())


@cache
def description() -> dict[str, Any]:
    """The whole API."""
    form = _word("format", "the kind of swatch file", enum=list(FORMATS), default="json")
    session, still = _in_path("id", _ID, "string"), _in_path("n", _N, "integer")
    return {
        "openapi": "3.1.0",
        "info": {"title": "Cinepalette", "version": __version__, "description": _ABOUT},
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": {"Problem": _PROBLEM, "Palette": _PALETTE},
        },
        "security": [{"token": []}],
        "paths": {
            "/api/palette": {"post": _palette(form)},
            "/api/sessions": {
                "get": _get("All sessions, the latest last, as cinepalette sessions --json prints them.")
            },
            "/api/sessions/{id}": {"get": _get("One session.", session)},
            "/api/sessions/{id}/stills": {
                "get": _get("Its stills with their palettes, as cinepalette stills --json prints them.", session)
            },
            "/api/sessions/{id}/palette": {"get": _get("A swatch file of the session.", session, form)},
            "/api/sessions/{id}/collage": {"get": _get("The running collage, PNG.", session)},
            "/api/sessions/{id}/stills/{n}/picture": {"get": _get("A clean still, PNG.", session, still)},
            "/api/sessions/{id}/stills/{n}/small": {
                "get": _get("A smaller JPEG of what is inside its letterbox bars.", session, still)
            },
            "/api/sessions/{id}/stills/{n}/palette": {"get": _get("A swatch file of the still.", session, still, form)},
            "/api/stills/newest": {"get": _get("The still that was taken last.")},
            "/api/stills": {"post": _add()},
            "/api/events": {
                "get": {
                    **_get("Changes as server-sent events, for the gallery: listing, touched."),
                    "x-example": 'curl -N -H "Authorization: Bearer TOKEN" http://HOST/api/events',
                }
            },
            "/palette-url": {"post": _old("{palette_url}: the Coolors link of the picture's palette.")},
            "/": {"post": _old("{clusters}: the colors of the picture as [[red, green, blue]].")},
        },
    }


_PROBLEM = {
    "type": "object",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
    },
}
_SWATCH = {
    "type": "object",
    "properties": {
        "hex": {"type": "string"},
        "rgb": {"type": "array", "items": {"type": "integer"}},
        "share": {"type": "number"},
        "name": {"type": "string"},
        "hsl": {"type": "string"},
        "oklch": {"type": "string"},
        "contrast": {"type": "array", "items": {"type": "number"}, "description": "to white and to black"},
        "at": {"type": "array", "items": {"type": "number"}, "description": "where it is, 0-1 of width and height"},
    },
}
_PALETTE = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {"image": {"type": "string"}, "swatches": {"type": "array", "items": _SWATCH}},
    },
}


def _palette(form: dict[str, Any]) -> dict[str, Any]:
    hints = get_type_hints(Options)
    words = [
        _word("n", "swatches at most", type="integer", minimum=1, maximum=25, default=5),
        _word("method", "how they are found", enum=list(get_args(hints["method"])), default="cinepalette"),
        _word("sort", "their order", enum=list(get_args(hints["sort"])), default="light"),
        _word("darkest", "leave out colors of less lightness", type="number", minimum=0, maximum=100, default=0),
        _word("brightest", "leave out colors of more", type="number", minimum=0, maximum=100, default=100),
        form,
        _word("name", "of the picture, for the answer", type="string"),
    ]
    return {
        "summary": "The palette of a picture, which is the body or the file of a form.",
        "description": f"At most {MAX_BYTES >> 20} MB. JSON is the list that cinepalette palette --format json prints.",
        "parameters": words,
        "requestBody": {"content": {"image/*": {}, "application/octet-stream": {}, "multipart/form-data": {}}},
        "responses": _answers(413, 422, 503),
        "x-example": 'curl -H "Authorization: Bearer TOKEN" --data-binary @still.png "http://HOST/api/palette?n=6"',
    }


def _add() -> dict[str, Any]:
    return {
        "summary": "A picture into a session, as cinepalette add does it; the body as for /api/palette.",
        "parameters": [
            _word("session", f"{_ID}; without it the session of that title, or a new one", type="string"),
            _word("title", "of the session; without it today's Stills", type="string"),
            _word("name", "of the picture", type="string"),
        ],
        "responses": {"201": {"description": "{id, name, n, text} of the still"}, **_problems(404, 413, 422)},
    }


def _old(text: str) -> dict[str, Any]:
    return {
        "summary": text,
        "description": (
            "The address of an older program. GET takes ?url=FILM DAY/stills/0001.png, a still by its path below the "
            "output folder; no address is fetched."
        ),
        "parameters": [_word("n", "swatches", type="integer", minimum=1, maximum=25, default=8)],
        "responses": _answers(),
    }


def _get(text: str, *parameters: dict[str, Any]) -> dict[str, Any]:
    return {"summary": text, "parameters": list(parameters), "responses": _answers(*((404,) if parameters else ()))}


def _answers(*statuses: int) -> dict[str, Any]:
    return {"200": {"description": "done"}, **_problems(*statuses)}


def _problems(*statuses: int) -> dict[str, Any]:
    texts = {
        400: "a mistake in the request",
        401: "no token",
        403: "from a page that is not ours",
        404: "there is no such thing any more",
        413: "too large",
        422: "no picture that can be read",
        503: "too many at a time",
    }
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {str(one): {"description": texts[one], "content": content} for one in sorted({400, 401, 403, *statuses})}


def _word(name: str, text: str, **schema: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "description": text, "schema": {"type": "string", **schema}}


def _in_path(name: str, text: str, kind: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "description": text, "schema": {"type": kind}}
