"""The plugin in a real VLC: real keys in, stills with their sidecars out. The daemon is played by a stand-in."""

import contextlib
import http.server
import itertools
import shutil
import threading
import time
import wave
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from cinepalette.inbox.sidecar import sidecar_from
from cinepalette.picture import reading, truth
from real_vlc import (
    VLC,
    Desktop,
    FakeDaemon,
    give,
    mux,
    read_counter,
    wait_for,
    write_bitmap_subtitle,
    write_film,
)

RATE = 25
COLORS = ((200, 60, 40), (40, 160, 60), (30, 60, 180), (230, 220, 200), (20, 20, 24))
SIZE = (640, 360)


@pytest.fixture(scope="module")
def desktop():
    with Desktop() as desktop:
        yield desktop


@pytest.fixture(scope="module")
def films(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("films")


@pytest.fixture(scope="module")
def film(films) -> Path:
    return write_film(films / "Bars.mp4", seconds=60, size=SIZE, colors=COLORS, metadata={"title": "Five Bars"})


@pytest.fixture(scope="module")
def vlc(desktop, film):
    """One VLC with a film for many tests; each looks at what is new."""
    with VLC(desktop, film) as vlc, FakeDaemon(vlc.inbox):
        yield vlc.wait_playing()


def rgb_of(vlc: VLC, still: Path) -> np.ndarray:
    """The still as it was on the screen, (height, width, 3)."""
    found = sidecar_from(vlc.sidecar(still))
    sidecar, notes = found.sidecar, found.notes
    assert not notes
    return truth.from_planes(reading.read_planes(still), sidecar)[0]


def frame_s(vlc: VLC, still: Path) -> float:
    """Where in the film the still's frame is, by the number drawn in it."""
    return read_counter(rgb_of(vlc, still)) / RATE


def quiet(vlc: VLC) -> list[Path]:
    """Waits until no key can be taken for a repeat of one before, and gives the stills so far."""
    before = vlc.stills()
    if before:
        wait_for(lambda: time.time() - before[-1].with_suffix(".json").stat().st_mtime > 1.2, "a quiet second")
    return before


def test_nine_presses_are_nine_stills_each_with_its_frame_its_film_and_its_moment(vlc):
    before = len(quiet(vlc))
    for number in range(1, 10):
        vlc.desktop.press("shift+c")
        vlc.wait_stills(before + number)
    stills = vlc.stills()[before:]
    assert len(stills) == len(vlc.pictures()) - before == 9
    for still in stills:
        written = vlc.sidecar(still)
        assert written["v"] == 1
        assert written["player"].startswith("vlc 3.")
        assert written["title"] == "Five Bars"
        assert written["uri"].startswith("file:///") and written["uri"].endswith("Bars.mp4")
        assert written["duration_s"] == pytest.approx(60, abs=0.1)
        assert written["time_s"] == pytest.approx(frame_s(vlc, still), abs=0.15)
        assert written["video"] == {
            "width": 640,
            "height": 360,
            "matrix": "bt709",
            "transfer": "bt709",
            "primaries": "bt709",
            "orientation": "top-left",
            "frame_rate": 25,
            "chroma": "I420",
        }
        sidecar = sidecar_from(written).sidecar
        assert abs(sidecar.taken_at.timestamp() - still.stat().st_mtime) < 0.5
    numbers = [frame_s(vlc, still) for still in stills]
    assert numbers == sorted(set(numbers))


def test_the_colors_are_those_of_the_film(vlc):
    before = len(quiet(vlc))
    vlc.desktop.press("shift+c")
    still = vlc.wait_stills(before + 1)[-1]
    row = rgb_of(vlc, still)[200, 64::128].astype(int)
    assert np.abs(row - np.array(COLORS)).max() <= 3


def test_the_daemons_answer_is_shown_to_the_viewer_and_cleared_away(vlc):
    quiet(vlc)
    before = vlc.log().count("answered")
    vlc.desktop.press("F12")
    wait_for(lambda: vlc.log().count("answered") > before, "the message")
    wait_for(lambda: not list(vlc.replies.glob("*.json")), "the replies to be cleared")


def test_two_presses_fifty_milliseconds_apart_are_two_stills(vlc):
    before = len(quiet(vlc))
    vlc.desktop.press("shift+c", "shift+c", apart_s=0.05)
    stills = vlc.wait_stills(before + 2)[before:]
    assert len(stills) == 2


def test_a_key_held_down_is_one_still(vlc):
    before = len(quiet(vlc))
    vlc.desktop.hold("shift+c", 1.5)
    # The next press shows that the key is open again, and that all repeats have been seen.
    vlc.wait_stills(before + 1)
    vlc.desktop.press("F12")
    vlc.wait_stills(before + 2)
    assert len(vlc.stills()) == before + 2
    assert len(vlc.pictures()) == before + 2


def test_a_burst_of_five_with_two_of_them_close_together_is_five_stills(vlc):
    before = len(quiet(vlc))
    vlc.desktop.press(*["shift+c"] * 5, apart_s=[0.5, 0.45, 0.05, 0.7])
    assert len(vlc.wait_stills(before + 5)) == before + 5


def test_in_fullscreen_and_paused_the_still_is_the_frame_on_the_screen(vlc):
    before = len(quiet(vlc))
    vlc.rc("f on")
    try:
        vlc.rc("pause")
        time.sleep(0.3)  # VLC updates its position a last time while it pauses
        vlc.desktop.press("shift+c")
        still = vlc.wait_stills(before + 1)[-1]
        assert vlc.sidecar(still)["time_s"] == pytest.approx(frame_s(vlc, still), abs=0.15)
    finally:
        vlc.rc("pause")
        vlc.rc("f off")


def test_the_whole_frame_is_kept_where_the_viewer_has_cropped_it(vlc):
    before = len(quiet(vlc))
    vlc.rc("vcrop 1:1")
    vlc.desktop.press("shift+c")
    still = vlc.wait_stills(before + 1)[-1]
    assert rgb_of(vlc, still).shape == (360, 640, 3)
    assert "1:1" in [line.split()[1] for line in vlc.rc("vcrop").splitlines() if "*" in line]
    vlc.rc("vcrop 16:9")


def test_the_viewers_own_snapshots_go_on_as_before(desktop, film):
    with VLC(desktop, film, vlcrc={"snapshot-format": "jpg", "snapshot-prefix": "mine-"}) as vlc, FakeDaemon(vlc.inbox):
        (vlc.home / "shots").mkdir()
        vlc.kill()
        vlc.vlcrc.write_text(vlc.vlcrc.read_text() + f"snapshot-path={vlc.home / 'shots'}\n")
        give(vlc.home)
        vlc.start()
        vlc.wait_playing()
        desktop.press("shift+c")
        vlc.wait_stills(1)
        desktop.press("shift+s")
        wait_for(lambda: list((vlc.home / "shots").glob("mine-*.jpg")), "the viewer's snapshot")
        assert len(vlc.pictures()) == 1


def test_undo_redo_and_new_ask_the_daemon(desktop, film):
    with VLC(desktop, film, settings={"keys": {"new": ["shift+n"]}}) as vlc, FakeDaemon(vlc.inbox) as daemon:
        vlc.wait_playing()
        for key, do in (("u", "undo"), ("y", "redo"), ("shift+n", "new")):
            desktop.press(key)
            wait_for(lambda do=do: [each for each in daemon.seen.values() if each.get("do") == do], do)
        wait_for(lambda: vlc.log().count("answered") == 3, "the answers")


@pytest.mark.parametrize("language", ["de", "ja"])
def test_the_sidecar_is_the_same_in_every_language_of_vlc(desktop, films, language):
    hdr = films / "Breit.mkv"
    if not hdr.exists():
        write_film(hdr, seconds=10, pix_fmt="yuv420p10le", tags=(9, 9, 16), chapters=["Anfang", "Ende"])
    with VLC(desktop, hdr, language=language) as vlc, FakeDaemon(vlc.inbox):
        vlc.wait_playing()
        desktop.press("shift+c")
        [still] = vlc.wait_stills(1)
        assert vlc.sidecar(still)["chapter"] == "Anfang"
        assert vlc.sidecar(still)["video"] == {
            "width": 640,
            "height": 360,
            "matrix": "bt2020",
            "transfer": "pq",
            "primaries": "bt2020",
            "orientation": "top-left",
            "frame_rate": 25,
            "chroma": "I0AL",
        }


def test_no_subtitle_is_in_a_still_and_the_viewers_track_is_on_again(desktop, films):
    plain = write_film(films / "plain.mkv", seconds=60, size=SIZE, colors=COLORS)
    film = mux(films / "Subtitled.mkv", plain, write_bitmap_subtitle(films / "s.sup", size=SIZE, start_s=0.2, end_s=59))
    line = "A LINE THAT NOBODY WANTS IN A STILL"
    film.with_suffix(".srt").write_text(f"1\n00:00:00,200 --> 00:00:59,000\n{line}\n")
    film.with_suffix(".ass").write_text(
        "[Script Info]\nScriptType: v4.00+\nPlayResX: 640\nPlayResY: 360\n\n[V4+ Styles]\n"
        "Format: Name, Fontname, Fontsize, PrimaryColour, Alignment, MarginV\n"
        "Style: Default,Sans,28,&H00FFFFFF,2,20\n\n[Events]\n"
        "Format: Layer, Start, End, Style, Text\n"
        f"Dialogue: 0,0:00:00.20,0:00:59.00,Default,{line}\n"
    )

    def foreign(picture: np.ndarray) -> int:
        """Pixels in the lower half that are not of the upright bars."""
        lower = picture[picture.shape[0] // 2 :].astype(int).mean(axis=2)
        return int((np.abs(lower - np.median(lower, axis=0)) > 24).sum())

    def on_screen() -> int:
        return foreign(np.asarray(desktop.screenshot())[40:-40])

    with VLC(desktop, film, vlcrc={"sub-autodetect-file": "1"}) as vlc, FakeDaemon(vlc.inbox, {"text": ""}):
        vlc.wait_playing()
        vlc.rc("f on")
        tracks = wait_for(lambda: len(found := _tracks(vlc)) >= 3 and found, "three subtitle tracks")
        assert len(tracks) == 3
        count = itertools.count(1)
        for track in tracks:
            vlc.rc(f"strack {track}")
            vlc.rc("seek 0")
            wait_for(lambda: on_screen() > 200, f"the subtitle of track {track}")
            for pause in (False, True):
                if pause:
                    vlc.rc("seek 0")
                    wait_for(lambda: on_screen() > 200, f"the subtitle of track {track}")
                    vlc.rc("pause")
                desktop.press("shift+c")
                still = vlc.wait_stills(next(count))[-1]
                assert foreign(rgb_of(vlc, still)) == 0, (track, pause)
                if pause:
                    vlc.rc("pause")
                wait_for(lambda track=track: _selected(vlc) == track, "the viewer's track")


def _tracks(vlc: VLC) -> list[str]:
    lines = [line.strip("| ").split() for line in vlc.rc("strack").splitlines() if " - " in line]
    return [words[0] for words in lines if words[0] != "-1"]


def _selected(vlc: VLC) -> str | None:
    return next((line.strip("| ").split()[0] for line in vlc.rc("strack").splitlines() if line.endswith("*")), None)


def test_subtitles_stay_where_the_viewer_wants_them_in_the_still(desktop, films):
    film = write_film(films / "Kept.mp4", seconds=30, size=SIZE, colors=COLORS)
    film.with_suffix(".srt").write_text("1\n00:00:00,100 --> 00:00:29,000\nA LINE TO KEEP\n")
    with VLC(desktop, film, settings={"subtitles": "keep"}) as vlc, FakeDaemon(vlc.inbox):
        vlc.wait_playing()
        wait_for(lambda: vlc.time_s() >= 1, "the line")
        desktop.press("shift+c")
        [still] = vlc.wait_stills(1)
        lower = rgb_of(vlc, still)[200:].astype(int).mean(axis=2)
        assert (np.abs(lower - np.median(lower, axis=0)) > 24).sum() > 200


def test_a_playlist_that_moves_on_and_a_stream_without_a_name(desktop, films, film):
    second = write_film(films / "Next: Film.mp4", seconds=30, size=(320, 240), colors=COLORS)

    class Nameless(http.server.SimpleHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "video/x-matroska")
            self.end_headers()
            with contextlib.suppress(OSError):
                self.wfile.write(stream.read_bytes())

        def log_message(self, *_):
            pass

    stream = write_film(films / "stream.mkv", seconds=30, size=(320, 240), colors=COLORS)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Nameless)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://user:secret@127.0.0.1:{server.server_address[1]}/live?id=7"
    try:
        with VLC(desktop, film, second, address) as vlc, FakeDaemon(vlc.inbox):
            vlc.wait_playing()
            desktop.press("shift+c")
            vlc.wait_stills(1)
            for count, shape in ((2, "320"), (3, "320")):
                vlc.rc("next")
                vlc.desktop.press("shift+c")  # in the middle of the change: a still of one film or a word, no harm
                wait_for(lambda: vlc.displayed_frames() > 2 and vlc.time_s() >= 1, "the next film", 30)
                quiet(vlc)
                before = len(vlc.stills())
                desktop.press("shift+c")
                still = vlc.wait_stills(before + 1)[-1]
                written = vlc.sidecar(still)
                assert str(written["video"]["width"]) == shape
                assert written["title"] == {2: "Next: Film", 3: "live"}[count]
                assert "secret" not in written["uri"]
            assert vlc.quit() < 2
    finally:
        server.shutdown()


def test_without_a_picture_the_viewer_reads_so_and_nothing_is_written(desktop, films):
    sound = films / "Sound.wav"
    with wave.open(str(sound), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(16000 * 20))
    with VLC(desktop, sound, vlcrc={"audio": "1", "aout": "adummy"}) as vlc:
        vlc.focus()
        wait_for(lambda: vlc.rc("is_playing").startswith("1"), "the sound")
        # The window may not listen yet: there is no film whose frames would show that it does.
        wait_for(
            lambda: desktop.press("shift+c") or "there is no picture to take" in vlc.log(), "the message", step_s=0.5
        )
        vlc.rc("stop")
        wait_for(lambda: vlc.rc("is_playing").startswith("0"), "the stop")
        desktop.press("F12")
        wait_for(lambda: "Nothing is playing" in vlc.log(), "the message")
        assert not list(vlc.inbox.glob("vlc-*"))
        assert vlc.quit() < 2


def test_the_inbox_is_made_and_one_that_cannot_be_written_is_reported(desktop, film):
    with VLC(desktop, film) as vlc:
        vlc.wait_playing()
        shutil.rmtree(vlc.inbox.parent)
        desktop.press("shift+c")
        vlc.wait_stills(1)
        # Nobody answers: the viewer hears that too, and the still is there all the same.
        wait_for(lambda: "Saved. The palette daemon is not running: cinepalette start" in vlc.log(), "the message")
        vlc.inbox.chmod(0o555)
        desktop.press("shift+c")
        wait_for(lambda: f"No still: cannot write to {vlc.inbox}" in vlc.log(), "the message")
        vlc.inbox.chmod(0o755)
        desktop.press("u")
        wait_for(lambda: vlc.log().count("The palette daemon is not running: cinepalette start") == 2, "the message")
        assert len(vlc.stills()) == 1


def test_a_format_that_vlc_cannot_write_is_not_asked_for_again_and_no_picture_at_all_is_reported(desktop, film):
    with VLC(desktop, film, settings={"formats": ["xcf", "bmp"]}) as vlc, FakeDaemon(vlc.inbox):
        vlc.wait_playing()
        for count in (1, 2):
            vlc.focus()  # which VLC's own window of errors takes away
            desktop.press("shift+c")
            assert vlc.wait_stills(count)[-1].suffix == ".bmp"
        assert vlc.log().count("no suitable encoder") == 1
    with VLC(desktop, film, settings={"formats": ["xcf"]}) as vlc, FakeDaemon(vlc.inbox) as daemon:
        vlc.wait_playing()
        desktop.press("shift+c")
        [written] = wait_for(lambda: list(daemon.seen.values()), "a sidecar without a picture")
        assert written["failed"] is True  # a daemon can still find the frame in the film
        assert written["title"] == "Five Bars"
        assert written["time_s"] >= 0
        assert not vlc.pictures()


def test_a_dvd_with_odd_rows_costs_no_other_film_its_planes(desktop, films, film):
    dvd = write_film(films / "DVD.mkv", seconds=30, size=(720, 480), matrix="bt601", aspect=Fraction(32, 27))
    with VLC(desktop, dvd, film) as vlc, FakeDaemon(vlc.inbox):
        vlc.wait_playing()
        for count in (1, 2):
            desktop.press("shift+c")
            assert vlc.wait_stills(count)[-1].suffix == ".bmp"
        assert vlc.log().count("Failed to convert image for snapshot") == 1
        vlc.rc("next")
        wait_for(lambda: "Five Bars" in vlc.rc("get_title") and vlc.displayed_frames() > 2, "the next film")
        desktop.press("shift+c")
        assert vlc.wait_stills(3)[-1].suffix == ".pgmyuv"


def test_another_add_on_and_the_web_interface_run_beside_it(desktop, film):
    lines = {
        "extraintf": 'oldrc:luaintf:http:luaintf{intf="cinepalette"}',
        "lua-intf": "other",
        "http-password": "x",
        "http-port": "0",
    }
    with VLC(desktop, film, vlcrc=lines) as vlc, FakeDaemon(vlc.inbox):
        other = vlc.lua / "intf" / "other.lua"
        vlc.kill()
        other.write_text(
            'vlc.msg.info("the other add-on runs")\nwhile true do vlc.misc.mwait(vlc.misc.mdate() + 100000) end\n'
        )
        give(vlc.home)
        vlc.start()
        vlc.wait_playing()
        desktop.press("shift+c")
        vlc.wait_stills(1)
        assert "the other add-on runs" in vlc.log()
        assert vlc.quit() < 2


@pytest.mark.parametrize("state", ["playing", "waiting for an answer", "in the middle of a shot", "stopped"])
def test_vlc_quits_at_once(desktop, film, state):
    with VLC(desktop, film) as vlc:
        vlc.wait_playing()
        if state == "waiting for an answer":
            desktop.press("shift+c")
            vlc.wait_stills(1)
        if state == "stopped":
            vlc.rc("stop")
        if state == "in the middle of a shot":
            desktop.press("shift+c", "ctrl+q")
            assert vlc._gone(time.monotonic(), 10) < 2
        else:
            assert vlc.quit() < 2
        assert vlc.process.returncode == 0


def test_the_listener_costs_less_than_a_hundredth_of_a_core(desktop):
    with VLC(desktop) as vlc:
        vlc.focus()
        wait_for(lambda: "cinepalette" not in vlc.log() and vlc.rc("status"), "VLC")

        def spent_ns() -> int:
            tasks = Path(f"/proc/{vlc.process.pid}/task").iterdir()
            return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks)

        best = 1.0
        for _ in range(4):
            begin, before = time.monotonic_ns(), spent_ns()
            time.sleep(1)
            best = min(best, (spent_ns() - before) / (time.monotonic_ns() - begin))
        assert best < 0.01
