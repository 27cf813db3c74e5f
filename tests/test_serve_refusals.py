"""What the server refuses: what is no picture, what is hostile, who is slow, and what browsers may do."""

import socket
import struct
import zlib
from http.cookies import SimpleCookie
from pathlib import Path

import pytest
from cinepalette.web.bodies import MAX_BYTES
from daemon_process import wait_for
from server_process import ROSE, SAND, TEAL, ServerProcess, picture

# What is not a picture, and other mistakes.

BAD = {
    "nothing": ("/api/palette", b"", 422, "is empty"),
    "no picture": ("/api/palette", b"not a picture at all", 422, "is not a picture"),
    "cut off": ("/api/palette", picture(TEAL, ROSE)[:200], 422, "is damaged or cut off"),
    "26 colors": ("/api/palette?n=26", picture(TEAL), 400, "n = 26: must be a whole number from 1 to 25"),
    "no color": ("/api/palette?n=0", picture(TEAL), 400, "from 1 to 25"),
    "no number": ("/api/palette?n=many", picture(TEAL), 400, "whole number"),
    "unknown method": ("/api/palette?method=magic", picture(TEAL), 400, "cinepalette, kmeans-rgb"),
    "unknown sort": ("/api/palette?sort=taste", picture(TEAL), 400, "light, hue, share"),
    "unknown format": ("/api/palette?format=xyz", picture(TEAL), 400, "is no format"),
    "unknown word": ("/api/palette?swatchez=3", picture(TEAL), 400, "swatchez: unknown; there are n"),
    "not a number": ("/api/palette?darkest=nan", picture(TEAL), 400, "darkest"),
}


@pytest.mark.parametrize(("address", "body", "status", "words"), BAD.values(), ids=BAD.keys())
def test_a_mistake_is_answered_with_one_clear_sentence(server, address, body, status, words):
    answer = server.ask("POST", address, body)
    assert answer.status == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert words in answer.json()["detail"]
    assert "/tmp" not in answer.json()["detail"]
    assert server.ask("POST", "/api/palette", picture(TEAL)).status == 200, "the next picture finds its palette"


def chunk(kind: bytes, data: bytes) -> bytes:
    """A chunk of a PNG."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, *chunks: bytes) -> bytes:
    """A PNG of which only the head says how large it is."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    rows = chunk(b"IDAT", zlib.compress(bytes(1000)))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(chunks) + rows + chunk(b"IEND", b"")


def packed(kind: bytes) -> bytes:
    """A chunk of 100 MB, which fill a few kilobytes."""
    return chunk(kind, b"a\0\0" + zlib.compress(bytes(100 << 20), 1))


BOMBS = {
    "60,000 x 60,000 pixels": lambda: png(60_000, 60_000),
    "one line of 2,000,000,000": lambda: png(2_000_000_000, 1),
    "a packed text": lambda: png(10, 10, packed(b"zTXt")),
    "a packed profile": lambda: png(10, 10, packed(b"iCCP")),
    "a GIF of 65,535 x 65,535": lambda: (
        b"GIF89a" + struct.pack("<HHBBB", 65_535, 65_535, 0, 0, 0) + b"\x2c" + bytes(9) + b"\x02"
    ),
    "a TIFF of 100,000 x 100,000": lambda: (
        b"II*\0\x08\0\0\0\x02\0" + struct.pack("<HHIIHHII", 256, 4, 1, 100_000, 257, 4, 1, 100_000) + bytes(4)
    ),
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS.keys())
def test_a_bomb_is_refused_before_it_is_unpacked(server, bomb):
    answer = server.ask("POST", "/api/palette", bomb())
    assert answer.status == 422
    assert answer.json()["detail"].startswith("The file ")


def test_a_session_that_is_gone_is_said_to_be_gone(server):
    for address in ("", "/stills", "/section", "/palette", "/collage", "/stills/1/picture"):
        answer = server.ask("GET", f"/api/sessions/s0123456789ab{address}")
        assert answer.status == 404
        assert "no such session any more" in answer.json()["detail"]


# The browser next door.

EVERY = ("/", "/try", "/api", "/api/sessions", "/api/events", "/api/stills/newest", "/try.js")
TOKEN = object()


def hostile() -> dict[str, tuple[str, str, dict[str, str | None]]]:
    """Requests that a page of somebody else, or a program without the token, can send."""
    no_token: dict[str, str | None] = {"Authorization": None}
    cases: dict[str, tuple[str, str, dict[str, str | None]]] = {}
    for path in EVERY:
        cases[f"no token {path}"] = ("GET", path, no_token)
        cases[f"foreign host {path}"] = ("GET", path, {"Host": "evil.example:80"})
        cases[f"cross-site {path}"] = ("GET", path, {"Sec_Fetch_Site": "cross-site"})
    hosts = ["", "127.0.0.1", "127.0.0.1:1", "evil.example", "127.0.0.1.evil.example:PORT", "localhost.evil:PORT"]
    hosts += ["[::1]:PORT", "0.0.0.0:PORT", "2130706433:PORT", "127.1:PORT", "127.0.0.1:PORT@evil.example"]
    for host in [*hosts, "evil.example/127.0.0.1:PORT", "127.0.0.1:PORT, evil.example"]:
        cases[f"host {host}"] = ("GET", "/api/sessions", {"Host": host})
    cases["no host"] = ("GET", "/api/sessions", {"Host": None})
    for origin in (
        "null",
        "http://evil.example",
        "https://127.0.0.1:PORT",
        "http://127.0.0.1:1",
        "http://localhost:PORT",
    ):
        cases[f"change from {origin}"] = ("POST", "/api/stills", {"Origin": origin})
        cases[f"read from {origin}"] = ("GET", "/api/sessions", {"Origin": origin})
    for token in ("", "x", "Bearer", "TOKENx", "%00"):
        cases[f"token {token!r}"] = ("GET", "/api/sessions", {"Authorization": f"Bearer {token}"})
        cases[f"address token {token!r}"] = ("GET", f"/?token={token}", no_token)
    cases["basic"] = ("GET", "/api/sessions", {"Authorization": "Basic TOKEN"})
    cases["two tokens"] = ("GET", "/?token=TOKEN&token=TOKEN", no_token)
    cases["token for the API"] = ("GET", "/api/sessions?token=TOKEN", no_token)
    cases["token for a change"] = ("POST", "/api/stills?token=TOKEN", no_token)
    cases["foreign cookie"] = ("GET", "/api/sessions", {**no_token, "Cookie": "cinepalette-PORT=x; a=b"})
    cases["broken cookie"] = ("GET", "/api/sessions", {**no_token, "Cookie": '=;;"\\'})
    cases["same site, other port"] = ("GET", "/api/sessions", {"Sec_Fetch_Site": "same-site"})
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "PROPFIND"):
        cases[f"{method}"] = (method, "/api/sessions", {})
    return cases


HOSTILE = hostile()


def state_of(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_there_are_enough_of_them():
    assert len(HOSTILE) + len(TRAVERSALS) + len(MALFORMED) + len(FORMS) + len(BOMBS) >= 160


@pytest.mark.parametrize(("method", "path", "headers"), HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_request_changes_and_reveals_nothing(server, place, method, path, headers):
    def filled(text: str | None) -> str | None:
        return None if text is None else text.replace("PORT", str(server.port)).replace("TOKEN", server.token)

    before = state_of(place.output)
    body = picture(TEAL) if method == "POST" else None
    answer = server.ask(method, filled(path), body, **{name: filled(value) for name, value in headers.items()})
    assert answer.status in {400, 401, 403, 404, 405, 421, 501}
    assert "Nausica" not in answer.body.decode(errors="replace")
    assert answer.headers.get("Access-Control-Allow-Origin") is None
    assert answer.headers.get("Set-Cookie") is None
    assert server.token.encode() not in answer.body
    assert state_of(place.output) == before


TRAVERSALS = [
    "/../secret.txt",
    "/..%2fsecret.txt",
    "/%2e%2e/%2e%2e/etc/passwd",
    "//etc/passwd",
    "/api/sessions/../../secret.txt",
    "/api/sessions/..%2f..%2fsecret.txt",
    "/api/sessions/%2e%2e/stills/1/picture",
    "/api/sessions/ID/stills/..%2f..%2fsession.json",
    "/api/sessions/ID/stills/1/../../../secret.txt",
    "/api/sessions/ID/stills/-1/picture",
    "/api/sessions/ID/stills/1e9/picture",
    "/api/sessions/ID/stills/99999999999999999999999/picture",
    "/api/sessions/ID/..%5c..%5csecret.txt",
    "/api/sessions/ID%00/stills",
    "/session.json",
    "/secret.txt",
    "/file:///etc/passwd",
    "/?url=../secret.txt",
    "/?url=/etc/passwd",
    "/?url=file:///etc/passwd",
    "/?url=SESSION/stills/../session.json",
    "/?url=SESSION/session.json",
    "/?url=SESSION%00/stills/0001.png",
    "/palette-url?url=..%2f..%2fsecret.txt",
    "/palette-url?url=%2fproc%2fself%2fenviron",
    "/pages/try.html",
    "/try.html",
    "/page.py",
    "/%252e%252e%252fsecret.txt",
    "/%252e%252e/%252e%252e/etc/passwd",
    "/..\\..\\secret.txt",
    "/..%c0%af..%c0%afsecret.txt",
    "/%c0%ae%c0%ae/secret.txt",
    "/%uff0e%uff0e/secret.txt",
    "/%EF%BC%8E%EF%BC%8E%EF%BC%8Fsecret.txt",
    "/secret.txt%00.png",
    "/%00",
    "/C:%5CWindows%5Cwin.ini",
    "/%5C%5Cevil.example%5Cshare",
    "/api/sessions/ID/stills/%D9%A1/picture",
    "/api/sessions/ID/stills/1/picture/../../../../secret.txt",
    "/api/sessions/ID/stills/1/picture%2f..%2f..%2fsession.json",
    "/api/sessions/ID;/etc/passwd",
    "/?url=..%5c..%5csecret.txt",
    "/?url=%252e%252e%252fsecret.txt",
    "/?url=SESSION/stills/0001.png%00.txt",
    "/?url=SESSION/stills/%EF%BC%8E%EF%BC%8E/session.json",
    "/?url=//evil.example/secret.txt",
    "/?url=%5C%5Cevil.example%5Csecret.txt",
    "/?url=./SESSION/stills/../../secret.txt",
    "/?url=SESSION//stills/../../../secret.txt",
    "/?url=secret.txt&url=../secret.txt",
]


@pytest.mark.parametrize("path", TRAVERSALS)
def test_no_path_leads_out_of_what_sessions_name(server, place, session, path):
    (folder, *_) = place.sessions()
    name = folder.name.replace(" ", "%20").replace("ä", "%C3%A4")
    path = path.replace("/api/sessions/ID", session).replace("SESSION", name)
    answer = server.ask("GET", path)
    assert answer.status in {400, 404}
    for secret in (b"nobody may", b"nor this", b"root:", b"PATH=", b"swatches"):
        assert secret not in answer.body


MALFORMED = [
    b"",
    b"\r\n\r\n",
    b"GET\r\n\r\n",
    b"GET / HTTP/9.9\r\n\r\n",
    b"GET / HTTP/1.1\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nHost: evil.example\r\n\r\n",
    b"GET http://evil.example/api/sessions HTTP/1.1\r\nHost: evil.example\r\n\r\n",
    b"POST /api/palette HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nContent-Length: -1\r\n\r\n",
    b"POST /api/palette HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
    b"POST / HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nhello",
    b"POST /api/palette HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nTransfer-Encoding: chunked\r\n\r\nZZZ\r\n",
    b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nX: " + b"a" * 200_000 + b"\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nX\x00Y: 1\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 64,
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"GET /api/sessions HTTP/1.1\r\nHost : 127.0.0.1:PORT\r\n\r\n",
    b"GET /api/sessions HTTP/1.1\r\nHost: evil.example\r\n 127.0.0.1:PORT\r\n\r\n",
    b"GET /api/sessions HTTP/1.1\nHost: 127.0.0.1:PORT\n\n",
    b"GET /api/sessions HTTP/1.0\r\n\r\n",
    b"GET /api/sessions\r\nHost: 127.0.0.1:PORT\r\n\r\n",
    b"POST /api/palette HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    b"POST /api/palette HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
    b"POST /api/palette HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n",
    b"POST / HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"0\r\n\r\nGET /api/sessions HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n\r\nGET /api/sessions HTTP/1.1\r\nHost: evil.example\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + b"X: 1\r\n" * 20_000 + b"\r\n",
]


@pytest.mark.parametrize("data", MALFORMED, ids=range(len(MALFORMED)))
def test_what_is_no_request_gets_nothing(server, data):
    found = server.raw(data.replace(b"PORT", str(server.port).encode()), seconds=1.0)
    assert not found or found.split()[1] in {b"400", b"401", b"413", b"414", b"421", b"431", b"505"}
    assert b"Nausica" not in found
    assert server.ask("GET", "/api/sessions").status == 200


def form(*parts: bytes, boundary: bytes = b"frame") -> bytes:
    return b"".join(b"--" + boundary + b"\r\n" + part + b"\r\n" for part in parts) + b"--" + boundary + b"--\r\n"


FILE = b'Content-Disposition: form-data; name="picture"; filename="%s"\r\n\r\n'
FORMS = {
    "no boundary": ("multipart/form-data", form(FILE % b"a.png")),
    "another boundary": ("multipart/form-data; boundary=other", form(FILE % b"a.png" + picture(TEAL))),
    "no end": ("multipart/form-data; boundary=frame", form(FILE % b"a.png" + picture(TEAL))[:150]),
    "no name": ("multipart/form-data; boundary=frame", form(b"Content-Disposition: form-data\r\n\r\nx")),
    "no disposition": ("multipart/form-data; boundary=frame", form(b"\r\nx")),
    "many fields": (
        "multipart/form-data; boundary=frame",
        form(*(b'Content-Disposition: form-data; name="n"\r\n\r\n1' for _ in range(1000))),
    ),
    "many files": ("multipart/form-data; boundary=frame", form(FILE % b"a.png", FILE % b"b.png")),
    "a long field": (
        "multipart/form-data; boundary=frame",
        form(b'Content-Disposition: form-data; name="n"\r\n\r\n' + b"1" * (2 << 20)),
    ),
    "a long head": ("multipart/form-data; boundary=frame", form(b"X-" + b"a" * 100_000 + b": 1\r\n\r\nx")),
    "not a form": ("multipart/form-data; boundary=frame", b"\x00\xff" * 1000),
    "an odd charset": ("multipart/form-data; boundary=frame; charset=nonsense", form(FILE % b"a.png")),
    "a packed body": ("image/png", zlib.compress(picture(TEAL))),
}


@pytest.mark.parametrize(("kind", "body"), FORMS.values(), ids=FORMS.keys())
def test_a_bad_form_is_answered_and_changes_nothing(server, place, kind, body):
    before = state_of(place.output)
    for address in ("/api/palette", "/api/stills"):
        answer = server.ask("POST", address, body, Content_Type=kind, Content_Encoding="gzip")
        assert answer.status in {400, 422}, answer.body
        assert answer.json()["detail"]
    assert state_of(place.output) == before


@pytest.mark.parametrize(
    "name", ["../../up.png", "/etc/up.png", "..\\..\\up.png", "C:\\up.png", "up\0.png", ".", "~/up.png"]
)
def test_a_files_name_leads_nowhere(server, place, name):
    before = {path for path in place.output.parent.rglob("*") if "up.png" in path.name}
    data = form(FILE % name.encode() + picture(TEAL, SAND))
    answer = server.ask("POST", "/api/stills?title=Names", data, Content_Type="multipart/form-data; boundary=frame")
    assert answer.status in {201, 400}
    assert {path for path in place.output.parent.rglob("*") if "up.png" in path.name} == before
    assert not Path("/etc/up.png").exists()


def test_too_large_a_picture_is_refused_before_it_has_come(server):
    head = f"POST /api/palette HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nAuthorization: Bearer {server.token}\r\n"
    found = server.raw(f"{head}Content-Length: {MAX_BYTES + 1}\r\n\r\n".encode())
    assert found.split()[1] == b"413"
    chunk = b"100000\r\n" + b"\0" * (1 << 20) + b"\r\n"
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        connection.sendall(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode())
        try:
            for _ in range((MAX_BYTES >> 20) + 2):
                connection.sendall(chunk)
            answer = connection.recv(100)
        except ConnectionError:
            answer = b"HTTP/1.1 413"  # it was closed while we were still sending
        assert answer.split()[1] == b"413"


def test_slow_ones_hold_up_nobody(server):
    slow = [socket.create_connection(("127.0.0.1", server.port), timeout=30) for _ in range(30)]
    head = f"POST /api/palette HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nAuthorization: Bearer {server.token}\r\n"
    for number, connection in enumerate(slow):
        connection.sendall(f"{head}Content-Length: 1000\r\n\r\n".encode()[: 20 + 10 * number])
    assert server.ask("POST", "/api/palette", picture(TEAL)).status == 200
    for connection in slow:
        connection.close()


def test_event_streams_by_the_hundred_leave_the_server_to_others(place):
    server = ServerProcess(place.environment)
    head = f"GET /api/events HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nAuthorization: Bearer {server.token}\r\n\r\n"
    streams = []
    try:
        for _ in range(200):
            streams.append(socket.create_connection(("127.0.0.1", server.port), timeout=30))
            streams[-1].sendall(head.encode())
        answers = [stream.recv(12) for stream in streams]
        assert answers.count(b"HTTP/1.1 200") == 32
        assert answers.count(b"HTTP/1.1 503") == 168
        assert server.ask("GET", "/api/sessions").status == 200
    finally:
        for stream in streams:
            stream.close()

    def heard() -> bool:
        return b" 200 " in server.raw(head.encode(), seconds=0.2)[:20]

    try:
        wait_for(heard, "a stream for the next page")
    finally:
        server.stop()


def test_who_sends_a_byte_now_and_then_is_hung_up_on(place):
    server = ServerProcess(place.environment, before="from cinepalette.web import server; server._PATIENCE_S = 0.3")
    head = f"POST /api/palette HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n"
    try:
        for begun in (b"", b"GET / HT", head.encode(), f"{head}Content-Length: 1000\r\n\r\n".encode()):
            with socket.create_connection(("127.0.0.1", server.port), timeout=0.1) as slow:
                slow.sendall(begun)

                def hung_up(slow: socket.socket = slow) -> bool:
                    try:
                        slow.sendall(b"a")
                        return not slow.recv(1000)
                    except TimeoutError:
                        return False
                    except ConnectionError:
                        return True

                wait_for(hung_up, f"the end of {begun[:8]!r}")
        assert server.ask("POST", "/api/palette", picture(TEAL)).status == 200
    finally:
        server.stop()


def test_a_link_in_a_session_leads_nowhere_outside(server, place, session):
    (folder, *_) = [path for path in place.sessions() if path.name.startswith("Nausica")]
    still = folder / "stills" / "0002.png"
    kept = still.read_bytes()
    still.unlink()
    still.symlink_to(place.output.parent / "secret.txt")
    try:
        answer = server.ask("GET", f"{session}/stills/2/picture")
        assert answer.status == 404
        assert b"nobody" not in answer.body
    finally:
        still.unlink()
        still.write_bytes(kept)


def test_the_token_becomes_a_cookie_that_scripts_cannot_read(server):
    opened = server.ask("GET", f"/?token={server.token}", Authorization=None)
    assert opened.status == 303
    assert opened.headers["Location"] == "/"
    cookie = SimpleCookie(opened.headers["Set-Cookie"])[f"cinepalette-{server.port}"]
    assert cookie["httponly"]
    assert cookie["samesite"].lower() == "strict"
    assert server.token not in opened.headers["Set-Cookie"]
    carried = {"Authorization": None, "Cookie": f"{cookie.key}={cookie.value}"}
    assert server.ask("GET", "/api/sessions", **carried).status == 200
    page = server.ask("GET", "/", **carried)
    assert "Nausica" in page.body.decode()
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert server.ask("POST", "/api/palette", picture(TEAL), **carried).status == 403, "no Origin, no change"
    assert server.ask("POST", "/api/palette", picture(TEAL), **carried, Origin=server.origin).status == 200
    for origin in ("http://evil.example", "null", "http://127.0.0.1:1"):
        assert server.ask("POST", "/api/palette", picture(TEAL), **carried, Origin=origin).status == 403
    for elsewhere in ("//evil.example", "/%5Cevil.example", "/%0d%0aSet-Cookie:%20a=b"):
        led = server.ask("GET", f"{elsewhere}?token={server.token}", Authorization=None)
        assert led.headers.get("Location") == "/"
    assert server.ask("GET", f"/try?token={server.token}", Authorization=None).headers["Location"] == "/try"


def test_every_answer_says_what_browsers_may_do_with_it(server):
    for path in (*EVERY[:4], "/nowhere"):
        headers = server.ask("GET", path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert "Access-Control-Allow-Origin" not in headers
