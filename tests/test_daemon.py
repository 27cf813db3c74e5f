"""The real daemon as its own process: what a user finds in the output folder, whatever happens."""

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from cinepalette.picture import decoding
from daemon_process import SOON_S, DaemonProcess, wait_for
from PIL import Image
from real_vlc import read_counter, write_film

BANDS = [(24, 24, 30), (200, 60, 40), (40, 160, 60), (60, 90, 200), (235, 225, 200)]


def bands(width: int = 320, height: int = 180, first: int = 0) -> np.ndarray:
    """A still of five upright bands of known colors."""
    rgb = np.zeros((height, width, 3), np.uint8)
    for number in range(5):
        rgb[:, number * width // 5 : (number + 1) * width // 5] = BANDS[(number + first) % 5]
    return rgb


def pixels(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path).convert("RGB"))


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[DaemonProcess]:
    made = DaemonProcess(tmp_path)
    yield made
    made.stop()


def test_nine_presses_become_nine_cards_in_one_collage(daemon: DaemonProcess) -> None:
    daemon.start()
    for number in range(1, 10):
        film = {"title": "Nausicaä: 風の谷", "duration_s": 7020, "time_s": 60 * number + 7.5}
        daemon.press(f"{number}", bands(first=number), **film)
    reply = daemon.reply("vlc-9")
    assert reply["ok"]
    assert reply["text"] == "9 · Nausicaä: 風の谷 00:09:07"
    assert reply["stills"] == 9
    strip = Image.open(daemon.inbox / "replies" / reply["strip"])
    assert list(strip.size) == reply["strip_size"]
    assert reply["titled"] is True, "the strip bears number, title and timecode itself"
    daemon.wait_until_kept()

    (folder,) = daemon.sessions()
    assert folder.name.startswith("Nausicaä 風の谷 20")
    stills = sorted(path.name for path in (folder / "stills").iterdir())
    assert stills == [f"{number:04} 00h{number:02}m07s.png" for number in range(1, 10)]
    assert sorted(path.name for path in (folder / "cards").iterdir()) == stills
    for number, name in enumerate(stills, 1):
        assert (pixels(folder / "stills" / name) == bands(first=number)).all()
    for still in daemon.session()["stills"]:
        assert sorted(tuple(swatch["rgb"]) for swatch in still["swatches"]) == sorted(BANDS)

    daemon.finish()
    collage = pixels(folder / "collage.png")
    colors = {tuple(color) for color in collage.reshape(-1, 3)[::7].tolist()}
    assert set(BANDS) <= colors
    # How many depends on how busy the machine is; never one for each.
    assert 1 <= daemon.log().count("collage.png in") < 9


def test_killed_between_two_presses_it_loses_nothing(daemon: DaemonProcess) -> None:
    daemon.start()
    for number in range(1, 4):
        daemon.press(f"{number}", bands(first=number), title="Sintel", time_s=number)
    # The viewer has seen the palette of the third, which need not be on disk yet.
    daemon.reply("vlc-3")
    daemon.kill()
    daemon.press("4", bands(first=4), title="Sintel", time_s=4)
    daemon.start()
    daemon.wait_until_kept()
    session = daemon.session()
    assert [still["n"] for still in session["stills"]] == [1, 2, 3, 4]
    (folder,) = daemon.sessions()
    for number, still in enumerate(session["stills"], 1):
        assert (pixels(folder / still["still"]) == bands(first=number)).all()
        assert (folder / still["card"]).exists()
    daemon.finish()
    assert (folder / "collage.png").exists()


def test_what_arrived_while_it_was_down_is_taken_at_its_start(daemon: DaemonProcess) -> None:
    daemon.inbox.mkdir(parents=True)
    daemon.press("1", bands(), title="Sintel")
    cv2.imwrite(str(daemon.inbox / "dropped.jpg"), bands()[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 95])
    daemon.start()
    daemon.wait_until_kept()
    names = [folder.name.rsplit(" ", 1)[0] for folder in daemon.sessions()]
    assert names == ["Sintel", "Stills"]


def test_a_dropped_picture_is_kept_as_it_came(daemon: DaemonProcess, tmp_path: Path) -> None:
    daemon.start()
    Image.fromarray(bands()).save(tmp_path / "holiday.jpg", quality=90)
    before = (tmp_path / "holiday.jpg").read_bytes()
    shutil.copy(tmp_path / "holiday.jpg", daemon.inbox / "holiday.jpg")
    folder = wait_for(daemon.sessions, "a session")[0]
    daemon.wait_until_kept()
    assert (folder / "originals" / "0001 holiday.jpg").read_bytes() == before
    assert folder.name.startswith("Stills ")


def test_sigterm_finishes_the_still_in_hand(daemon: DaemonProcess) -> None:
    daemon.start()
    daemon.press("1", bands(1920, 1080), title="Sintel")
    daemon.reply("vlc-1")
    assert daemon.stop() == 0
    if "stopped in the middle" in daemon.log():  # on a busy machine the next start does the rest
        daemon.start()
        daemon.finish()
    (folder,) = daemon.sessions()
    assert daemon.arrived() == []
    assert (pixels(folder / "stills" / "0001.png") == bands(1920, 1080)).all()
    assert (folder / "collage.png").exists()


def test_a_second_daemon_for_the_same_inbox_is_refused(daemon: DaemonProcess) -> None:
    daemon.start()
    second = daemon.run("run")
    assert second.returncode == 1
    assert second.stderr.strip() == f"cinepalette: {daemon.inbox}: another daemon is watching this folder already"


def test_bad_pictures_are_put_aside_with_their_reason(daemon: DaemonProcess, tmp_path: Path) -> None:
    daemon.start()
    whole = cv2.imencode(".png", np.random.default_rng(1).integers(0, 256, (50, 70, 3), np.uint8))[1].tobytes()
    (tmp_path / "text.png").write_text("not a picture")
    (tmp_path / "cut.png").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "empty.png").touch()
    (tmp_path / "folder.png").mkdir()
    Image.new("1", (30_000, 30_000)).save(tmp_path / "bomb.png")
    names = ["bomb.png", "cut.png", "empty.png", "folder.png", "text.png"]
    for name in names:
        # They have come some time ago, so that nothing is waited for.
        os.utime(tmp_path / name, (0, 0))
        (tmp_path / name).rename(daemon.inbox / name)
    daemon.press("1", bands(), title="Sintel")
    assert daemon.reply("vlc-1")["ok"]
    rejected = daemon.inbox / "rejected"
    wait_for(lambda: all((rejected / f"{name}.txt").exists() for name in names), "five refusals")
    assert (rejected / "text.png").read_text() == "not a picture"
    assert (rejected / "text.png.txt").read_text() == "is not a picture\n"
    assert (rejected / "cut.png").read_bytes() == whole[: len(whole) // 2]
    warnings = [line for line in daemon.log().splitlines() if " WARNING " in line]
    assert sorted(line.split(" WARNING ")[1].split(":")[0] for line in warnings) == names
    daemon.wait_until_kept()
    assert len(daemon.session()["stills"]) == 1


def test_undo_and_redo_from_the_player(daemon: DaemonProcess) -> None:
    daemon.start()
    assert daemon.ask("undo") == {"v": 1, "ok": False, "text": f"{daemon.output}: there is no session yet"}
    for number in (1, 2):
        daemon.press(f"{number}", bands(first=number), title="Sintel", time_s=number)
    daemon.reply("vlc-2")
    assert daemon.ask("redo")["text"] == "Sintel: there is nothing to redo"  # and no still is taken out by that key
    assert daemon.ask("undo")["text"] == "Removed 2 · Sintel 00:00:02"
    assert daemon.ask("undo")["text"] == "Removed 1 · Sintel 00:00:01"
    answer = daemon.ask("redo")
    assert answer["text"] == "Put back 1 · Sintel 00:00:01"
    assert answer["stills"] == 1
    assert daemon.ask("explode")["ok"] is False
    daemon.wait_until_kept()
    (folder,) = daemon.sessions()
    assert [path.name for path in (folder / "stills").glob("*.png")] == ["0001 00h00m01s.png"]
    assert (pixels(folder / "removed" / "stills" / "0002 00h00m02s.png") == bands(first=2)).all()


def test_what_a_key_has_done_is_drawn_for_the_film_that_it_is_laid_over(daemon: DaemonProcess) -> None:
    daemon.start()
    daemon.press("1", bands(640, 360), title="Sintel", time_s=1)
    daemon.reply("vlc-1")
    assert "strip" not in daemon.ask("undo"), "from where nothing lies over a film"
    small, large = (daemon.ask("redo", video={"width": 16 * k, "height": 9 * k}) for k in (20, 60))
    assert small["text"] == "Put back 1 · Sintel 00:00:01"
    assert not large["ok"], "there was but one to put back"
    for answer in (small, large):
        note = Image.open(daemon.inbox / "replies" / answer["strip"])
        assert list(note.size) == answer["strip_size"]
        assert note.mode == "RGBA"
        assert answer["titled"] is True
    assert large["strip_size"][1] > 1.7 * small["strip_size"][1]


def test_a_new_collage_begins_when_asked_for(daemon: DaemonProcess) -> None:
    daemon.start()
    daemon.press("1", bands(), title="Sintel")
    daemon.reply("vlc-1")
    assert daemon.ask("new")["text"] == "The next still begins a new collage"
    assert daemon.ask("new")["text"] == "The next still begins a new collage", "however often it is asked for"
    assert daemon.ask("undo")["text"] == "The next still joins Sintel again"
    assert daemon.ask("redo")["text"] == "The next still begins a new collage"
    daemon.press("2", bands(), title="Sintel")
    assert daemon.reply("vlc-2")["text"] == "1 · Sintel"
    assert len(daemon.sessions()) == 2


def test_start_status_and_stop(daemon: DaemonProcess) -> None:
    assert daemon.run("start").returncode == 0
    try:
        printed = daemon.run("status").stdout
        assert printed.startswith("The daemon is running")
        assert str(daemon.inbox) in printed
        assert daemon.run("start").stdout == "The daemon is running already.\n"
    finally:
        assert daemon.run("stop").stdout == "The daemon has stopped.\n"
    assert daemon.run("status").stdout.startswith("The daemon is not running: cinepalette start")
    assert daemon.run("stop").stdout == "The daemon is not running.\n"


def test_it_ends_at_once_on_ctrl_c(daemon: DaemonProcess) -> None:
    daemon.start()
    daemon.process.send_signal(signal.SIGINT)
    assert daemon.process.wait(SOON_S) == 0


def test_where_it_is_asked_for_a_still_is_the_frame_of_the_film_itself(daemon: DaemonProcess, tmp_path: Path) -> None:
    film = write_film(tmp_path / "Bars.mp4", seconds=3, size=(640, 360))
    daemon.config.write_text('[truth]\nsource = "film"\n')
    daemon.start()
    # Frame 40, at 1.6 s: as a player gives it whose clock is a little off, with a subtitle burned in.
    rgb = decoding.frame_at(film, 1.6).rgb
    shot = rgb.copy()
    shot[300:312, 280:360] = 255
    daemon.press("1", shot, title="Bars", uri=film.as_uri(), time_s=1.5, player="vlc 4.0.0")
    daemon.press("2", 255 - rgb, title="Bars", uri=film.as_uri(), time_s=1.5, player="vlc 4.0.0")
    daemon.wait_until_kept()
    (folder,) = daemon.sessions()
    other, same = (pixels(folder / still["still"]) for still in reversed(daemon.session()["stills"]))
    assert read_counter(rgb) == 40
    assert (other == 255 - rgb).all()
    assert (same == rgb).all()
    for still in daemon.session()["stills"]:
        assert f"({' '.join(swatch['hex'] for swatch in still['swatches'])})" in daemon.log(), "kept as it was shown"


def test_a_daemon_that_the_settings_left_behind_is_still_found(tmp_path: Path) -> None:
    left = DaemonProcess(tmp_path)
    for name in ("CINEPALETTE_INBOX", "CINEPALETTE_OUTPUT", "CINEPALETTE_CONFIG"):
        del left.environment[name]
    settings = left.home / ".config" / "cinepalette" / "config.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text(f'[places]\noutput = "{tmp_path / "First"}"\n')
    try:
        assert left.run("start").stdout == f"The daemon is watching {tmp_path / 'First' / 'Inbox'}\n"
        settings.write_text(f'[places]\noutput = "{tmp_path / "Second"}"\n')
        assert f"It still watches {tmp_path / 'First' / 'Inbox'}" in left.run("status").stdout
        assert left.run("start").stdout == f"The daemon is watching {tmp_path / 'Second' / 'Inbox'}\n"
        settings.write_text(f'[places]\noutput = "{tmp_path / "Third"}"\n')
    finally:
        assert left.run("stop").stdout == "The daemon has stopped.\n"
    for name in ("First", "Second"):
        settings.write_text(f'[places]\noutput = "{tmp_path / name}"\n')
        assert left.run("status").stdout.startswith("The daemon is not running")
