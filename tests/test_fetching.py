"""A picture from the web for the command line, from a server of the test's own."""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import cv2
import numpy as np
import pytest
from cinepalette.command import line
from cinepalette.command.sources import fetching
from cinepalette.errors import UnreadableImage

TEAL = np.full((90, 160, 3), (78, 78, 31), np.uint8)
PNG = cv2.imencode(".png", TEAL)[1].tobytes()


class Web(BaseHTTPRequestHandler):
    """A page, a picture, and what else the web has."""

    def do_GET(self) -> None:
        kind, body, length = "image/png", PNG, len(PNG)
        if self.path.startswith("/to/"):
            self.send_response(302)
            self.send_header("Location", self.path.removeprefix("/to/").replace("PORT", str(self.server.server_port)))
            self.end_headers()
            return
        if self.path == "/page":
            kind, body, length = "text/html", b"<p>a page</p>", 13
        elif self.path == "/large":
            length = fetching.MAX_BYTES + 1
        elif self.path == "/cut":
            length += 10
        elif self.path == "/gone":
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Type", kind)
        if self.path not in {"/endless", "/slow"}:
            self.send_header("Content-Length", str(length))
        self.end_headers()
        try:
            while self.path == "/endless":
                self.wfile.write(bytes(1 << 16))
            while self.path == "/slow":
                self.wfile.write(b"x")
                threading.Event().wait(0.02)
            self.wfile.write(body)
        except ConnectionError:
            return

    def log_message(self, *_: object) -> None:
        """Tests are quiet."""


@pytest.fixture(scope="module")
def web() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Web)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def test_palette_takes_the_address_of_a_picture(web, capsysbinary):
    assert line.main(["palette", f"{web}/a%20film/still.png", "--format", "json"]) == 0
    (found,) = json.loads(capsysbinary.readouterr().out)
    assert found["image"] == f"{web}/a%20film/still.png"
    assert [one["hex"] for one in found["swatches"]] == ["#1f4e4e"]


def test_a_card_of_it_is_named_by_it(web, tmp_path: Path):
    assert line.main(["card", f"{web}/a%20film/still.png", "-o", f"{tmp_path}/"]) == 0
    assert [path.name for path in tmp_path.iterdir()] == ["still.png"]


def test_a_redirect_is_followed_on_the_web_only(web):
    assert fetching.fetch(f"{web}/to/{web}/still.png") == PNG
    for elsewhere in ("file:///etc/passwd", "ftp://127.0.0.1/still.png"):
        with pytest.raises(UnreadableImage):
            fetching.fetch(f"{web}/to/{elsewhere}")


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/page", "is a web page, not a picture"),
        ("/large", "is too large; at most 256 MB are fetched"),
        ("/cut", "was cut off on its way"),
        ("/gone", "cannot be fetched: 404"),
        ("/to/http://127.0.0.1:PORT/to/http://127.0.0.1:PORT/gone", "cannot be fetched: 404"),
    ],
)
def test_what_is_no_whole_picture_is_said(web, capsys, path, words):
    assert line.main(["palette", f"{web}{path}"]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"cinepalette: {web}{path}: {words}"), said
    assert len(said.splitlines()) == 1


def test_nobody_there(capsys):
    assert line.main(["palette", "http://127.0.0.1:9/still.png"]) == 2
    assert "cannot be fetched: Connection refused" in capsys.readouterr().err


def test_it_ends_though_the_server_does_not(web):
    with pytest.raises(UnreadableImage, match="is too large"):
        fetching.fetch(f"{web}/endless", most_bytes=1 << 20)
    begun = time.monotonic()
    with pytest.raises(UnreadableImage, match="has not come within 1 s"):
        fetching.fetch(f"{web}/slow", most_s=1)
    assert time.monotonic() - begun < 5
