"""Drawings of a whole film: the film's colors in each, where they belong; scenes, stills, data, many films."""

import csv
import io
import json
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from cinepalette.color import hdr
from cinepalette.command.line import main
from cinepalette.film import data, follow, record, scenes, sound, stills
from cinepalette.film.draw import canvas, kinds, panel
from cinepalette.film.record import Sampling
from cinepalette.film.sampling import Crew
from cinepalette.picture import decoding
from cinepalette.picture.truth import ycbcr_from_rgb
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from real_vlc import write_film
from test_film import COLORS, SECONDS_A_COLOR, delta_e, look_at, own_cache, write_scenes

__all__ = ["own_cache"]

SIZE = "1200x900"


@pytest.fixture(scope="module")
def film(tmp_path_factory) -> Path:
    """Four colors with a tone that grows louder."""
    folder = tmp_path_factory.mktemp("films")
    silent = write_scenes(folder / "silent.mp4")
    path = folder / "Four Colors.mp4"
    with av.open(str(silent)) as source, av.open(str(path), "w") as target:
        video = target.add_stream_from_template(source.streams.video[0])
        audio = target.add_stream("aac", rate=8000, layout="mono")
        for packet in source.demux(source.streams.video[0]):
            if packet.dts is not None:
                packet.stream = video
                target.mux(packet)
        seconds = len(COLORS) * SECONDS_A_COLOR
        place = np.arange(8000 * seconds) / 8000
        tone = (0.8 * place / seconds * np.sin(2 * np.pi * 440 * place)).astype(np.float32)
        frame = av.AudioFrame.from_ndarray(tone[None], format="fltp", layout="mono")
        frame.sample_rate = 8000
        target.mux(audio.encode(frame))
        target.mux(audio.encode(None))
    return path


def run_film(*words) -> int:
    return main(["film", *map(str, words)])


def drawn(film: Path, target: Path, kind: str, *words) -> np.ndarray:
    assert run_film(film, "--samples", 24, "--draw", kind, "--size", SIZE, "-o", target, *words) == 0
    return np.asarray(Image.open(target).convert("RGB"))


def pixels_of(rgb: np.ndarray, color) -> int:
    """How many pixels show a color."""
    low, high = (tuple(np.clip(np.rint(color) + way, 0, 255).tolist()) for way in (-6, 6))
    near = rgb[cv2.inRange(np.ascontiguousarray(rgb), low, high) > 0]
    packed, counts = np.unique(near @ np.array([1 << 16, 1 << 8, 1]), return_counts=True)
    there = np.stack([packed >> 16, packed >> 8 & 255, packed & 255], axis=-1)
    return int(counts[delta_e(there, color) <= 1].sum()) if len(there) else 0


def draw_all(film: Path, folder: Path, *words) -> Path:
    """Every drawing of a film, in a folder."""
    draw = ["--samples", 24, "--draw", ",".join((*kinds.KINDS, "panel")), "--records", folder / "records"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CINEPALETTE_CONFIG", str(folder / "none.toml"))
        patch.setenv("CINEPALETTE_OUTPUT", str(folder / "output"))
        assert run_film(film, *draw, *words, "-o", folder / "drawn") == 0
    return folder / "drawn"


def drawing(folder: Path, film: str, kind: str) -> np.ndarray:
    name = "panel.png" if kind == "panel" else f"{film} {kind}.png"
    return np.asarray(Image.open(folder / name).convert("RGB"))


@pytest.fixture(scope="module", params=["white", "black"])
def on_paper(request, film, tmp_path_factory) -> Path:
    return draw_all(film, tmp_path_factory.mktemp("paper"), "--background", request.param, "--size", SIZE)


@pytest.mark.parametrize("kind", kinds.KINDS)
def test_each_drawing_shows_the_colors_of_the_film(on_paper, kind):
    rgb = drawing(on_paper, "Four Colors", kind)
    assert rgb.shape == (900, 1200, 3)
    for color in COLORS:
        assert pixels_of(rgb, color) >= 25, color


KNOWN = {
    # matrix, full range, transfer (H.273's number), how far up the colors' signals go
    "BT.709": ("bt709", False, 1, 1.0),
    "BT.601": ("bt601", False, 6, 1.0),
    "full range": ("bt709", True, 1, 1.0),
    "HDR10": ("bt2020", False, 16, 0.6),
    "HLG": ("bt2020", False, 18, 0.8),
}


def write_known(path: Path, matrix: str, full: bool, transfer: int, part: float) -> Path:
    """The colors one after the other, with a tone, as exactly as ten bits can code them."""
    tag = {"bt709": 1, "bt601": 6, "bt2020": 9}[matrix]
    size = 160, 90
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"preset": "ultrafast", "crf": "1", "g": "10"})
        (stream.width, stream.height), stream.pix_fmt = size, "yuv420p10le"
        context = stream.codec_context
        context.colorspace, context.color_primaries, context.color_trc = tag, tag, transfer
        context.color_range = 2 if full else 1
        tone = container.add_stream("aac", rate=8000, layout="mono")
        for color in COLORS:
            signal = ycbcr_from_rgb(matrix) @ np.array(color) / 255 * part
            codes = signal * 1023 + [0, 512, 512] if full else signal * [876, 896, 896] + [64, 512, 512]
            frame = av.VideoFrame(*size, "yuv420p10le")
            for plane, code in zip(frame.planes, np.rint(codes).astype("<u2"), strict=True):
                plane.update(np.full(plane.buffer_size // 2, code).tobytes())
            for _ in range(25):
                container.mux(stream.encode(frame))
            loud = np.sin(np.arange(8000, dtype=np.float32))[None]
            sound_frame = av.AudioFrame.from_ndarray(loud, format="fltp", layout="mono")
            sound_frame.sample_rate = 8000
            container.mux(tone.encode(sound_frame))
        container.mux(stream.encode(None))
        container.mux(tone.encode(None))
    return path


def shown(transfer: int, part: float) -> np.ndarray:
    """The known colors as sRGB: HDR as BT.2390 maps the very signal."""
    if transfer not in {16, 18}:
        return np.array(COLORS)
    name, peak = ("pq", 1000.0) if transfer == 16 else ("hlg", hdr.HLG_PEAK)
    return hdr.srgb_from_signal(np.array(COLORS) / 255 * part, name, peak)


@pytest.fixture(scope="module", params=KNOWN)
def known(request, tmp_path_factory) -> tuple[Path, np.ndarray]:
    """Every drawing of a film of known colors, and these colors."""
    folder = tmp_path_factory.mktemp("known")
    matrix, full, transfer, part = KNOWN[request.param]
    path = write_known(folder / "Known.mkv", matrix, full, transfer, part)
    return draw_all(path, folder, "--size", "800x600"), shown(transfer, part)


@pytest.mark.parametrize("kind", (*kinds.KINDS, "panel"))
def test_known_colors_are_those_colors_in_every_drawing(known, kind):
    folder, colors = known
    rgb = drawing(folder, "Known", kind)
    for color in colors:
        assert pixels_of(rgb, color) >= 25, color


@pytest.mark.parametrize("kind", ["barcode", "bands", "river", "ring", "spiral", "wave", "scatter"])
def test_a_drawing_is_as_good_as_svg(film, tmp_path, kind):
    assert run_film(film, "--samples", 24, "--draw", kind, "--size", SIZE, "-o", tmp_path / "out.svg") == 0
    root = ElementTree.parse(tmp_path / "out.svg").getroot()
    assert (root.get("width"), root.get("height")) == ("1200", "900")
    fills = {part.get("fill") or part.get("stop-color") for part in root.iter()} - {None}
    colors = np.array([list(bytes.fromhex(fill[1:])) for fill in fills if fill.startswith("#")])
    for color in COLORS:
        assert delta_e(colors, color).min() <= 1
    texts = [part.text for part in root.iter() if part.tag.endswith("text")]
    assert "Four Colors" in texts


@pytest.mark.parametrize("suffix", [".jpg", ".webp", ".tiff", ".pdf"])
def test_a_drawing_comes_in_other_formats(film, tmp_path, suffix):
    assert run_film(film, "--samples", 12, "--size", "600x400", "-o", tmp_path / f"out{suffix}") == 0
    assert (tmp_path / f"out{suffix}").stat().st_size > 1000


def test_hdr_has_the_colors_that_a_still_of_it_gets(tmp_path):
    path = write_film(
        tmp_path / "hdr.mkv", seconds=2, pix_fmt="yuv420p10le", tags=(9, 9, 16), numbered=False, colors=COLORS
    )
    found = look_at(path, samples=4, swatches=6)
    still = decoding.frame_at(path, float(found.time_s[1])).rgb
    wanted = still[180, 64::128]
    for color in wanted:
        assert delta_e(found.swatch_rgb[1], color).min() <= 1
    assert "BT.2390" in " ".join(found.facts.conversion)


def test_the_mean_is_there_to_compare(tmp_path):
    red_and_green = write_film(tmp_path / "two.mp4", seconds=2, colors=((220, 40, 40), (40, 180, 60)), numbered=False)
    chosen = drawn(red_and_green, tmp_path / "chosen.png", "barcode")[300, 600]
    assert min(delta_e(chosen, (220, 40, 40)), delta_e(chosen, (40, 180, 60))) <= 1
    mean = drawn(red_and_green, tmp_path / "mean.png", "barcode", "--mean")[300, 600]
    assert min(delta_e(mean, (220, 40, 40)), delta_e(mean, (40, 180, 60))) > 15


def test_time_runs_from_left_to_right_in_the_river(film, tmp_path):
    rgb = drawn(film, tmp_path / "out.png", "river")
    for part, color in zip((0.125, 0.375, 0.625, 0.875), COLORS, strict=True):
        column = rgb[:, 57 + round(part * 1086)]
        assert pixels_of(column[None], color) > 100


def test_the_wave_is_as_high_as_the_film_is_loud(film, tmp_path):
    level = sound.loudness(film, tmp_path)
    assert len(level) == pytest.approx(12 * sound.RATE, abs=3)
    height = sound.at(level, np.linspace(0, 12, 7))
    assert (np.diff(height) > 0).all()
    assert height[-1] == 1
    assert (sound.loudness(film, tmp_path) == level).all()


def test_a_silent_film_has_no_wave(tmp_path, capsys):
    path = write_scenes(tmp_path / "silent.mp4", seconds=1)
    assert run_film(path, "--samples", 4, "--draw", "wave", "-o", tmp_path / "x.png") == 2
    assert "has no sound" in capsys.readouterr().err


@given(st.integers(2, 8), st.integers(0, 2**32))
@settings(max_examples=30, deadline=None)
def test_streams_fill_the_river_and_never_cross(count, seed):
    random = np.random.default_rng(seed)
    samples = [
        record.Sample(
            float(i), (), np.zeros(3, np.float32), random.integers(0, 256, (5, 3), np.uint8), np.full(5, 0.2, "f4")
        )
        for i in range(20)
    ]
    facts = record.Facts("", "", 20, 2, 2, "", Sampling(20), "exact", (), "")
    colors = random.integers(0, 256, (count, 3), np.uint8)
    found = follow.streams(record.of(facts, samples), colors, (0, 20), 60, 1.0)
    assert found.share.sum(axis=1) == pytest.approx(1)
    assert found.share.min() >= 0
    assert sorted(map(tuple, found.name_rgb)) == sorted(map(tuple, colors))
    assert np.abs(found.base + 0.5).max() <= 1


def test_a_title_of_any_script_stands_below(film, tmp_path):
    plain = drawn(film, tmp_path / "a.png", "barcode", "--title", "")
    titled = drawn(film, tmp_path / "b.png", "barcode", "--title", "千と千尋の神隠し · שלום")
    assert (plain != titled).any()


def test_stills_are_pinned(film, tmp_path, monkeypatch):
    monkeypatch.setenv("CINEPALETTE_OUTPUT", str(tmp_path / "output"))
    assert run_film(film, "--samples", 24, "--stills", 2, "--session", "Evening") == 0
    (folder,) = (path.parent for path in (tmp_path / "output").glob("*/session.json"))
    assert folder.name.startswith("Evening")
    session = json.loads((folder / "session.json").read_text())
    times = [still["time_s"] for still in session["stills"]]
    assert len(times) == 2
    assert (folder / "collage.png").is_file()
    for at_s, still in zip(times, session["stills"], strict=True):
        shown = np.asarray(Image.open(folder / still["still"]).convert("RGB"))[90, 160]
        assert delta_e(shown, COLORS[int(at_s / SECONDS_A_COLOR)]) <= 1
    # The river knows the stills of its own film, other drawings those of a session that is named.
    pinned = drawn(film, tmp_path / "river.png", "river")
    monkeypatch.setenv("CINEPALETTE_OUTPUT", str(tmp_path / "nothing"))
    assert (pinned != drawn(film, tmp_path / "bare.png", "river")).any()


def test_representative_moments_are_of_different_scenes(film):
    found = look_at(film, samples=24)
    moments = stills.representative(found, 4)
    assert sorted({int(at / SECONDS_A_COLOR) for at in moments}) == [0, 1, 2, 3]
    assert (np.diff(moments) > 0).all()
    assert len(stills.representative(found, 100)) == len(found)


def write_cut(path: Path, cuts_s, seconds: float, gop: int) -> Path:
    """A film of pictures that move, another one after each cut."""
    random = np.random.default_rng(3)
    with av.open(str(path), "w") as container:
        options = {"preset": "veryfast", "g": str(gop), "x264-params": "scenecut=0" if gop < 100 else "scenecut=40"}
        stream = container.add_stream("libx264", rate=25, options=options)
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        picture = None
        for number in range(round(seconds * 25)):
            if picture is None or any(abs(number / 25 - cut) < 0.01 for cut in cuts_s):
                low = random.integers(0, 256, (5, 9, 3), np.uint8)
                picture = np.asarray(Image.fromarray(low).resize((480, 180), Image.Resampling.BICUBIC))
            moved = np.ascontiguousarray(picture[:, (at := abs(number % 300 - 150)) : at + 320])
            frame = av.VideoFrame.from_ndarray(moved, format="rgb24").reformat(format="yuv420p")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


@pytest.mark.parametrize("gop", [25, 250], ids=["key frames by habit", "key frames at cuts"])
def test_scenes_are_found(tmp_path, gop):
    cuts_s = [1.2, 3.6, 4.4, 7.0, 8.2, 10.4]
    path = write_cut(tmp_path / "cut.mp4", cuts_s, 12, gop)
    with Crew(1) as crew:
        found = scenes.scenes(path, crew)
    starts = [start for start, _ in found]
    assert starts[0] == 0
    assert found[-1][1] == pytest.approx(12, abs=0.1)
    assert starts[1:] == pytest.approx(cuts_s, abs=0.05)


def test_each_scene_becomes_a_still(film, tmp_path, monkeypatch):
    monkeypatch.setenv("CINEPALETTE_OUTPUT", str(tmp_path / "output"))
    assert run_film(film, "--samples", 24, "--scenes") == 0
    (folder,) = (path.parent for path in (tmp_path / "output").glob("*/session.json"))
    assert folder.name.startswith("Four Colors, scenes")
    assert len(json.loads((folder / "session.json").read_text())["stills"]) == len(COLORS)


def test_data_says_what_it_takes_to_cite_it(film, tmp_path):
    target = tmp_path / "out.json"
    assert run_film(film, "--samples", 24, "-o", target) == 0
    entry = json.loads(target.read_text())
    assert entry["film"]["title"] == "Four Colors"
    assert entry["film"]["key"]
    assert entry["sampling"] == {
        "samples": 24, "swatches": 6, "exact": False, "way": "exact", "taken": 24, "failed": 0,
    } or entry["sampling"]["way"] == "key frames"  # fmt: skip
    assert entry["colors"]["conversion"] == ["decoded with bt709"]
    assert entry["left_out"] == []
    assert entry["program"].startswith("cinepalette ")
    assert len(entry["palette"]) == len(COLORS)
    for one in entry["palette"]:
        color = list(bytes.fromhex(one["hex"][1:]))
        for at_s in one["moments_s"]:
            assert delta_e(color, COLORS[int(at_s / SECONDS_A_COLOR)]) <= 1
    assert len(entry["samples"]) == entry["sampling"]["taken"]


def test_a_table_has_a_row_a_swatch(film):
    found = look_at(film, samples=24)
    rows = list(csv.DictReader(io.StringIO(data.csv(found).decode("utf-8-sig"))))
    assert len(rows) == len(found)
    assert tuple(rows[0]) == data.COLUMNS
    assert {row["film"] for row in rows} == {"Four Colors"}
    assert rows[0]["timecode"] == "00:00:00"


def test_a_record_is_data_too(film, tmp_path):
    assert run_film(film, "--samples", 24, "-o", tmp_path / "out.npz") == 0
    assert len(record.load(tmp_path / "out.npz")) == 12


def test_a_panel_has_like_films_side_by_side(tmp_path):
    def row(title, rgb):
        palette = np.array([rgb], np.uint8)
        return panel.Row(title, np.array([0.5]), palette, (0, 1), palette, np.ones(1))

    rows = [row("red", (200, 40, 40)), row("blue", (20, 20, 90)), row("pink", (230, 120, 120))]
    assert panel.by_likeness(rows) == [1, 0, 2]
    for name, color in (("a", COLORS[0]), ("b", COLORS[1])):
        write_scenes(tmp_path / f"{name}.mp4", (color,), seconds=1)
    films = [tmp_path / "a.mp4", tmp_path / "b.mp4"]
    assert run_film(*films, "--samples", 4, "--draw", "panel", "--size", SIZE, "-o", tmp_path / "out.png") == 0
    rgb = np.asarray(Image.open(tmp_path / "out.png"))
    assert min(pixels_of(rgb, color) for color in COLORS[:2]) > 10_000


def test_work_that_was_killed_goes_on_where_it_stood(tmp_path, film):
    folder, out = tmp_path / "films", tmp_path / "out"
    folder.mkdir()
    for name in "abcd":
        write_scenes(folder / f"{name}.mp4", (COLORS["abcd".index(name)],), seconds=1)
    words = [sys.executable, "-m", "cinepalette", "film", str(folder), "--samples", "6", "-o", str(out)]
    words += ["--records", str(tmp_path / "records")]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        process.stdout.readline()  # the first film is done
        process.kill()
    before = {path.name: path.stat().st_mtime_ns for path in out.glob("*.png")}
    assert before
    assert subprocess.run(words, check=True, stdout=subprocess.DEVNULL, timeout=60).returncode == 0
    after = {path.name: path.stat().st_mtime_ns for path in out.iterdir()}
    assert set(after) == {f"{name} barcode.png" for name in "abcd"}
    assert before.items() <= after.items()
    assert len(list((tmp_path / "records").glob("*.npz"))) == 4


def test_two_dask_workers_share_the_films(tmp_path):
    distributed = pytest.importorskip("distributed")
    for name, color in zip("ab", COLORS, strict=False):
        write_scenes(tmp_path / f"{name}.mp4", (color,), seconds=1)
    (tmp_path / "bad.mp4").write_text("no film")
    films = [tmp_path / name for name in ("a.mp4", "b.mp4", "bad.mp4")]
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        words = ["--samples", 4, "--records", tmp_path / "records", "--dask", cluster.scheduler_address]
        assert run_film(*films, *words, "-o", tmp_path / "out") == 1
    assert len(list((tmp_path / "records").iterdir())) == 2
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"a barcode.png", "b barcode.png"}


def test_a_page_is_drawn_to_the_pixel():
    page = kinds.Page((60, 40), (10, 20, 30))
    page.rect(10, 5, 20, 15, (200, 60, 40))
    page.picture((30, 5), np.full((10, 10, 3), 77, np.uint8))
    from cinepalette.drawing import typesetting

    rgb = canvas.pixels(page, typesetting.plain)
    wanted = np.full((40, 60, 3), (10, 20, 30), np.uint8)
    wanted[5:15, 10:20] = (200, 60, 40)
    wanted[5:15, 30:40] = 77
    assert (rgb == wanted).all()
