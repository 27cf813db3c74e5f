"""A frame out of the film itself: the right one, in its true colors, upright, with square pixels."""

import json
import os
import shutil
import socket
from fractions import Fraction

import av
import numpy as np
import pytest
from cinepalette.color import difference, spaces
from cinepalette.errors import UnreadableImage
from cinepalette.model import Step
from cinepalette.picture import decoding, reading, writing
from daemon_process import DaemonProcess
from real_vlc import bars, coded, read_counter, write_film

COLORS = ((200, 60, 40), (40, 160, 60), (30, 60, 180), (230, 220, 200), (128, 128, 128))


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    """3 s at 25 frames a second, a key frame every second, each frame numbered."""
    return write_film(tmp_path_factory.mktemp("films") / "Bars.mp4", seconds=3, colors=COLORS)


def colors_of(rgb: np.ndarray) -> np.ndarray:
    """The middles of the five bars."""
    height, width = rgb.shape[:2]
    return rgb[height * 3 // 4, width // 10 :: width // 5].astype(float)


def delta_e(rgb) -> np.ndarray:
    return difference.delta_e_2000(spaces.lab_from_srgb(rgb), spaces.lab_from_srgb(np.array(COLORS, float)))


@pytest.mark.parametrize(("time_s", "number"), [(0.0, 0), (0.04, 1), (1.22, 30), (2.0, 50), (2.97, 74), (99.0, 74)])
def test_the_frame_is_the_one_on_screen_at_that_moment(film, time_s, number):
    frame = decoding.frame_at(film, time_s)
    assert read_counter(frame.rgb) == number
    assert frame.time_s == pytest.approx(number / 25, abs=0.001)
    assert frame.steps[0] == Step("from-film")


@pytest.mark.parametrize("matrix", ["bt601", "bt709"])
def test_its_colors_are_true(tmp_path, matrix):
    film = write_film(tmp_path / "Bars.mkv", seconds=0.4, colors=COLORS, matrix=matrix)
    frame = decoding.frame_at(film, 0.2)
    assert delta_e(colors_of(frame.rgb)).max() <= 1.0
    assert frame.steps[-1] == Step("decoded", matrix=matrix)


def test_ten_bits_are_read_as_ten_bits(tmp_path):
    film = write_film(tmp_path / "Bars.mkv", seconds=0.4, colors=COLORS, pix_fmt="yuv420p10le")
    assert delta_e(colors_of(decoding.frame_at(film, 0.2).rgb)).max() <= 1.0


def write_lying(path, *, aspect=None):
    """A film of two bars whose pixels are not square."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        stream.codec_context.sample_aspect_ratio = aspect
        frame = av.VideoFrame.from_ndarray(coded(bars((320, 240), COLORS[:2])), format="yuv420p")
        for _ in range(5):
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


@pytest.mark.parametrize(("aspect", "shape"), [("4/3", (240, 427, 3)), ("3/4", (320, 320, 3))])
def test_pixels_become_square(tmp_path, aspect, shape):
    film = write_lying(tmp_path / "wide.mkv", aspect=Fraction(aspect))
    assert decoding.frame_at(film, 0).rgb.shape == shape


def test_a_still_finds_its_frame(film):
    wanted = decoding.frame_at(film, 1.2)
    # The player's clock is a little off, its picture a little different.
    other = np.clip(wanted.rgb.astype(int) + 2, 0, 255).astype(np.uint8)
    assert read_counter(decoding.matching_frame(film, 1.33, other).rgb) == 30


def test_another_picture_finds_no_frame(film):
    turned = np.ascontiguousarray(decoding.frame_at(film, 1.2).rgb[:, ::-1])
    assert decoding.matching_frame(film, 1.2, turned) is None
    assert decoding.matching_frame(film, 1.2, np.full((360, 640, 3), 90, np.uint8)) is None
    assert decoding.matching_frame(film, 1.2, np.full((640, 360, 3), 90, np.uint8)) is None


def test_interlaced_video_has_no_combs(tmp_path):
    path = tmp_path / "interlaced.mkv"
    with av.open(str(path), "w") as container:
        options = {"qp": "0", "preset": "ultrafast", "x264-params": "tff=1"}
        stream = container.add_stream("libx264", rate=25, options=options)
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        for number in range(10):
            gray = np.full((240, 320), 60, np.uint8)
            for line in range(240):
                left = 40 + 12 * (2 * number + line % 2)
                gray[line, left : left + 40] = 200
            frame = av.VideoFrame.from_ndarray(np.vstack([gray, np.full((120, 320), 128, np.uint8)]), format="yuv420p")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    luma = decoding.frame_at(path, 0.2).rgb[..., 1].astype(int)
    combs = np.abs(luma[1:-1] - (luma[:-2] + luma[2:]) / 2).mean()
    assert combs < 1.0


def test_what_is_no_film_is_refused_with_a_reason(tmp_path, film):
    text = tmp_path / "notes.mkv"
    text.write_text("no film at all")
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(film.read_bytes()[:3000])
    sound = tmp_path / "sound.wav"
    with av.open(str(sound), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8000, layout="mono")
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), format="s16", layout="mono")
        silence.sample_rate = 8000
        container.mux(stream.encode(silence))
    strange = tmp_path / "strange.mp4"
    strange.write_bytes(film.read_bytes().replace(b"avc1", b"none"))
    for path in (text, cut, sound, strange, tmp_path / "gone.mkv"):
        with pytest.raises(UnreadableImage) as caught:
            decoding.frame_at(path, 1.0)
        assert path.name in str(caught.value)


# When the player fails


@pytest.fixture
def daemon(tmp_path):
    process = DaemonProcess(tmp_path)
    process.start()
    yield process
    process.stop()


def kept(daemon) -> np.ndarray:
    """The one still, once it is written."""
    daemon.wait_until_kept()
    [folder] = daemon.sessions()
    [still] = (folder / "stills").iterdir()
    return reading.read(still).rgb


def sidecar_of(film, **more) -> str:
    video = {"width": 640, "height": 360, "matrix": "bt709"}
    return json.dumps(
        {"v": 1, "player": "vlc 3.0.24", "title": "Bars", "uri": film.as_uri(), "time_s": 1.22, "video": video, **more}
    )


def test_a_still_that_the_player_could_not_take_comes_from_the_film(daemon, film):
    (daemon.inbox / "vlc-1.json").write_text(sidecar_of(film, failed=True))
    answer = daemon.reply("vlc-1")
    assert answer["ok"] and answer["text"].endswith("taken from the film itself")
    assert delta_e(colors_of(kept(daemon))).max() <= 1.0
    assert daemon.session()["stills"][0]["correction"][0] == {"step": "from-film"}


def test_a_green_frame_is_replaced_by_the_films_own(daemon, film):
    writing.write_png(daemon.inbox / "vlc-1.png", np.full((360, 640, 3), (0, 135, 0), np.uint8))
    (daemon.inbox / "vlc-1.json").write_text(sidecar_of(film))
    assert daemon.reply("vlc-1")["ok"]
    assert read_counter(kept(daemon)) == 30


def test_the_viewer_reads_when_there_is_no_still_at_all(daemon):
    (daemon.inbox / "vlc-1.json").write_text(
        json.dumps({"v": 1, "player": "vlc 3.0.24", "uri": "https://example.org/live", "time_s": 3, "failed": True})
    )
    answer = daemon.reply("vlc-1")
    assert not answer["ok"] and "could not be taken" in answer["text"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "list.m3u8",
            "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nhttp://127.0.0.1:{port}/part.ts\n#EXT-X-ENDLIST\n",
        ),
        (
            "list.mkv",
            "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nhttp://127.0.0.1:{port}/part.ts\n#EXT-X-ENDLIST\n",
        ),
        ("list.ffconcat", "ffconcat version 1.0\nfile 'http://127.0.0.1:{port}/part.ts'\n"),
        ("list.mpd", '<MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><BaseURL>http://127.0.0.1:{port}/</BaseURL></MPD>'),
    ],
)
def test_a_playlist_fetches_nothing(tmp_path, name, text):
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        path = tmp_path / name
        path.write_text(text.format(port=server.getsockname()[1]))
        with pytest.raises(UnreadableImage):
            decoding.frame_at(path, 1.0)
        with pytest.raises(TimeoutError):
            server.accept()


@pytest.mark.parametrize("name", ["http:127.0.0.1", "concat:Bars.mp4", "tcp:0.0.0.0:1", "a b%20c: d.mp4"])
def test_a_film_is_opened_as_a_file_whatever_its_name(tmp_path, film, name):
    shutil.copy(film, tmp_path / name)
    assert read_counter(decoding.frame_at(tmp_path / name, 1.22).rgb) == 30


def test_what_is_no_plain_file_is_no_film(tmp_path):
    os.mkfifo(tmp_path / "pipe.mkv")
    for path, reason in ((tmp_path / "pipe.mkv", "is no file"), (tmp_path, "is a folder"), (tmp_path / "x", "opened")):
        with pytest.raises(UnreadableImage, match=reason):
            decoding.frame_at(path, 1.0)


def test_a_film_that_takes_too_long_is_given_up(film, monkeypatch):
    monkeypatch.setattr(decoding, "_PATIENCE_S", -1.0)
    with pytest.raises(UnreadableImage, match="is not decoded in"):
        decoding.frame_at(film, 1.0)
