"""The main thing, whole: a real VLC in a real window, real keys, the real daemon, and the files that a user opens."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from cinepalette.color.difference import delta_e_2000
from cinepalette.color.spaces import lab_from_srgb
from daemon_process import DaemonProcess, wait_for
from PIL import Image
from real_vlc import VLC, Desktop, read_counter, write_film

COLORS = ((200, 60, 40), (40, 160, 60), (30, 60, 180), (230, 220, 200), (90, 80, 110))


@pytest.fixture(scope="module")
def desktop() -> Iterator[Desktop]:
    with Desktop() as made:
        yield made


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """HD as far as its colors go, so that VLC's own snapshot would be wrong by 4 to 9."""
    return write_film(
        tmp_path_factory.mktemp("films") / "Nausicaä.mp4",
        size=(1280, 720),
        seconds=60,
        colors=COLORS,
        metadata={"title": "風の谷のナウシカ"},
    )


def pixels(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path).convert("RGB"))


def difference(rgb: tuple[int, ...], other: tuple[int, ...]) -> float:
    lab = lab_from_srgb(np.array([rgb, other], np.uint8))
    return float(delta_e_2000(lab[0], lab[1]))


def test_an_evening_in_front_of_vlc(desktop: Desktop, film: Path, tmp_path: Path) -> None:
    with VLC(desktop, film) as vlc:
        daemon = DaemonProcess(tmp_path, vlc.inbox)
        try:
            daemon.start()
            vlc.wait_playing()

            # Nine presses while the film plays, in fullscreen and paused among them.
            for number in range(1, 10):
                if number == 4:
                    desktop.press("f")
                if number == 7:
                    vlc.rc("pause")
                desktop.press("shift+c" if number % 2 else "F12")
                wait_for(lambda count=number: _stills(daemon) == count, f"still {number}")
            vlc.rc("pause")

            # The daemon is killed between two presses, and started again.
            wait_for(lambda: not daemon.arrived(), "an empty inbox")
            daemon.kill()
            desktop.press("shift+c")
            vlc.wait_stills(1)
            daemon.start()
            wait_for(lambda: _stills(daemon) == 10, "the still of the time without a daemon")

            # Two presses 50 ms apart are two stills, a key that is held down is one.
            desktop.press("shift+c", "shift+c", apart_s=0.05)
            wait_for(lambda: _stills(daemon) == 12, "two quick stills")
            desktop.hold("shift+c", 1.5)
            wait_for(lambda: _stills(daemon) == 13, "the still of a held key")
            assert vlc.quit() < 2
            daemon.wait_until_kept()
        finally:
            daemon.stop()

    (folder,) = daemon.sessions()
    assert folder.name.startswith("風の谷のナウシカ 20")
    session = daemon.session()
    assert session["title"] == "風の谷のナウシカ"
    assert [still["n"] for still in session["stills"]] == list(range(1, 14))
    frames = []
    for still in session["stills"]:
        picture = pixels(folder / still["still"])
        assert picture.shape == (720, 1280, 3)
        frames.append(read_counter(picture))
        for number, color in enumerate(COLORS):
            seen = np.median(picture[200:700, 256 * number + 40 : 256 * number + 216].reshape(-1, 3), axis=0)
            assert difference(tuple(seen.astype(int)), color) < 1.0
        assert len(still["swatches"]) == 5
        for color in COLORS:
            assert min(difference(swatch["rgb"], color) for swatch in still["swatches"]) < 5.0
        assert pixels(folder / still["card"]).shape[0] > 720
    assert frames == sorted(frames)
    assert len(set(frames[:7])) == 7
    collage = {tuple(color) for color in np.unique(pixels(folder / "collage.png").reshape(-1, 3), axis=0).tolist()}
    assert {tuple(swatch["rgb"]) for swatch in session["stills"][-1]["swatches"]} <= collage
    assert {path.name for path in folder.glob("palette.*")} >= {"palette.json", "palette.ase", "palette.gpl"}
    assert "風の谷のナウシカ" in (daemon.output / "index.html").read_text(encoding="utf-8")


def _stills(daemon: DaemonProcess) -> int:
    return sum(
        len(json.loads((folder / "session.json").read_text(encoding="utf-8"))["stills"]) for folder in daemon.sessions()
    )
