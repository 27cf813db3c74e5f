"""A page that stands open follows the session: opened from disk, with a real daemon and no server."""

import statistics
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from browser import WIDE, opened, photographed, texts
from daemon_process import DaemonProcess, wait_for
from selenium import webdriver
from selenium.webdriver import Keys
from selenium.webdriver.common.by import By

FILM = {"title": "Nausicaä", "duration_s": 7000.0, "taken_at": "2026-11-20T21:30:00+01:00"}


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[DaemonProcess]:
    one = DaemonProcess(tmp_path)
    one.start()
    yield one
    one.stop()


def frame(number: int, size: tuple[int, int] = (1920, 1080)) -> np.ndarray:
    """A frame of five fields and some grain, another one for each number."""
    width, height = size
    random = np.random.default_rng(number)
    fields = random.integers(0, 256, (1, 5, 3)).repeat(height, axis=0).repeat(width // 5, axis=1)
    return (fields + random.integers(-4, 5, fields.shape)).clip(0, 255).astype(np.uint8)


def press(daemon: DaemonProcess, number: int, **more: object) -> None:
    daemon.press(f"{number:04}", frame(number), time_s=60.0 * number, **{**FILM, **more})


def stills(browser: webdriver.Chrome) -> list[str]:
    """The stills that are shown with their pictures, by number."""
    return browser.execute_script(
        "return [...document.querySelectorAll('main .still')]"
        ".filter(one => { const image = one.querySelector('.picture img');"
        " return image.getAttribute('src') && image.complete && image.naturalWidth })"
        ".map(one => one.dataset.n)"
    )


def shows(browser: webdriver.Chrome, *numbers: int) -> None:
    wait_for(lambda: stills(browser) == [str(number) for number in numbers], f"stills {numbers} on the page")


def page_of(daemon: DaemonProcess) -> str:
    path = daemon.output / "index.html"
    wait_for(path.exists, "the page")
    return path.as_uri()


def test_a_page_from_disk_follows_stills_and_the_keys_that_take_them_out_and_put_them_back(browser, daemon, tmp_path):
    press(daemon, 1)
    opened(browser, page_of(daemon))
    shows(browser, 1)
    browser.execute_script("window.same = true; getSelection().selectAllChildren(document.querySelector('h2'))")
    browser.find_element(By.CSS_SELECTOR, ".colors button").send_keys("")
    for number in (2, 3, 4):
        press(daemon, number)
    shows(browser, 1, 2, 3, 4)
    photographed(browser, tmp_path, "four")
    daemon.ask("remove")
    shows(browser, 1, 2, 3)
    daemon.ask("undo")
    shows(browser, 1, 2, 3, 4)
    daemon.wait_until_kept()
    assert daemon.run("move", "1", "4").returncode == 0
    shows(browser, 2, 3, 4, 1)
    assert daemon.run("rename", "Kaze no tani").returncode == 0
    wait_for(lambda: texts(browser, "h2") == ["Kaze no tani"], "the new title")
    assert browser.execute_script("return window.same"), "the page was never loaded anew"
    focused = "return document.activeElement.innerText"
    wait_for(lambda: browser.execute_script(focused).startswith("#"), "the focus where it was", seconds=5)
    assert browser.find_element(By.CLASS_NAME, "summary").text == "1 session, 4 stills"
    errors = [entry for entry in browser.get_log("browser") if "Content Security" in entry["message"]]
    assert errors == []


def test_another_film_another_section_and_a_deleted_one_none(browser, daemon):
    press(daemon, 1)
    opened(browser, page_of(daemon))
    shows(browser, 1)
    assert texts(browser, "nav:not([hidden])") == [], "one session needs no list"
    press(daemon, 2, title="Totoro", duration_s=5000.0, taken_at="2026-11-20T23:30:00+01:00")
    wait_for(lambda: texts(browser, "h2") == ["Totoro", "Nausicaä"], "the second film first")
    assert texts(browser, "nav .title") == ["Totoro", "Nausicaä"]
    wait_for(
        lambda: (
            texts(browser, ".label .about")
            == ["20 November 2026, 23:30 · 1 still", "20 November 2026, 21:30 · 1 still"]
        ),
        "the time of day, since both are of one day",
    )
    daemon.wait_until_kept()
    assert daemon.run("merge", "--session", "Totoro", "Nausicaä").returncode == 0
    wait_for(lambda: texts(browser, "h2") == ["Totoro"], "one session that holds both")
    shows(browser, 1, 2)


def test_a_session_that_was_deleted_is_on_no_page(browser, daemon):
    press(daemon, 1)
    press(daemon, 2, title="Totoro", duration_s=5000.0, taken_at="2026-11-20T23:30:00+01:00")
    opened(browser, page_of(daemon))
    wait_for(lambda: texts(browser, "h2") == ["Totoro", "Nausicaä"], "both sessions")
    daemon.wait_until_kept()
    assert daemon.run("delete", "Totoro").returncode == 0
    wait_for(lambda: texts(browser, "h2") == ["Nausicaä"], "one session on the page that is open")
    opened(browser, page_of(daemon))
    shows(browser, 1)
    looks = browser.execute_script("return looks")
    wait_for(lambda: browser.execute_script("return looks") > looks + 2, "what is new, as the page asks for it")
    assert texts(browser, "h2") == ["Nausicaä"], "the key that made the other one was the last"


def test_what_is_looked_at_stays_where_it_is_while_stills_come_above_it(browser, daemon):
    for number in range(1, 7):
        press(daemon, number)
    opened(browser, page_of(daemon), (700, 600))
    shows_all = lambda: len(browser.find_elements(By.CLASS_NAME, "still")) == 6  # noqa: E731
    wait_for(shows_all, "six stills")
    browser.execute_script("document.querySelector('[data-n=\"5\"]').scrollIntoView({ behavior: 'instant' })")
    top = "return document.querySelector('[data-n=\"5\"]').getBoundingClientRect().top"
    before = browser.execute_script(top)
    press(daemon, 7, title="Totoro", duration_s=5000.0, taken_at="2026-11-21T23:30:00+01:00")
    wait_for(lambda: texts(browser, "h2")[0] == "Totoro", "the other film above it")
    assert browser.execute_script(top) == pytest.approx(before, abs=2)
    assert browser.execute_script("return scrollY") > 0


def test_live_shows_the_newest_still_large_and_the_next_one_when_it_comes(browser, daemon, tmp_path):
    press(daemon, 1)
    opened(browser, page_of(daemon) + "#live")
    code = ".newest .colors code"
    first = wait_for(lambda: texts(browser, code), "the newest still")
    picture = browser.find_element(By.CSS_SELECTOR, ".newest .picture")
    assert picture.rect["width"] > WIDE[0] * 0.7
    assert not browser.find_element(By.TAG_NAME, "main").is_displayed()
    press(daemon, 2)
    alone = lambda: len(texts(browser, ".newest .title")) == 1  # noqa: E731
    wait_for(lambda: alone() and texts(browser, code) != first, "the next still and no other")
    photographed(browser, tmp_path, "live")
    assert "Nausicaä" in browser.find_element(By.CSS_SELECTOR, ".newest").text
    assert browser.execute_script("return document.documentElement.scrollHeight <= innerHeight")
    browser.find_element(By.TAG_NAME, "body").send_keys(Keys.ESCAPE)
    wait_for(lambda: browser.find_element(By.TAG_NAME, "main").is_displayed(), "the whole page again")


def test_an_open_page_learns_of_a_still_within_half_a_second(browser, daemon):
    press(daemon, 1)
    opened(browser, page_of(daemon))
    shows(browser, 1)
    browser.execute_script(
        "window.there = {}; const look = () => { for (const one of document.querySelectorAll('main .still')) {"
        " const image = one.querySelector('.picture img'); if (image.getAttribute('src') && image.naturalWidth)"
        " window.there[one.dataset.n] ??= Date.now() } requestAnimationFrame(look) }; look()"
    )
    took = []
    for number in range(2, 10):
        rgb = frame(number)
        daemon.wait_until_kept()
        daemon.press(f"{number:04}", rgb, time_s=60.0 * number, **FILM)
        pressed_ms = time.time() * 1000
        there_ms = wait_for(
            lambda number=number: browser.execute_script("return window.there[arguments[0]]", str(number)), "the still"
        )
        took.append(there_ms - pressed_ms)
    print(f"from the written still to its picture on the page: median {statistics.median(took):.0f} ms, {took}")
    assert statistics.median(took) < 500
