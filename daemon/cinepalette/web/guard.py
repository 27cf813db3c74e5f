"""Who may ask: the person at this machine, and no page that their browser shows beside ours.

A page of another origin can send requests to 127.0.0.1, under any name that its owner's DNS gives that address. So the
name in the raw Host header has to be ours, every request has to bring the token that was printed or the cookie that it
became, and a change has to come from a page of ours. Nothing is allowed to other origins.
"""

import secrets
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .problems import Problem, response

_READS = {"GET", "HEAD"}
_PAGES = {"/", "/try", "/api"}

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
}
"""Of every answer that does not say otherwise."""


@dataclass(frozen=True)
class Keys:
    """The secrets of one run of the server."""

    port: int
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    """Stands in the address that is printed; scripts send it as `Authorization: Bearer`."""
    cookie: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    """What the browser keeps instead."""

    @property
    def cookie_name(self) -> str:
        # Cookies know no ports: two servers must not take each other's.
        return f"cinepalette-{self.port}"

    @property
    def hosts(self) -> set[str]:
        """The names under which a browser may ask."""
        names = {f"127.0.0.1:{self.port}", f"localhost:{self.port}"}
        return names | {"127.0.0.1", "localhost"} if self.port == 80 else names


class Guard:
    """Stands before the whole application."""

    def __init__(self, app: ASGIApp, keys: Keys) -> None:
        self._app = app
        self._keys = keys

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        try:
            opened = self._checked(scope, headers)
        except Problem as problem:
            opened = response(problem, headers.get("accept", ""))
        await (opened or self._app)(scope, receive, _with_headers(send))

    def _checked(self, scope: Scope, headers: Headers) -> Response | None:
        """None for a request that may pass, or the answer that gives the browser its cookie; raises `Problem`."""
        hosts = headers.getlist("host")
        if len(hosts) != 1 or hosts[0].lower() not in self._keys.hosts:
            raise Problem(421, f"This server is http://127.0.0.1:{self._keys.port} and answers to no other name.")
        given = parse_qs(scope["query_string"].decode("latin-1")).get("token", [])
        if given and scope["method"] == "GET" and not scope["path"].startswith("/api/"):
            if len(given) == 1 and _same(given[0], self._keys.token):
                return self._welcome(scope["path"])
            raise Problem(401, "The token in this address is not the one that cinepalette serve has printed last.")
        if headers.get("sec-fetch-site", "none") not in {"same-origin", "none"}:
            raise Problem(403, "This server answers its own pages only.")
        by_token = self._has_token(headers)
        if not by_token and not self._has_cookie(headers):
            raise Problem(401, "Open the address that cinepalette serve has printed, with its token.")
        origins = headers.getlist("origin")
        if origins and origins != [f"http://{hosts[0].lower()}"]:
            raise Problem(403, "This server answers its own pages only.")
        if scope["method"] not in _READS and not origins and not by_token:
            raise Problem(403, "A change has to say where it comes from: the Origin header is missing.")
        return None

    def _welcome(self, path: str) -> Response:
        # A path from outside could lead to another host.
        answer = RedirectResponse(path if path in _PAGES else "/", 303)
        answer.set_cookie(self._keys.cookie_name, self._keys.cookie, httponly=True, samesite="strict")
        return answer

    def _has_token(self, headers: Headers) -> bool:
        kind, _, token = headers.get("authorization", "").partition(" ")
        return kind.lower() == "bearer" and _same(token, self._keys.token)

    def _has_cookie(self, headers: Headers) -> bool:
        try:
            morsel = SimpleCookie(headers.get("cookie", "")).get(self._keys.cookie_name)
        except CookieError:
            return False
        return morsel is not None and _same(morsel.value, self._keys.cookie)


def _same(given: str, secret: str) -> bool:
    return secrets.compare_digest(given.encode(), secret.encode())


def _with_headers(send: Send) -> Send:
    async def sends(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return sends
