"""Pages that stand open while a film is played in a real VLC and stills are taken with real keys."""

import statistics
import time
from pathlib import Path

from browser import WIDE, chromium, opened
from daemon_process import DaemonProcess, wait_for
from real_vlc import VLC, Desktop, write_film
from selenium import webdriver
from server_process import ServerProcess

COLORS = ((200, 60, 40), (40, 160, 60), (30, 60, 180), (230, 220, 200), (90, 80, 110))
STILLS = 9

# Notes when each still's picture was there for the first time.
WATCH = """
window.there = {};
const look = () => {
  for (const one of document.querySelectorAll("main .still")) {
    const image = one.querySelector(".picture img");
    if (image.getAttribute("src") && image.naturalWidth) window.there[one.dataset.n] ??= Date.now();
  }
  requestAnimationFrame(look);
};
look();
"""


def there_ms(browser: webdriver.Chrome, n: int) -> float:
    return wait_for(lambda: browser.execute_script("return window.there[arguments[0]]", str(n)), f"still {n}")


def test_an_evening_is_followed_from_disk_and_from_the_server(tmp_path: Path) -> None:
    film = write_film(tmp_path / "Nausicaä.mp4", size=(1920, 1080), seconds=90, colors=COLORS)
    with Desktop() as desktop, VLC(desktop, film) as vlc, chromium() as by_disk, chromium() as by_server:
        daemon = DaemonProcess(tmp_path, vlc.inbox)
        server = None
        try:
            daemon.start()
            vlc.wait_playing()
            desktop.press("shift+c")
            page = daemon.output / "index.html"
            wait_for(page.exists, "the page")
            daemon.wait_until_kept()
            server = ServerProcess(daemon.environment)
            by_server.get(server.address)
            opened(by_disk, page.as_uri(), WIDE)
            for browser in (by_disk, by_server):
                browser.execute_script(WATCH)
                there_ms(browser, 1)
            took: dict[str, list[float]] = {"from disk": [], "from the server": []}
            for number in range(2, STILLS + 1):
                pressed_ms = time.time() * 1000
                desktop.press("shift+c")
                took["from disk"].append(there_ms(by_disk, number) - pressed_ms)
                took["from the server"].append(there_ms(by_server, number) - pressed_ms)
                daemon.wait_until_kept()
            desktop.press("u")
            shown = "return [...document.querySelectorAll('main .still')].map(one => Number(one.dataset.n))"
            for browser in (by_disk, by_server):
                wanted = list(range(1, STILLS))
                wait_for(
                    lambda one=browser, wanted=wanted: one.execute_script(shown) == wanted, "the last one taken out"
                )
            for way, times in took.items():
                print(
                    f"from the key to the picture on the page, {way}: median {statistics.median(times):.0f} ms, {times}"
                )
        finally:
            if server:
                server.stop()
            daemon.stop()
