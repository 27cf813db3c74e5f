"""What is answered when a request cannot be: RFC 9457 for programs, a plain page with the same words for people."""

import json
from collections.abc import Mapping
from html import escape
from http import HTTPStatus

from starlette.responses import Response

_PAGE = """<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>Cinepalette: {title}</title>
<h1>{title}</h1>
<p>{detail}</p>
"""


class Problem(Exception):
    """A request that is refused: its status, and one sentence that names the cause and the cure."""

    def __init__(self, status: int, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = dict(headers or {})


def response(problem: Problem, accept: str = "") -> Response:
    """The answer: `application/problem+json`, or HTML for a browser that shows it as a page."""
    title = HTTPStatus(problem.status).phrase
    if "text/html" in accept:
        text, kind = _PAGE.format(title=escape(title), detail=escape(problem.detail)), "text/html"
    else:
        facts = {"type": "about:blank", "title": title, "status": problem.status, "detail": problem.detail}
        text, kind = json.dumps(facts, ensure_ascii=False) + "\n", "application/problem+json"
    return Response(text, problem.status, problem.headers, media_type=kind)
