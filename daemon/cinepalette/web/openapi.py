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

_EVERYWHERE = {
    400: "a mistake in the request; detail names it",
    401: "no token, or another one",
    403: "sent by a page that is not this server's",
}
"""What any address may answer."""
_PROBLEMS = {
    404: "there is no such thing, or not any more",
    413: f"more than {MAX_BYTES >> 20} MB",
    422: "not a picture that can be read",
    503: "too many pictures at a time; Retry-After says when to try again",
}


def answer(request: Request) -> Response:
    """`GET /api/openapi.json`."""
    return JSONResponse(description())


@cache
def description() -> dict[str, Any]:
    """The whole API."""
    form = _word("format", "the kind of swatch file", enum=list(FORMATS), default="json")
    session, still = _in_path("id", _ID, "string"), _in_path("n", _N, "integer")
    swatches = {**_json("Palettes"), "*/*": {}}
    one, one_still = "/api/sessions/{id}", "/api/sessions/{id}/stills/{n}"
    return {
        "openapi": "3.1.0",
        "info": {"title": "Cinepalette", "version": __version__, "description": _ABOUT},
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": _SCHEMAS,
            "responses": {str(status): _problem(text) for status, text in _EVERYWHERE.items()},
        },
        "security": [{"token": []}],
        "paths": {
            "/api/palette": {"post": _palette(form, swatches)},
            "/api/sessions": {
                "get": _get(
                    "All sessions, the latest last, as cinepalette sessions --json prints them.", _json("Sessions")
                )
            },
            one: {"get": _get("One session.", _json("Session"), session)},
            f"{one}/stills": {
                "get": _get(
                    "Its stills with their palettes, as cinepalette stills --json prints them, and where to get each.",
                    _json("Stills"),
                    session,
                )
            },
            f"{one}/palette": {"get": _get("A swatch file of the session.", swatches, session, form)},
            f"{one}/collage": {"get": _get("The running collage.", {"image/png": {}}, session)},
            f"{one_still}/picture": {"get": _get("A clean still.", {"image/png": {}}, session, still)},
            f"{one_still}/small": {
                "get": _get(
                    "A smaller picture of what is inside its letterbox bars; 404 where the still is small itself.",
                    {"image/jpeg": {}},
                    session,
                    still,
                )
            },
            f"{one_still}/palette": {"get": _get("A swatch file of the still.", swatches, session, still, form)},
            "/api/stills/newest": {"get": _get("The still that was taken last, of all sessions.", _json("Still"))},
            "/api/stills": {"post": _add()},
            "/api/events": {
                "get": {
                    **_get(
                        "Changes as server-sent events, for the gallery: listing names all sessions with their "
                        "versions, touched the one that a key has just changed.",
                        {"text/event-stream": {}},
                    ),
                    "x-example": 'curl -N -H "Authorization: Bearer TOKEN" http://HOST/api/events',
                }
            },
            "/palette-url": {"post": _old("The Coolors link of a picture's palette.", _object(palette_url=_TEXT))},
            "/": {"post": _old("The colors of a picture as red, green, blue.", _object(clusters=_list(_list(_WHOLE))))},
        },
    }


def _object(**properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def _json(name: str) -> dict[str, Any]:
    return {"application/json": {"schema": _ref(name)}}


_TEXT, _NUMBER, _WHOLE = {"type": "string"}, {"type": "number"}, {"type": "integer"}
_SCHEMAS = {
    "Problem": _object(type=_TEXT, title=_TEXT, status=_WHOLE, detail=_TEXT),
    "Swatch": _object(
        hex={**_TEXT, "examples": ["#1f4e4e"]},
        rgb=_list(_WHOLE),
        share={**_NUMBER, "description": "of the picture, 0 to 1"},
        name=_TEXT,
        hsl=_TEXT,
        oklch=_TEXT,
        contrast={**_list(_NUMBER), "description": "to white and to black, as WCAG 2 has it"},
        at={
            **_list(_NUMBER),
            "description": "where the color is, 0 to 1 of width and height; left out without a place",
        },
    ),
    "Palettes": _list(_object(image=_TEXT, label=_TEXT, time_s=_NUMBER, swatches=_list(_ref("Swatch")))),
    "Session": _object(id=_TEXT, name=_TEXT, title=_TEXT, path=_TEXT, started_at=_TEXT, stills=_WHOLE),
    "Sessions": _list(_ref("Session")),
    "Still": _object(
        n=_WHOLE,
        time_s={"type": ["number", "null"]},
        timecode={"type": ["string", "null"]},
        still={**_TEXT, "description": "the file on this machine"},
        card={**_TEXT, "description": "the same with its strip"},
        source=_TEXT,
        swatches=_list(_ref("Swatch")),
        picture={**_TEXT, "description": "its address here"},
        palette={**_TEXT, "description": "the address of its swatch file"},
    ),
    "Stills": _list(_ref("Still")),
    "Added": _object(id=_TEXT, name=_TEXT, n=_WHOLE, text=_TEXT),
}

_BODY = {"content": {"image/*": {}, "application/octet-stream": {}, "multipart/form-data": {}}, "required": True}


def _palette(form: dict[str, Any], swatches: dict[str, Any]) -> dict[str, Any]:
    hints = get_type_hints(Options)
    words = [
        _word("n", "swatches at most", type="integer", minimum=1, maximum=25, default=5),
        _word("method", "how they are found", enum=list(get_args(hints["method"])), default="cinepalette"),
        _word("sort", "their order", enum=list(get_args(hints["sort"])), default="light"),
        _word("darkest", "leave out colors of less lightness", type="number", minimum=0, maximum=100, default=0),
        _word("brightest", "leave out colors of more", type="number", minimum=0, maximum=100, default=100),
        form,
        _word("name", "of the picture, for the answer"),
    ]
    return {
        "summary": "The palette of a picture, which is the body or the file of a form.",
        "description": "JSON is the list that cinepalette palette --format json prints.",
        "parameters": words,
        "requestBody": _BODY,
        "responses": {"200": _done(swatches), **_problems(413, 422, 503)},
        "x-example": 'curl -H "Authorization: Bearer TOKEN" --data-binary @still.png "http://HOST/api/palette?n=6"',
    }


def _add() -> dict[str, Any]:
    done = {"description": "the still has its place; Location leads to its session's stills", "content": _json("Added")}
    return {
        "summary": "A picture into a session, as cinepalette add does it; the body as for /api/palette.",
        "parameters": [
            _word("session", f"{_ID}; without it the session of that title, or a new one"),
            _word("title", "of the session; without it today's Stills"),
            _word("name", "of the picture"),
        ],
        "requestBody": _BODY,
        "responses": {"201": done, **_problems(404, 413, 422)},
        "x-example": 'curl -H "Authorization: Bearer TOKEN" --data-binary @lamp.png "http://HOST/api/stills?title=Lamps"',
    }


def _old(text: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {
        "summary": text,
        "description": (
            "The address of an older program. GET takes ?url=FILM DAY/stills/0001.png, a still by its path below the "
            "output folder; no address is fetched."
        ),
        "parameters": [_word("n", "swatches", type="integer", minimum=1, maximum=25, default=8)],
        "requestBody": _BODY,
        "responses": {"200": _done({"application/json": {"schema": schema}}), **_problems(413, 422, 503)},
    }


def _get(text: str, content: dict[str, Any], *parameters: dict[str, Any]) -> dict[str, Any]:
    missing = _problems(404) if parameters else _problems()
    return {"summary": text, "parameters": list(parameters), "responses": {"200": _done(content), **missing}}


def _done(content: dict[str, Any]) -> dict[str, Any]:
    return {
        "description": "as " + " or ".join(kind.replace("*/*", "the swatch file") for kind in content),
        "content": content,
    }


def _problems(*statuses: int) -> dict[str, Any]:
    everywhere = {str(status): {"$ref": f"#/components/responses/{status}"} for status in _EVERYWHERE}
    return {**everywhere, **{str(status): _problem(_PROBLEMS[status]) for status in statuses}}


def _problem(text: str) -> dict[str, Any]:
    return {"description": text, "content": {"application/problem+json": {"schema": _ref("Problem")}}}


def _word(name: str, text: str, **schema: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "description": text, "schema": {**_TEXT, **schema}}


def _in_path(name: str, text: str, kind: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "description": text, "schema": {"type": kind}}
