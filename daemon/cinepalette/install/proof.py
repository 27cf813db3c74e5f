"""The proof at the end of setting up: a film that we draw ourselves goes through VLC and the daemon into a collage.

libVLC plays it without a display and takes the snapshot, so that the decoder, the snapshot, the inbox, the daemon and
the drawing are the real ones; only the key press is left to the person.
"""

import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from ..config import Config
from ..daemon import page
from ..errors import SetupError
from ..inbox.folder import Inbox
from ..model import Session
from ..picture.writing import write_png, write_whole
from ..session.store import Store
from . import leftovers

TITLE = "Cinepalette test"

# 576 lines are still standard definition, for which VLC's snapshots have the right colors.
_SIZE = (1024, 576)
_SECONDS = 4
_RATE = 25
_SHOT_AT_S = 1.0

_WITHOUT_A_DISPLAY = ("--vout=dummy", "--aout=dummy", "--no-audio", "--no-osd", "--no-snapshot-preview", "--quiet")

_PLAY_WAIT_S = 30.0
_SHOT_WAIT_S = 10.0
_REPLY_WAIT_S = 60.0
_COLLAGE_WAIT_S = 60.0
_LOOK_S = 0.05
_LOG_LINES = 5


def run(config: Config, say: Callable[[str], None]) -> Path:
    """Sends one still the whole way; gives a copy of the collage. `say` is called with what happens.

    The session that came of it is taken away again: it is none of the user's. Raises `SetupError` that names the joint
    that failed.
    """
    try:
        made = _sent(config, say)
        kept = leftovers.proof_folder() / made.name
        write_whole(kept, made.read_bytes())
    finally:
        forget_sessions(config)
    return kept


def forget_sessions(config: Config) -> None:
    """Removes the sessions of proofs, those of earlier versions too."""
    store = Store(config.output)
    if not any(_is_of_proof(session) for _, session in store.sessions()):
        return
    # The daemon may be about to write their page.
    with store.drawing(), store.lock():
        for folder, session in store.sessions():
            if _is_of_proof(session):
                shutil.rmtree(folder.path)
        if store.sessions():
            page.write(store)
        else:
            leftovers.remove_page(config.output)


def _is_of_proof(session: Session) -> bool:
    """Whether a session holds stills of our test film and no others."""
    ours = session.film is not None and session.film.title == TITLE and session.film.duration_s == _SECONDS
    return ours and all(still.size == _SIZE for still in (*session.stills, *session.removed))


def _sent(config: Config, say: Callable[[str], None]) -> Path:
    """One still sent the whole way; gives the collage in its session."""
    inbox = Inbox(config.inbox)
    inbox.create()
    taken_at = datetime.now().astimezone()
    stem = f"vlc-{taken_at:%Y%m%d-%H%M%S}-{taken_at.microsecond // 1000:03}-{os.getpid() % 10_000:04}"
    still = config.inbox / f"{stem}.png"
    vlc = libvlc()
    if vlc is None:
        say("libVLC is not on this system (a VLC from flatpak or snap?): the still goes into the inbox directly")
        time_s, player = _SHOT_AT_S, None
        write_png(still, scene(time_s / _SECONDS))
    else:
        say("libVLC plays a film that was drawn for this, and takes a still")
        player = f"vlc {vlc.libvlc_get_version().decode().split()[0]}"
        time_s = _shoot(vlc, still)
    begun = time.time()
    _write_sidecar(still, player, time_s, taken_at)
    reply = config.inbox / "replies" / f"{stem}.json"
    _wait(reply.exists, _REPLY_WAIT_S, lambda: f"the daemon has not answered; {_log_of(config)}")
    answer: dict[str, Any] = json.loads(reply.read_bytes())
    for path in (reply, reply.with_suffix(".png")):
        path.unlink(missing_ok=True)
    if not answer.get("ok"):
        raise SetupError(f"the daemon could not use the still: {answer.get('text')}; {_log_of(config)}")
    collage = config.output / str(answer["session"]) / "collage.png"
    _wait(
        lambda: collage.exists() and collage.stat().st_mtime >= begun,
        _COLLAGE_WAIT_S,
        lambda: f"the collage {collage} has not come; {_log_of(config)}",
    )
    return collage


def scene(at: float, size: tuple[int, int] = _SIZE) -> np.ndarray:
    """A picture of the film, (height, width, 3) uint8 RGB: the sun goes down behind hills while `at` grows to 1."""
    width, height = size
    x = np.linspace(0.0, 1.0, width)[None, :]
    y = np.linspace(0.0, 1.0, height)[:, None]
    sky = _blend(np.array([52, 62, 122]), np.array([244, 170, 112]), np.clip(y / 0.62, 0, 1) ** 1.3 + 0 * x)
    sun_x, sun_y = 0.62, 0.34 + 0.12 * at
    distance = np.hypot((x - sun_x) * width / height, y - sun_y)
    picture = _blend(sky, np.array([255, 214, 140]), 0.55 * np.exp(-((distance / 0.22) ** 2)))
    picture = _blend(picture, np.array([255, 240, 200]), np.clip((0.075 - distance) * height / 2, 0, 1))
    hills = (
        (0.56, 0.050, 5.0, 0.3, (158, 104, 118)),
        (0.66, 0.060, 3.3, 2.1, (92, 74, 104)),
        (0.80, 0.070, 2.4, 4.0, (38, 42, 66)),
    )
    for base, rise, waves, phase, color in hills:
        ridge = base - rise * (np.sin(waves * np.pi * x + phase) + 0.4 * np.sin(2.3 * waves * np.pi * x + 2 * phase))
        picture = _blend(picture, np.array(color), np.clip((y - ridge) * height / 2 + 0.5, 0, 1))
    return np.clip(picture + 0.5, 0, 255).astype(np.uint8)


def _blend(under: np.ndarray, over: np.ndarray, amount: np.ndarray) -> np.ndarray:
    mixed: np.ndarray = under * (1 - amount[..., None]) + over * amount[..., None]
    return mixed


def libvlc() -> Any:
    """python-vlc, or None where it finds no libVLC.

    Then its import fails in several ways, one of them an exit; or it succeeds, and only the first call does not.
    """
    try:
        import vlc

        vlc.libvlc_get_version()
    except (ImportError, OSError, NotImplementedError, AttributeError, NameError, SystemExit):
        return None
    return vlc


def _write_film(path: Path) -> None:
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), _RATE, _SIZE)
    if not writer.isOpened():
        raise SetupError(f"{path}: OpenCV cannot write a film here")
    for number in range(_SECONDS * _RATE):
        # The sun moves slowly: a new picture every fifth of a second will do.
        if number % 5 == 0:
            picture = cv2.cvtColor(scene(number / (_SECONDS * _RATE)), cv2.COLOR_RGB2BGR)
        writer.write(picture)
    writer.release()


def _shoot(vlc: Any, still: Path) -> float:
    """Plays the film without a display and has libVLC write one still; gives its time in the film."""
    # /tmp may be small or full, and OpenCV would not say so.
    place = leftovers.proof_folder()
    place.mkdir(parents=True, exist_ok=True)
    with _quiet(), tempfile.TemporaryDirectory(dir=place) as folder:
        film = Path(folder) / f"{TITLE}.avi"
        _write_film(film)
        instance = vlc.Instance(*_WITHOUT_A_DISPLAY)
        if instance is None:
            raise SetupError("libVLC cannot be started; is VLC installed completely?")
        player = instance.media_player_new()
        try:
            player.set_media(instance.media_new(str(film)))
            player.play()
            _wait(
                lambda: player.has_vout() and player.get_time() >= _SHOT_AT_S * 1000,
                _PLAY_WAIT_S,
                lambda: "libVLC does not play the test film; is VLC installed completely?",
            )
            time_s: float = player.get_time() / 1000

            def shot() -> bool:
                # What the call returns proves nothing; the file does.
                player.video_take_snapshot(0, str(still), 0, 0)
                return still.exists() and still.stat().st_size > 0

            _wait(shot, _SHOT_WAIT_S, lambda: "libVLC plays, but takes no snapshot")
            return time_s
        finally:
            player.stop()
            player.release()
            instance.release()


@contextmanager
def _quiet() -> Iterator[None]:
    """Keeps VLC's own chatter, which goes past Python, from the terminal."""
    kept = os.dup(2)
    silence = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(silence, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(silence)


def _write_sidecar(still: Path, player: str | None, time_s: float, taken_at: datetime) -> None:
    data: dict[str, Any] = {
        "v": 1,
        "title": TITLE,
        "time_s": round(time_s, 3),
        "duration_s": float(_SECONDS),
        "taken_at": taken_at.isoformat(),
        "video": {"width": _SIZE[0], "height": _SIZE[1]},
    }
    if player is not None:
        data["player"] = player
    write_whole(still.with_suffix(".json"), json.dumps(data))


def _log_of(config: Config) -> str:
    """The daemon's last words, which most often say what is wrong."""
    try:
        lines = config.log.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return f"it has written no log to {config.log}"
    return "\n".join([f"its log {config.log} ends:", *(f"    {line}" for line in lines[-_LOG_LINES:])])


def _wait(condition: Callable[[], Any], seconds: float, problem: Callable[[], str]) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise SetupError(problem())
        time.sleep(_LOOK_S)
