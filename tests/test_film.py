"""The whole film: the right frames, in true colors, kept by content; whatever cannot be read is said in one line."""

import errno
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import av
import numpy as np
import pytest
from cinepalette.color import difference, spaces
from cinepalette.command.line import main
from cinepalette.errors import UnopenedFilm, UsageError
from cinepalette.film import many, record, whole
from cinepalette.film.frames import opened
from cinepalette.film.record import Sampling
from cinepalette.film.sampling import Crew, plan, sampled
from cinepalette.picture.truth import ycbcr_from_rgb
from PIL import Image
from real_vlc import coded, write_film

COLORS = ((200, 60, 40), (40, 160, 60), (30, 60, 180), (230, 220, 200))
SECONDS_A_COLOR = 3


def delta_e(one, other) -> np.ndarray:
    return difference.delta_e_2000(
        spaces.lab_from_srgb(np.asarray(one, float)), spaces.lab_from_srgb(np.asarray(other, float))
    )


def write_scenes(
    path: Path,
    colors=COLORS,
    *,
    seconds: float = SECONDS_A_COLOR,
    matrix: str = "bt709",
    full: bool = False,
    pix_fmt: str = "yuv420p",
    gop: int = 25,
    size=(320, 180),
) -> Path:
    """One color after the other, each over the whole frame."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"preset": "ultrafast", "crf": "4", "g": str(gop)})
        stream.width, stream.height = size
        stream.pix_fmt = pix_fmt
        tag = {"bt709": 1, "bt601": 6}[matrix]
        context = stream.codec_context
        context.colorspace, context.color_primaries, context.color_trc = tag, tag, tag
        context.color_range = 2 if full else 1
        for color in colors:
            plane = (
                full_plane(color, size, matrix) if full else coded(np.full((*size[::-1], 3), color, np.uint8), matrix)
            )
            for _ in range(round(seconds * 25)):
                frame = av.VideoFrame.from_ndarray(plane, format="yuv420p")
                container.mux(stream.encode(frame if pix_fmt == "yuv420p" else frame.reformat(format=pix_fmt)))
        container.mux(stream.encode(None))
    return path


def full_plane(color, size, matrix) -> np.ndarray:
    """One color as a full-range Y'CbCr 4:2:0 frame, (height * 3 / 2, width)."""
    luma, blue, red = ycbcr_from_rgb(matrix) @ np.array(color) / 255
    width, height = size
    codes = np.rint(np.array([255 * luma, 128 + 255 * blue, 128 + 255 * red])).astype(np.uint8)
    return np.repeat(codes, [height * width, height * width // 4, height * width // 4]).reshape(-1, width)


def look_at(path: Path, **how) -> record.Record:
    with Crew(1) as crew:
        return sampled(path, Sampling(**how), crew)


def expected(time_s) -> np.ndarray:
    """The color that such a film shows at each moment."""
    return np.array(COLORS)[np.minimum(np.asarray(time_s) / SECONDS_A_COLOR, len(COLORS) - 1).astype(int)]


@pytest.fixture(scope="module")
def film(tmp_path_factory) -> Path:
    return write_scenes(tmp_path_factory.mktemp("films") / "Four Colors.mp4")


@pytest.mark.parametrize(
    "how",
    [
        {},
        {"matrix": "bt601"},
        {"full": True},
        {"full": True, "matrix": "bt601"},
        {"pix_fmt": "yuv420p10le"},
        {"pix_fmt": "yuv444p"},
        {"size": (1280, 720)},
    ],
    ids=str,
)
def test_samples_have_the_colors_of_the_film(tmp_path, how):
    found = look_at(write_scenes(tmp_path / "film.mkv", **how), samples=12)
    assert delta_e(found.swatch_rgb[:, 0], expected(found.time_s)).max() <= 1.0
    assert delta_e(found.mean_rgb, expected(found.time_s)).max() <= 1.0
    assert delta_e(found.color_rgb[found.start[:-1]], expected(found.time_s)).max() <= 1.0


def test_key_frames_are_enough_where_there_are_enough(film):
    found = look_at(film, samples=12)
    assert found.facts.way == "key frames"
    assert found.time_s == pytest.approx(np.round(found.time_s))
    exact = look_at(film, samples=12, exact=True)
    assert exact.facts.way == "exact"
    assert exact.time_s == pytest.approx(np.arange(12) + 0.48, abs=0.001)


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".avi"])
def test_every_key_frame_is_found_where_frames_are_coded_out_of_their_order(tmp_path, suffix):
    """The decoder holds such a frame back until it has seen what follows; the one that was asked for is given."""
    options = {"bf": "3", "g": "25", "x264-params": "open-gop=1:scenecut=0", "preset": "veryfast"}
    path = write_film(tmp_path / f"film{suffix}", seconds=12, codec="libx264", options=options, size=(160, 90))
    with opened(path) as film:
        keys_s = film.key_times()
        found_s = [at_s for at_s, _ in film.key_frames((keys_s + 0.5).tolist())]
    assert len(keys_s) == 12
    assert found_s == pytest.approx(np.arange(12), abs=0.09)


@pytest.mark.parametrize("suffix", [".mkv", ".webm", ".mov", ".ts"])
def test_key_frames_are_found_in_every_container(tmp_path, suffix):
    codec = {".webm": "libvpx"}.get(suffix, "libx264")
    options = {"g": "25", "keyint_min": "25", "deadline": "realtime"} if codec == "libvpx" else None
    path = write_film(tmp_path / f"film{suffix}", seconds=12, codec=codec, options=options, numbered=False)
    found = look_at(path, samples=12)
    assert found.facts.way == "key frames"
    assert len(found) >= 11


def test_exact_decoding_takes_over_where_key_frames_are_rare(tmp_path):
    found = look_at(write_scenes(tmp_path / "film.mp4", gop=1000), samples=12)
    assert found.facts.way == "exact"
    assert len(found) == 12
    assert delta_e(found.swatch_rgb[:, 0], expected(found.time_s)).max() <= 1.0


@pytest.mark.parametrize("suffix", [".ts", ".mkv", ".avi"])
def test_every_container_is_read(tmp_path, suffix):
    """MPEG-TS has no index, AVI no timestamps of its own."""
    path = write_scenes(tmp_path / f"film{suffix}")
    found = look_at(path, samples=12)
    assert len(found) >= 11
    assert found.facts.duration_s == pytest.approx(12, abs=0.2)
    # A frame beside a cut may be on either side of it.
    sure = np.abs(found.time_s % SECONDS_A_COLOR) > 0.1
    assert delta_e(found.swatch_rgb[sure, 0], expected(found.time_s[sure])).max() <= 1.0


def test_an_interlaced_frame_is_of_one_moment(tmp_path):
    path = tmp_path / "film.mkv"
    with av.open(str(path), "w") as container:
        options = {"x264-params": "tff=1", "crf": "4", "g": "5"}
        stream = container.add_stream("libx264", rate=25, options=options)
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        stream.codec_context.colorspace = 1
        stream.codec_context.flags |= 1 << 18  # AV_CODEC_FLAG_INTERLACED_DCT
        luma = coded(np.full((180, 320, 3), COLORS[0], np.uint8))
        other = coded(np.full((180, 320, 3), COLORS[2], np.uint8))
        luma[1:180:2] = other[1:180:2]
        # The chroma planes lie in rows of half a line: the two fields take turns there too.
        for first in (180, 225):
            plane, mixed = other[first : first + 45].reshape(90, 160), luma[first : first + 45].reshape(90, 160)
            mixed[1::2] = plane[1::2]
        for _ in range(20):
            frame = av.VideoFrame.from_ndarray(luma, format="yuv420p")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    found = look_at(path, samples=4)
    assert delta_e(found.mean_rgb, COLORS[0]).max() <= 1.5


def test_a_film_has_no_more_samples_than_frames(tmp_path):
    found = look_at(write_scenes(tmp_path / "film.mp4", seconds=0.2), samples=100)
    assert len(found) == 20
    assert len(set(found.time_s)) == 20


def test_moments_are_spread_evenly_and_each_key_frame_is_taken_once():
    moments_s, way = plan(100, Sampling(10), np.array([]))
    assert moments_s == pytest.approx([5, 15, 25, 35, 45, 55, 65, 75, 85, 95])
    moments_s, way = plan(100, Sampling(10), np.arange(0, 100, 14.0))
    assert way == "key frames"
    assert moments_s.tolist() == [0, 14, 28, 42, 56, 70, 84, 98]
    assert plan(100, Sampling(10), np.array([0.0, 50.0]))[1] == "exact"
    assert plan(100, Sampling(10, exact=True), np.arange(0, 100, 1.0))[1] == "exact"


def test_many_processes_find_what_one_finds(film):
    with Crew(2) as crew:
        found = sampled(film, Sampling(100), crew)
        alone = look_at(film, samples=100)
    assert record.packed(found) == record.packed(alone)


def test_where_processes_can_share_nothing_one_samples(film, monkeypatch, caplog):
    def refused(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(multiprocessing.get_context("spawn"), "Event", refused)
    with Crew(2) as crew:
        found = sampled(film, Sampling(100), crew)
    assert record.packed(found) == record.packed(look_at(film, samples=100))
    assert [one.getMessage() for one in caplog.records] == [
        "one core samples, as processes can share nothing here (Read-only file system)"
    ]


def test_letterbox_bars_are_left_out(tmp_path):
    path = tmp_path / "film.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"crf": "4", "g": "5"})
        stream.width, stream.height, stream.pix_fmt = 640, 360, "yuv420p"
        stream.codec_context.colorspace = 1
        picture = np.zeros((360, 640, 3), np.uint8)
        picture[44:316] = COLORS[0]
        for _ in range(50):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(coded(picture), format="yuv420p")))
        container.mux(stream.encode(None))
    found = look_at(path, samples=10)
    assert (np.diff(found.start) == 1).all()
    assert delta_e(found.mean_rgb, COLORS[0]).max() <= 1.0


def test_a_record_is_read_as_it_was_written(film, tmp_path):
    found = look_at(film, samples=12)
    record.save(found, tmp_path / "one.npz")
    again = record.load(tmp_path / "one.npz")
    assert again.facts == found.facts
    assert (again.color_rgb == found.color_rgb).all()
    (tmp_path / "one.npz").write_bytes((tmp_path / "one.npz").read_bytes()[:200])
    assert record.load(tmp_path / "one.npz") is None
    assert record.load(tmp_path / "none.npz") is None


def test_a_film_is_sampled_once_wherever_it_lies(film, tmp_path):
    other = tmp_path / "Other Name.mp4"
    other.write_bytes(film.read_bytes())
    folder = tmp_path / "records"
    with Crew(1) as crew:
        many.record_of(film, Sampling(8), folder, crew)
        calls = []
        many.record_of(other, Sampling(8), folder, crew, lambda done, of: calls.append(done))
        assert calls == []
        many.record_of(other, Sampling(9), folder, crew, lambda done, of: calls.append(done))
        assert calls != []
    assert len(list(folder.iterdir())) == 2


def test_shards_share_the_films_out(tmp_path):
    names = [Path(str(number)) for number in range(7)]
    parts = [many.part_of(names, f"{number}/3") for number in (1, 2, 3)]
    assert sorted(name for part in parts for name in part) == names
    for wrong in ("0/3", "4/3", "1", "a/b", "1/0"):
        with pytest.raises(UsageError, match="1/4 to 4/4"):
            many.part_of(names, wrong)


def test_black_before_and_after_and_credits_are_found(tmp_path):
    black = (0, 0, 0)
    path = write_scenes(tmp_path / "film.mp4", (black, *COLORS, black), seconds=2)
    kept = whole.film_only(look_at(path, samples=12))
    assert [what for what, _, _ in kept.left_out] == ["black", "black"]
    assert kept.mask.tolist() == [False, False, *[True] * 8, False, False]
    kept = whole.film_only(look_at(write_scenes(tmp_path / "night.mp4", (black, black), seconds=2), samples=4))
    assert kept.mask.all()


def test_the_films_palette_is_that_of_all_samples(film):
    found = look_at(film, samples=12)
    palette = whole.palette(found, 6)
    assert len(palette) == 4
    nearest = [delta_e(np.array([one.rgb for one in palette]), color).min() for color in COLORS]
    assert max(nearest) <= 1.0
    for one in whole.carried(found, palette):
        assert delta_e(expected(one.moments_s), one.swatch.rgb).max() <= 1.0


def run_film(*words) -> int:
    return main(["film", *map(str, words)])


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("CINEPALETTE_CONFIG", str(tmp_path / "none.toml"))


@pytest.mark.parametrize("matrix", ["bt709", "bt601"])
def test_the_barcode_shows_the_colors_of_the_film(tmp_path, matrix, capsys):
    path = write_scenes(tmp_path / "film.mkv", matrix=matrix)
    target = tmp_path / "out.png"
    assert run_film(path, "--samples", 12, "--size", "1200x675", "-o", target) == 0
    assert capsys.readouterr().out == f"{target}\n"
    rgb = np.asarray(Image.open(target))
    assert rgb.shape == (675, 1200, 3)
    places = 50 + (np.arange(4) + 0.5) / 4 * 1100
    assert delta_e(rgb[250, places.astype(int)], COLORS).max() <= 1.0


def bad_inputs(folder: Path) -> dict[str, tuple[Path, str]]:
    text = folder / "notes.mp4"
    text.write_text("no film")
    empty = folder / "empty.mkv"
    empty.touch()
    picture = folder / "picture.png"
    Image.new("RGB", (40, 40), "red").save(picture)
    sound = folder / "sound.wav"
    with av.open(str(sound), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 8000), np.int16), format="s16", layout="mono")
        frame.sample_rate = 8000
        container.mux(stream.encode(frame))
    whole_film = write_scenes(folder / "whole.mp4").read_bytes()
    cut = folder / "cut.mp4"
    cut.write_bytes(whole_film[: len(whole_film) // 2])
    raw = write_scenes(folder / "raw.h264", seconds=0.4)
    return {
        "raw stream": (raw, "states neither its length nor the times of its frames"),
        "text": (text, "cannot be opened as a film"),
        "empty": (empty, "cannot be opened as a film"),
        "picture": (picture, "is a picture, not a film"),
        "sound": (sound, "has no video"),
        "cut off before its index": (cut, "cannot be opened as a film"),
        "missing": (folder / "missing.mp4", "is not there"),
    }


@pytest.mark.parametrize(
    "name", ["text", "empty", "picture", "sound", "cut off before its index", "missing", "raw stream"]
)
def test_what_is_no_film_is_said_in_one_line(tmp_path, capsys, name):
    path, reason = bad_inputs(tmp_path)[name]
    assert run_film(path, "-o", tmp_path / "x.png") == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert said.startswith(f"cinepalette: {path}: ")
    assert reason in said
    assert not (tmp_path / "x.png").exists()


def test_moments_that_share_a_key_frame_have_not_failed(tmp_path):
    """Without an index a moment takes the key frame that seeking finds, and so may its neighbor."""
    data = bytearray(write_scenes(tmp_path / "whole.avi").read_bytes())
    data[data.rfind(b"idx1") :] = b""
    broken = tmp_path / "broken.avi"
    broken.write_bytes(data)
    found = look_at(broken, samples=20)
    assert len(found) >= 10
    assert found.facts.failed == 0


def test_a_film_that_is_cut_off_is_drawn_as_far_as_it_goes(tmp_path):
    data = write_scenes(tmp_path / "whole.mkv").read_bytes()
    cut = tmp_path / "cut.mkv"
    cut.write_bytes(data[: len(data) * 2 // 3])
    assert run_film(cut, "--samples", 12, "-o", tmp_path / "x.png") == 0


@pytest.mark.parametrize("name", ['it\'s "one".mp4', "two\nlines.mp4", "千と千尋の神隠し.mp4", "a%20b.mp4"])
def test_any_name_is_taken(tmp_path, film, name):
    if os.name == "nt":
        pytest.skip("Windows has no such names")
    path = tmp_path / name
    path.write_bytes(film.read_bytes())
    assert run_film(path, "--samples", 4, "-o", tmp_path / "x.png") == 0


def test_one_bad_film_does_not_stop_the_rest(tmp_path, film, capsys):
    folder = tmp_path / "films"
    folder.mkdir()
    (folder / "a bad.mp4").write_text("no film")
    (folder / "b good.mp4").write_bytes(film.read_bytes())
    assert run_film(folder, "--samples", 4, "-o", tmp_path / "out") == 1
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["b good barcode.png"]
    said = capsys.readouterr().err
    assert "a bad.mp4: cannot be opened as a film" in said
    assert "1 of 2 films could not be read" in said


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--stills", "0"], "from 1 to"),
        (["--columns", "99"], "from 1 to 60"),
        (["--format", "doc"], "there are png"),
        (["--draw", "circle"], "there are barcode"),
        (["--samples", "0"], "from 1 to"),
        (["-o", "x.doc"], "can be written as"),
        (["--shard", "3/2"], "1/4 to 4/4"),
    ],
)
def test_bad_words_are_said_in_one_line(film, words, reason, capsys):
    assert run_film(film, *words) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert reason in said


def test_a_full_disk_behind_the_cache_does_not_stop_a_drawing(tmp_path, film, monkeypatch, caplog):
    def full(found, path):
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(record, "save", full)
    assert run_film(film, "--samples", 4, "-o", tmp_path / "x.png") == 0
    assert "could not be kept (No space left on device)" in caplog.text


@pytest.mark.skipif(os.name == "nt", reason="signals are POSIX's")
@pytest.mark.parametrize("later_s", [0.0, 0.2], ids=["as they start", "while they load"])
def test_ctrl_c_leaves_no_process_and_no_file(tmp_path, later_s):
    path = write_film(tmp_path / "film.mp4", seconds=60, size=(1280, 720), numbered=False)
    words = [sys.executable, "-m", "cinepalette", "film", str(path), "--samples", "1400", "--exact", "-o", "out.png"]
    with subprocess.Popen(words, cwd=tmp_path, start_new_session=True, stderr=subprocess.PIPE) as process:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        until = time.monotonic() + 30
        # The processes are there: the resource tracker and one at least that samples.
        while children.exists() and len(children.read_text().split()) < 2 and time.monotonic() < until:
            os.sched_yield()
        # Whatever it is in by then, all of the terminal's processes hear of it.
        time.sleep(later_s)
        os.killpg(process.pid, signal.SIGINT)
        said = process.communicate(timeout=30)[1]
        assert process.returncode == 130
    assert said == b""
    assert not (tmp_path / "out.png").exists()
    # Multiprocessing's own tracker ends by itself when the others are gone.
    while time.monotonic() < until + 30:
        try:
            os.killpg(process.pid, 0)
        except ProcessLookupError:
            return
        os.sched_yield()
    pytest.fail("a process is left")


def test_what_ffmpeg_cannot_open_goes_through_vlc(tmp_path, monkeypatch, caplog):
    pytest.importorskip("vlc")
    path = write_scenes(tmp_path / "film.mkv", matrix="bt601")

    def closed(film, *_):
        raise UnopenedFilm(film, "cannot be opened as a film: no such disc")

    monkeypatch.setattr(many, "sampled", closed)
    with Crew(1) as crew:
        found = many.record_of(path, Sampling(12), tmp_path / "records", crew)
    assert found.facts.way == "player"
    assert len(found) == 12
    assert delta_e(found.swatch_rgb[:, 0], expected(found.time_s)).max() <= 1.0
    assert "is read through VLC, which takes longer" in caplog.text
    # A playlist would have VLC open whatever it names; what VLC cannot play either is said as it was.
    (tmp_path / "list.m3u8").write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:12\n#EXTINF:12,\n{path}\n#EXT-X-ENDLIST\n")
    with Crew(1) as crew, pytest.raises(UnopenedFilm, match="no such disc"):
        many.record_of(tmp_path / "list.m3u8", Sampling(12), tmp_path / "records", crew)
    (tmp_path / "notes.mkv").write_text("no film")
    with Crew(1) as crew, pytest.raises(UnopenedFilm, match="no such disc"):
        many.record_of(tmp_path / "notes.mkv", Sampling(12), tmp_path / "records", crew)
