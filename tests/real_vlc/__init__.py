"""A real VLC in a real window, for tests: a screen, a player, films, and a stand-in for the daemon.

    @pytest.fixture(scope="module")
    def desktop():
        with Desktop() as desktop:                    # Xvfb and openbox, half a second; share it
            yield desktop

    def test_a_press_gives_a_still(desktop, tmp_path_factory):
        film = write_film(tmp_path_factory.mktemp("films") / "Bars.mp4")
        with VLC(desktop, film) as vlc:               # a real VLC with our plugin, its home empty but for that
            vlc.wait_playing()                        # the film is on screen and the window has the keyboard
            desktop.press("shift+c")
            [still] = vlc.wait_stills(1)              # the picture in vlc.inbox, once its sidecar is there
            assert vlc.sidecar(still)["title"] == "Bars"
            assert vlc.quit() < 2

`desktop.screenshot()` is the screen as a Pillow picture; `vlc.rc("pause")`, `vlc.rc("seek 10")` steer VLC without
keys; `vlc.log()` is what it printed; `wait_for(condition, "what for")` waits no longer than needed. VLC does not run
as root: there it runs as the user "cinepalette-test", and sees the films under `vlc.home`. A real daemon beside
it takes `vlc.inbox` as its CINEPALETTE_INBOX.
"""

from .desktop import Desktop, give, wait_for
from .fake_daemon import FakeDaemon
from .films import bars, coded, counter, mux, read_counter, write_bitmap_subtitle, write_film
from .player import VLC

__all__ = [
    "VLC",
    "Desktop",
    "FakeDaemon",
    "bars",
    "coded",
    "counter",
    "give",
    "mux",
    "read_counter",
    "wait_for",
    "write_bitmap_subtitle",
    "write_film",
]
