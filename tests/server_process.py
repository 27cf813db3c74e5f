"""`cinepalette serve` as a process of its own, asked as programs and browsers ask it."""

import http.client
import io
import json
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from daemon_process import SOON_S, DaemonProcess
from PIL import Image

PATIENCE_S = 120.0
"""For a palette: the worker stands behind everything else, and its first k-means loads a large library."""

TEAL, ROSE, SAND = (31, 78, 78), (250, 2, 128), (226, 208, 170)


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Message
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class ServerProcess:
    """A server for one output folder."""

    def __init__(self, environment: dict[str, str], before: str = "pass") -> None:
        """`before` is done in the process first, such as to make a time shorter."""
        program = f"import sys; from cinepalette.command import line; {before}; sys.exit(line.main(sys.argv[1:]))"
        command = [sys.executable, "-c", program, "serve", "--port", "0"]
        self.process = subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
        )
        assert self.process.stdout
        ready, _, _ = select.select([self.process.stdout], [], [], SOON_S)
        assert ready, "the server has not started"
        self.address = self.process.stdout.readline().strip()
        assert self.address, self.process.communicate()[1]
        parts = urlsplit(self.address)
        self.port = int(parts.port or 0)
        self.token = parse_qs(parts.query)["token"][0]
        self.origin = f"http://127.0.0.1:{self.port}"

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str | None) -> Answer:
        """A request with the token, unless a header says otherwise; `None` leaves a header out."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        given = {"Authorization": f"Bearer {self.token}", "Host": f"127.0.0.1:{self.port}"}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for name, value in given.items():
                if value is not None:
                    connection.putheader(name, value)
            if body is not None:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def raw(self, data: bytes, seconds: float = 3.0) -> bytes:
        """What comes back for these bytes, as long as something comes."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=seconds) as connection:
            connection.sendall(data)
            found = b""
            try:
                while part := connection.recv(65536):
                    found += part
            except (TimeoutError, ConnectionResetError):
                pass
            return found

    def interrupt(self) -> int:
        """Ctrl+C; gives the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(SOON_S)

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()


def picture(*colors: tuple[int, int, int], size: tuple[int, int] = (320, 180), kind: str = "PNG") -> bytes:
    """Fields of color side by side."""
    width, height = size
    image = Image.new("RGB", size)
    for index, color in enumerate(colors):
        left, right = width * index // len(colors), width * (index + 1) // len(colors)
        image.paste(color, (left, 0, right, height))
    data = io.BytesIO()
    image.save(data, kind)
    return data.getvalue()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> DaemonProcess:
    """An output folder with one session of two stills, made as a person makes it, and a file beside it."""
    root = tmp_path_factory.mktemp("serve")
    place = DaemonProcess(root)
    for name, colors in {"one": (TEAL, ROSE), "two": (ROSE, TEAL, TEAL)}.items():
        (root / f"{name}.png").write_bytes(picture(*colors, size=(1600, 900)))
    done = place.run("add", "--session", "Nausicaä", str(root / "one.png"), str(root / "two.png"))
    assert done.returncode == 0, done.stderr
    (root / "secret.txt").write_text("nobody may read this")
    (place.output / "secret.txt").write_text("nor this")
    return place


@pytest.fixture(scope="module")
def server(place: DaemonProcess) -> Iterator[ServerProcess]:
    one = ServerProcess(place.environment)
    yield one
    one.stop()


@pytest.fixture(scope="module")
def session(server: ServerProcess) -> str:
    (one,) = server.ask("GET", "/api/sessions").json()
    return f"/api/sessions/{one['id']}"
