"""The server as programs meet it: what it answers, what it tells by itself, and how it ends."""

import importlib.util
import io
import json
import os
import socket
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from cinepalette.command import line
from cinepalette.export.formats import FORMATS
from cinepalette.web import worker
from coloraide import Color
from daemon_process import wait_for
from PIL import Image
from server_process import ROSE, SAND, TEAL, ServerProcess, picture

# What it answers.


def test_a_palette_has_the_shape_of_the_command_line(server, place, tmp_path):
    file = tmp_path / "still.png"
    file.write_bytes(picture(TEAL, ROSE))
    (printed,) = json.loads(place.run("palette", str(file), "--format", "json", "-n", "3").stdout)
    answer = server.ask("POST", "/api/palette?n=3&name=still.png", file.read_bytes())
    assert answer.headers["Content-Type"] == "application/json"
    (answered,) = answer.json()
    assert {**printed, "image": "still.png"} == answered
    assert [one["rgb"] for one in answered["swatches"]] == [[31, 78, 78], [250, 2, 128]]
    rose = answered["swatches"][1]
    assert rose["hsl"] == "hsl(330 98% 49%)"
    assert Color(rose["oklch"]).delta_e(Color(rose["hex"]), method="2000") < 0.2
    assert rose["contrast"] == pytest.approx([Color(rose["hex"]).contrast(other) for other in ("white", "black")], 0.01)


def test_a_form_is_taken_as_a_body_is(server):
    boundary = "frame"
    parts = [
        b'Content-Disposition: form-data; name="n"\r\n\r\n1',
        b'Content-Disposition: form-data; name="picture"; filename="a b.png"\r\nContent-Type: image/png\r\n\r\n'
        + picture(TEAL),
    ]
    body = b"".join(b"--frame\r\n" + part + b"\r\n" for part in parts) + b"--frame--\r\n"
    answer = server.ask("POST", "/api/palette", body, Content_Type=f"multipart/form-data; boundary={boundary}")
    (found,) = answer.json()
    assert found["image"] == "a b.png"
    assert [one["hex"] for one in found["swatches"]] == ["#1f4e4e"]


@pytest.mark.parametrize(
    "method", ["cinepalette", "kmeans-rgb", "kmeans-hsv", "agglomerative-rgb", "agglomerative-hsv"]
)
def test_every_method_finds_the_two_colors(server, method):
    (found,) = server.ask("POST", f"/api/palette?method={method}&n=2&sort=share", picture(TEAL, TEAL, ROSE)).json()
    assert [one["hex"] for one in found["swatches"]] == ["#1f4e4e", "#fa0280"]


def test_brightness_limits_leave_colors_out(server):
    (found,) = server.ask("POST", "/api/palette?brightest=50", picture(TEAL, ROSE)).json()
    assert [one["hex"] for one in found["swatches"]] == ["#1f4e4e"]


@pytest.mark.parametrize("form", FORMATS)
def test_every_swatch_file_is_the_one_that_the_command_writes(server, place, tmp_path, form):
    file, target = tmp_path / "still.png", tmp_path / "written"
    file.write_bytes(picture(TEAL, ROSE))
    assert place.run("palette", str(file), "--format", form, "-o", str(target)).returncode == 0
    answer = server.ask("POST", f"/api/palette?format={form}&name=still.png", file.read_bytes())
    assert answer.status == 200
    assert answer.body.replace(b"still.png", str(file).encode()) == target.read_bytes() or form in {
        "html",
        "svg",
        "ase",
    }
    assert answer.body != b""


def test_sessions_stills_pictures_and_swatch_files(server, place, session):
    (listed,) = json.loads(place.run("sessions", "--json").stdout)
    answered = server.ask("GET", session).json()
    assert {name: answered[name] for name in listed} == listed
    stills = server.ask("GET", f"{session}/stills").json()
    printed = json.loads(place.run("stills", "--json").stdout)
    assert [{name: one[name] for name in printed[0]} for one in stills] == printed
    shown = server.ask("GET", stills[0]["picture"])
    assert shown.headers["Content-Type"] == "image/png"
    assert shown.body == Path(stills[0]["still"]).read_bytes()
    small = server.ask("GET", f"{session}/stills/1/small")
    assert Image.open(io.BytesIO(small.body)).size == (1280, 720)
    (folder,) = place.sessions()
    assert server.ask("GET", f"{session}/palette?format=gpl").body == (folder / "palette.gpl").read_bytes()
    assert server.ask("GET", f"{session}/palette?format=procreate").body[:2] == b"PK"
    (second,) = server.ask("GET", f"{session}/stills/2/palette").json()
    assert second["swatches"] == stills[1]["swatches"]
    assert server.ask("GET", f"{session}/collage").body == (folder / "collage.png").read_bytes()
    assert server.ask("GET", "/api/stills/newest").json()["n"] == 2


def test_the_old_programs_addresses_answer_for_a_still_and_for_a_body(server, place):
    (folder,) = place.sessions()
    path = f"{folder.name}/stills/0001.png".replace(" ", "%20").replace("ä", "%C3%A4")
    assert server.ask("GET", f"/?url={path}").json()["clusters"][0] == [31, 78, 78]
    assert server.ask("GET", f"/palette-url?url={path}").json()["palette_url"].startswith("https://coolors.co/1f4e4e-")
    link = {"palette_url": "https://coolors.co/1f4e4e-fa0280"}
    assert server.ask("POST", "/palette-url", picture(TEAL, ROSE)).json() == link
    for address in ("/?url=http://example.org/a.png", "/palette-url?url=https://example.org/a.png", "/palette-url"):
        refused = server.ask("GET", address)
        assert refused.status == 400
        assert "fetches no address" in refused.json()["detail"]


def test_a_picture_goes_into_a_session_as_add_takes_it(server, place, session):
    before = len(server.ask("GET", "/api/sessions").json())
    added = server.ask("POST", "/api/stills?title=Lamps&name=lamp.png", picture(TEAL, ROSE))
    assert added.status == 201
    assert added.json()["n"] == 1
    again = server.ask("POST", f"/api/stills?session={added.json()['id']}&name=..%2F..%2Flamp.png", picture(ROSE))
    assert again.json()["n"] == 2
    assert len(server.ask("GET", "/api/sessions").json()) == before + 1
    assert (place.output / added.json()["name"] / "collage.png").is_file()
    assert not list(place.output.parent.glob("lamp*"))
    assert server.ask("POST", "/api/stills?session=s000000000000", picture(TEAL)).status == 404
    for number, name in enumerate(("%F0%9F%8C%87" * 120, "..", "%00%0a", "a%5C..%5Cb.png"), 3):
        odd = server.ask("POST", f"/api/stills?session={added.json()['id']}&name={name}", picture(ROSE, SAND))
        assert (odd.status, odd.json()["n"]) == (201, number)


def test_the_description_names_every_address_and_every_address_is_described(server):
    description = server.ask("GET", "/api/openapi.json").json()
    assert description["openapi"] == "3.1.0"
    for path, methods in description["paths"].items():
        real = path.replace("{id}", "s000000000000").replace("{n}", "1")
        for method in methods:
            if real != "/api/events":
                answer = server.ask(method.upper(), real, b"" if method == "post" else None)
                assert answer.status != 405, path
                assert answer.status in {200, 400, 404, 422}, path
                if answer.status != 200:
                    assert answer.headers["Content-Type"] == "application/problem+json"
                    assert answer.json().keys() == {"type", "title", "status", "detail"}


def test_what_is_answered_is_what_is_described(server, session):
    schemas = server.ask("GET", "/api/openapi.json").json()["components"]["schemas"]

    def keys(name: str) -> set[str]:
        return set(schemas[name]["properties"])

    assert server.ask("GET", session).json().keys() == keys("Session")
    for still in server.ask("GET", f"{session}/stills").json():
        assert still.keys() == keys("Still")
        for swatch in still["swatches"]:
            assert swatch.keys() == keys("Swatch")
    assert server.ask("GET", f"{session}/stills/77/picture").json().keys() == keys("Problem")
    (found,) = server.ask("POST", "/api/palette", picture(TEAL)).json()
    assert found.keys() <= set(schemas["Palettes"]["items"]["properties"])


def test_two_sessions_of_one_title_are_two(server, place, tmp_path):
    file = tmp_path / "still.png"
    file.write_bytes(picture(SAND))
    for name in ("Twins", "Others"):
        assert place.run("add", "--session", name, str(file)).returncode == 0
    assert place.run("rename", "--session", "Others", "Twins").returncode == 0
    twins = [one for one in server.ask("GET", "/api/sessions").json() if one["title"] == "Twins"]
    assert len({one["id"] for one in twins}) == 2
    for one in twins:
        assert server.ask("GET", f"/api/sessions/{one['id']}").json() == one


# The process.


def test_it_listens_on_this_machine_only_and_the_port_is_its_own(server, place):
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.2", server.port), timeout=1)
    taken = place.run("serve", "--port", str(server.port))
    assert taken.returncode == 2
    assert taken.stderr.startswith(f"cinepalette: port {server.port}: cannot be used (Address already in use)")
    assert "--port" in taken.stderr
    assert len(taken.stderr.splitlines()) == 1


def test_it_stops_within_two_seconds_of_ctrl_c_with_a_stream_open(place):
    server = ServerProcess(place.environment)
    try:
        server.ask("POST", "/api/palette", picture(TEAL))  # its worker runs, too
        with socket.create_connection(("127.0.0.1", server.port), timeout=30) as stream:
            head = f"GET /api/events HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n"
            stream.sendall(f"{head}Authorization: Bearer {server.token}\r\n\r\n".encode())
            assert b"200" in stream.recv(100)
            begun = time.monotonic()
            assert server.interrupt() == 0
            assert time.monotonic() - begun < 2
        out, errors = server.process.communicate()
        assert (out, errors) == ("", "")
    finally:
        server.stop()


def test_a_stream_reports_a_change_that_a_command_makes(server, place, session):
    heard: list[bytes] = []
    ready = threading.Event()

    def listen() -> None:
        with socket.create_connection(("127.0.0.1", server.port), timeout=30) as stream:
            head = f"GET /api/events HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n"
            stream.sendall(f"{head}Authorization: Bearer {server.token}\r\n\r\n".encode())
            while b"event: touched" not in b"".join(heard):
                heard.append(stream.recv(65536))
                if b"event: listing" in b"".join(heard):
                    ready.set()

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    assert ready.wait(20)
    assert place.run("rename", "--session", "Nausicaä", "Kaze").returncode == 0
    thread.join(20)
    assert b"Kaze" in b"".join(heard)
    assert place.run("undo", "--session", "Kaze").returncode == 0


@pytest.mark.parametrize("answered", [True, False], ids=["answered", "no daemon"])
def test_the_worker_rests_from_a_key_until_its_answer(tmp_path, monkeypatch, answered):
    monkeypatch.setattr(worker, "_REST_S", 30.0 if answered else 0.1)
    reply = tmp_path / "replies" / "vlc-0001.json"
    reply.parent.mkdir()
    for folder in (tmp_path, reply.parent):
        os.utime(folder, (0, 0))
    begun = time.monotonic()
    with worker.resting_for_keys(tmp_path):
        (tmp_path / "vlc-0001.bmp").write_bytes(b"BM")
        daemon = threading.Timer(0.1, lambda: reply.write_text("{}"))
        if answered:
            daemon.start()
        while time.monotonic() < begun + 0.05:
            pass  # the work
    assert reply.exists() == answered
    assert time.monotonic() >= begun + 0.1


def test_without_its_packages_it_says_how_to_get_them(monkeypatch, capsys):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert line.main(["serve"]) == 2
    words = capsys.readouterr().err
    assert "pip install python-multipart starlette uvicorn" in words
    assert len(words.splitlines()) == 1


def test_many_pictures_at_a_time_all_get_their_palette(server):
    rng = np.random.default_rng(1)
    bodies = [picture(*(tuple(int(c) for c in rng.integers(0, 256, 3)) for _ in range(4))) for _ in range(20)]
    answers: list[int] = []
    threads = [
        threading.Thread(target=lambda body=body: answers.append(server.ask("POST", "/api/palette", body).status))
        for body in bodies
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [200] * len(bodies)
    wait_for(lambda: server.ask("GET", "/api/sessions").status == 200, "the next answer")
