"""The server's pages in Chromium: the gallery live by events, and every control of Try a picture."""

import base64
import json
import re
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pytest
from browser import NARROW, WIDE, chromium, opened, photographed, pixel, requests, texts
from daemon_process import DaemonProcess
from daemon_process import wait_for as wait
from PIL import Image
from selenium import webdriver
from selenium.webdriver import ActionChains, Keys
from selenium.webdriver.common.by import By
from selenium.webdriver.support.select import Select
from server_process import PATIENCE_S, ServerProcess

TEAL, ROSE, SAND, NIGHT = (31, 78, 78), (250, 2, 128), (226, 208, 170), (12, 14, 30)
FILM = {"title": "Nausicaä", "duration_s": 7000.0, "taken_at": "2026-11-20T21:30:00+01:00"}
FOUND = ".strip span"

wait_for = partial(wait, seconds=PATIENCE_S)


def fields(*colors: tuple[int, int, int], size: tuple[int, int] = (1920, 1080)) -> np.ndarray:
    """Fields of color side by side, each as wide as its place in the row says."""
    width, height = size
    edges = np.cumsum([0, *range(1, len(colors) + 1)]) * width // sum(range(1, len(colors) + 1))
    rgb = np.zeros((height, width, 3), np.uint8)
    for color, left, right in zip(colors, edges, edges[1:], strict=False):
        rgb[:, left:right] = color
    return rgb


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaemonProcess]:
    one = DaemonProcess(tmp_path_factory.mktemp("pages"))
    one.start()
    one.press("0001", fields(TEAL, ROSE, SAND), time_s=60.0, **FILM)
    one.wait_until_kept()
    yield one
    one.stop()


@pytest.fixture(scope="module")
def server(daemon: DaemonProcess) -> Iterator[ServerProcess]:
    one = ServerProcess(daemon.environment)
    yield one
    one.stop()


@pytest.fixture(scope="module")
def downloads(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("downloads")


@pytest.fixture(scope="module")
def browser(server: ServerProcess, downloads: Path) -> Iterator[webdriver.Chrome]:
    """A browser of its own, which has opened the address that the server printed."""
    with chromium() as chrome:
        chrome.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(downloads)})
        permissions = ["clipboardReadWrite", "clipboardSanitizedWrite"]
        chrome.execute_cdp_cmd("Browser.grantPermissions", {"origin": server.origin, "permissions": permissions})
        chrome.get(server.address)
        assert chrome.current_url == f"{server.origin}/", "the token is gone from the address"
        yield chrome


@pytest.fixture
def still(tmp_path: Path) -> Path:
    path = tmp_path / "Lamps at night.png"
    Image.fromarray(fields(TEAL, ROSE, SAND, NIGHT, size=(800, 450))).save(path)
    return path


def tried(
    browser: webdriver.Chrome, server: ServerProcess, still: Path, size: tuple[int, int] = WIDE, **media: str
) -> None:
    """The page with a picture and its palette."""
    opened(browser, f"{server.origin}/try", size, **media)
    browser.find_element(By.ID, "file").send_keys(str(still))
    wait_for(lambda: texts(browser, FOUND), "a palette")


def said(browser: webdriver.Chrome) -> str:
    return browser.find_element(By.CLASS_NAME, "said").text


def hexes(browser: webdriver.Chrome) -> list[str]:
    return texts(browser, "tbody td:nth-child(2)")


def slide(browser: webdriver.Chrome, name: str, value: int) -> None:
    """Moves a slider as a hand does: the value changes, and the page hears of it."""
    script = "arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event('input', { bubbles: true }))"
    browser.execute_script(script, browser.find_element(By.ID, name), value)


def complaints(browser: webdriver.Chrome) -> list[str]:
    return [entry["message"] for entry in browser.get_log("browser") if entry["level"] == "SEVERE"]


def test_the_gallery_follows_by_events_and_asks_this_server_only(browser, server, daemon, tmp_path):
    opened(browser, f"{server.origin}/")
    shown = lambda: texts(browser, "main .when span:last-child")  # noqa: E731
    wait_for(lambda: shown() == ["1"], "the first still")
    daemon.press("0002", fields(NIGHT, SAND), time_s=120.0, **FILM)
    wait_for(lambda: shown() == ["1", "2"], "the second still")
    whole = "return [...document.querySelectorAll('.picture img')].every(one => one.complete && one.naturalWidth > 0)"
    wait_for(lambda: browser.execute_script(whole), "its picture")
    daemon.ask("remove")
    wait_for(lambda: shown() == ["1"], "the first still alone")
    daemon.ask("undo")
    wait_for(lambda: shown() == ["1", "2"], "the second still again")
    photographed(browser, tmp_path, "gallery")
    asked = requests(browser)
    assert all(one.startswith((server.origin, "data:")) for one in asked), asked
    assert complaints(browser) == []
    links = [one.get_attribute("href") for one in browser.find_elements(By.CSS_SELECTOR, ".files a")]
    for link in links:
        assert server.ask("GET", link.removeprefix(server.origin)).status == 200


def test_from_the_written_still_to_the_page_by_events(browser, server, daemon):
    opened(browser, f"{server.origin}/")
    browser.execute_script(
        "window.there = {}; const look = () => { for (const one of document.querySelectorAll('main .still')) {"
        " const image = one.querySelector('.picture img'); if (image.getAttribute('src') && image.naturalWidth)"
        " window.there[one.dataset.n] ??= Date.now() } requestAnimationFrame(look) }; look()"
    )
    took = []
    for number in range(3, 8):
        daemon.wait_until_kept()
        daemon.press(f"{number:04}", fields(ROSE, (number * 20, 99, 30)), time_s=60.0 * number, **FILM)
        pressed_ms = time.time() * 1000
        there = lambda n=str(number): browser.execute_script("return window.there[arguments[0]]", n)  # noqa: E731
        took.append(wait_for(there, "the still") - pressed_ms)
    print("by events, ms:", [round(one) for one in took])
    assert np.median(took) < 500


def test_a_picture_is_chosen_and_everything_about_its_palette_is_there(browser, server, still, tmp_path):
    tried(browser, server, still)
    picture = photographed(browser, tmp_path, "try")
    parts = browser.find_elements(By.CSS_SELECTOR, FOUND)
    assert {pixel(picture, part) for part in parts} == {TEAL, ROSE, SAND, NIGHT}
    assert len(parts) == 4
    (first,) = [row for row in browser.find_elements(By.CSS_SELECTOR, "tbody tr") if "#fa0280" in row.text]
    for words in ("20%", "rgb(250 2 128)", "hsl(330 98% 49%)", "oklch(63.7%", "3.9, 5.4"):
        assert words in first.text, words
    places = browser.find_elements(By.CSS_SELECTOR, ".places li")
    frame = browser.find_element(By.CSS_SELECTOR, ".picture img").rect
    edges = [0, 0.1, 0.3, 0.6, 1]
    by_title = {place.get_attribute("title").split()[0]: place.rect for place in places}
    for index, code in enumerate(("#1f4e4e", "#fa0280", "#e2d0aa", "#0c0e1e")):
        middle = (by_title[code]["x"] + by_title[code]["width"] / 2 - frame["x"]) / frame["width"]
        assert edges[index] <= middle <= edges[index + 1], code
    alternative = browser.find_element(By.CSS_SELECTOR, ".picture img").get_attribute("alt")
    assert re.match(r"Lamps at night\.png: .+ 40%, .*20%", alternative)
    assert complaints(browser) == []


def test_every_control_of_the_old_page_changes_the_palette(browser, server, still):
    tried(browser, server, still)
    slide(browser, "n", 2)
    wait_for(lambda: len(hexes(browser)) == 2, "two swatches")
    slide(browser, "n", 25)
    wait_for(lambda: len(hexes(browser)) == 4, "as many as the picture has")
    sort = Select(browser.find_element(By.ID, "sort"))
    sort.select_by_value("share")
    wait_for(lambda: hexes(browser)[0] == "#0c0e1e" and hexes(browser)[-1] == "#1f4e4e", "the largest first")
    sort.select_by_value("hue")
    wait_for(lambda: hexes(browser) != [] and hexes(browser)[-1] != "#1f4e4e", "the order of hues")
    sort.select_by_value("light")
    wait_for(lambda: hexes(browser) == ["#0c0e1e", "#1f4e4e", "#fa0280", "#e2d0aa"], "dark to light")
    slide(browser, "darkest", 10)
    wait_for(lambda: "#0c0e1e" not in hexes(browser), "without the darkest")
    slide(browser, "brightest", 70)
    wait_for(lambda: hexes(browser) == ["#1f4e4e", "#fa0280"], "without the brightest")
    slide(browser, "darkest", 80)
    wait_for(lambda: said(browser) == "The darker limit must be below the brighter one.", "what is wrong")
    slide(browser, "darkest", 0)
    slide(browser, "brightest", 100)
    slide(browser, "n", 4)
    wait_for(lambda: len(hexes(browser)) == 4, "all four again")
    asked = (
        "return performance.getEntriesByType('resource').map(one => one.name).filter(one => one.includes('method='))"
    )
    for method in ("kmeans-rgb", "kmeans-hsv", "agglomerative-rgb", "agglomerative-hsv", "cinepalette"):
        Select(browser.find_element(By.ID, "method")).select_by_value(method)
        wait_for(lambda method=method: f"method={method}" in browser.execute_script(asked)[-1], method)
        wait_for(lambda: said(browser) == "4 swatches" and len(hexes(browser)) == 4, f"four by {method}")


def test_widths_are_equal_or_proportional(browser, server, still):
    tried(browser, server, still)
    widths = lambda: [round(one.rect["width"]) for one in browser.find_elements(By.CSS_SELECTOR, FOUND)]  # noqa: E731
    assert max(widths()) - min(widths()) <= 1
    browser.find_element(By.CSS_SELECTOR, "[value=proportional]").click()
    assert widths()[0] == pytest.approx(4 * widths()[1], rel=0.05)
    browser.find_element(By.CSS_SELECTOR, "[value=equal]").click()
    assert max(widths()) - min(widths()) <= 1


def test_the_newest_still_of_the_sessions_is_one_click_away(browser, server, daemon):
    opened(browser, f"{server.origin}/try")
    browser.find_element(By.ID, "newest").click()
    wait_for(lambda: texts(browser, FOUND), "its palette")
    assert re.match(r"0\d\d\d 00h", browser.find_element(By.TAG_NAME, "figcaption").text)


def test_a_code_is_copied_and_the_place_of_its_color_is_shown(browser, server, still):
    tried(browser, server, still)
    button = browser.find_elements(By.CSS_SELECTOR, "tbody button")[0]
    button.click()
    wait_for(lambda: said(browser) == f"Copied {button.text}", "what was copied")
    assert browser.execute_script("return navigator.clipboard.readText()") == button.text
    assert len(browser.find_elements(By.CSS_SELECTOR, ".places .lit")) == 1


def test_swatch_files_and_the_coolors_link_are_taken_away(browser, server, still, downloads):
    tried(browser, server, still)
    for form, name, begins in (("ase", "ase", b"ASEF"), ("procreate", "swatches", b"PK"), ("gpl", "gpl", b"GIMP")):
        Select(browser.find_element(By.ID, "format")).select_by_value(form)
        browser.find_element(By.ID, "save").click()
        file = downloads / f"Lamps at night.{name}"
        wait_for(lambda file=file: file.exists() and file.stat().st_size, f"{file.name}")
        assert file.read_bytes().startswith(begins)
    link = browser.find_element(By.ID, "coolors").get_attribute("href")
    assert link == "https://coolors.co/0c0e1e-1f4e4e-fa0280-e2d0aa"


def test_a_tried_picture_goes_into_a_new_session_and_into_an_old_one(browser, server, daemon, still):
    tried(browser, server, still)
    before = len(daemon.sessions())
    browser.find_element(By.ID, "title").send_keys("Lamps <b>& more")
    browser.find_element(By.CSS_SELECTOR, ".keep button").click()
    wait_for(lambda: re.fullmatch(r"Added to Lamps b & more 2\S+ as still 1\.", said(browser)), "where it went")
    assert len(daemon.sessions()) == before + 1
    wait_for(lambda: not browser.find_element(By.ID, "title").is_displayed(), "the session to be known")
    browser.find_element(By.CSS_SELECTOR, ".keep button").click()
    wait_for(lambda: said(browser).endswith("as still 2."), "the second one")
    (kept,) = daemon.output.glob("Lamps*/stills/0002.png")
    assert np.array_equal(np.asarray(Image.open(kept).convert("RGB")), np.asarray(Image.open(still)))


def test_a_picture_is_dropped_and_what_is_none_is_said(browser, server, still, tmp_path):
    opened(browser, f"{server.origin}/try")
    drop = (
        "const bytes = Uint8Array.from(atob(arguments[0]), one => one.charCodeAt(0)); const data = new DataTransfer();"
        "data.items.add(new File([bytes], arguments[1])); window.dispatchEvent(new DragEvent('drop', "
        "{ dataTransfer: data, bubbles: true, cancelable: true }))"
    )
    browser.execute_script(drop, base64.b64encode(still.read_bytes()).decode(), "dropped.png")
    wait_for(lambda: len(hexes(browser)) == 4, "the palette of what was dropped")
    paste = drop.replace("DragEvent('drop', { dataTransfer", "ClipboardEvent('paste', { clipboardData")
    browser.execute_script(paste, base64.b64encode(still.read_bytes()).decode(), "pasted.png")
    wait_for(lambda: browser.find_element(By.TAG_NAME, "figcaption").text == "pasted.png", "what was pasted")
    for name, data, words in (
        ("notes.txt", b"no picture", "The file is not a picture."),
        ("bomb.gif", b"GIF89a" + b"\xff" * 4 + bytes(3) + b"\x2c" + bytes(9) + b"\x02", "The file is too large"),
        ("empty.png", b"", "The file is empty."),
        ("half.png", still.read_bytes()[:300], "The file is damaged or cut off"),
    ):
        browser.execute_script(drop, base64.b64encode(data).decode(), name)
        wait_for(lambda words=words: said(browser).startswith(words), words)
    browser.execute_script(drop, base64.b64encode(still.read_bytes()).decode(), "again.png")
    wait_for(lambda: said(browser) == "4 swatches", "the page goes on")


def test_what_the_page_does_not_offer_is_answered_and_the_page_goes_on(browser, server, still):
    tried(browser, server, still)
    browser.execute_script("document.querySelector('#n').max = 26")
    slide(browser, "n", 26)
    wait_for(lambda: "from 1 to 25" in said(browser), "that 26 are too many")
    slide(browser, "n", 5)
    browser.execute_script("document.querySelector('#method').append(new Option('magic', 'magic'))")
    Select(browser.find_element(By.ID, "method")).select_by_value("magic")
    wait_for(lambda: "kmeans-rgb" in said(browser), "which methods there are")
    Select(browser.find_element(By.ID, "method")).select_by_value("cinepalette")
    wait_for(lambda: said(browser) == "4 swatches", "the palette again")


def test_two_sessions_of_one_name_are_told_apart_and_a_deleted_one_is_gone(browser, server, daemon, still):
    for name in ("Twins", "Others"):
        assert daemon.run("add", "--session", name, str(still)).returncode == 0
    assert daemon.run("rename", "--session", "Others", "Twins").returncode == 0
    tried(browser, server, still)
    named = lambda: [one.strip() for one in texts(browser, "#session option") if one.strip().startswith("Twins")]  # noqa: E731
    names = wait_for(lambda: len(set(named())) == 2 and named(), "the two sessions in the list")
    Select(browser.find_element(By.ID, "session")).select_by_visible_text(names[0])
    assert daemon.run("delete", names[0]).returncode == 0
    browser.find_element(By.CSS_SELECTOR, ".keep button").click()
    wait_for(lambda: said(browser) == "There is no such session any more; /api/sessions lists them.", "that it is gone")
    wait_for(lambda: names[0] not in named(), "a list without it")
    browser.find_element(By.CSS_SELECTOR, ".keep button").click()
    wait_for(lambda: said(browser).startswith("Added to "), "a new one instead")


def test_the_old_addresses_are_opened_in_the_browser(browser, server, daemon):
    (folder,) = daemon.output.glob("Nausica*/stills")
    path = quote(f"{folder.parent.name}/stills/{sorted(one.name for one in folder.iterdir())[0]}")
    shown = lambda: json.loads(browser.find_element(By.TAG_NAME, "body").text)  # noqa: E731
    browser.get(f"{server.origin}/?url={path}&n=3")
    clusters = shown()["clusters"]
    assert [tuple(one) for one in clusters] == [TEAL, ROSE, SAND]
    browser.get(f"{server.origin}/palette-url?url={path}&n=3")
    assert shown() == {"palette_url": "https://coolors.co/1f4e4e-fa0280-e2d0aa"}
    browser.get(f"{server.origin}/?url=https://example.org/a.png")
    assert "This server fetches no address" in browser.find_element(By.TAG_NAME, "body").text


def test_a_picture_that_the_browser_cannot_show_has_its_palette_all_the_same(browser, server, tmp_path):
    path = tmp_path / "scan.tif"
    Image.fromarray(fields(TEAL, ROSE, size=(300, 200))).save(path)
    tried(browser, server, path)
    assert browser.find_element(By.CLASS_NAME, "unseen").is_displayed()
    assert hexes(browser) == ["#1f4e4e", "#fa0280"]


def test_long_work_is_shown_and_can_be_stopped(browser, server, tmp_path):
    path = tmp_path / "large.png"
    noise = np.random.default_rng(1).integers(0, 256, (3000, 4500, 3), np.uint8)
    Image.fromarray(noise).save(path, compress_level=1)
    opened(browser, f"{server.origin}/try")
    browser.find_element(By.ID, "file").send_keys(str(path))
    stop = browser.find_element(By.ID, "stop")
    wait_for(stop.is_displayed, "the progress")
    stop.click()
    wait_for(lambda: said(browser) == "Stopped.", "that it was stopped")
    assert not stop.is_displayed()


def test_the_keyboard_reaches_every_control(browser, server, still):
    tried(browser, server, still)
    reached = set()
    browser.find_element(By.TAG_NAME, "body").click()
    for _ in range(45):
        ActionChains(browser).send_keys(Keys.TAB).perform()
        focused = browser.switch_to.active_element
        reached.add(focused.get_attribute("id") or focused.get_attribute("value") or focused.text)
    wanted = {"file", "newest", "n", "method", "sort", "equal", "darkest", "brightest", "format", "save", "coolors"}
    assert wanted | {"session", "title", "Add", "Gallery", "API", "#0c0e1e"} <= reached
    tree = browser.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    named = {(node["role"]["value"], node.get("name", {}).get("value")) for node in tree if not node["ignored"]}
    for role, name in (("slider", "Swatches"), ("combobox", "Method"), ("radio", "equal"), ("button", "Save")):
        assert any(one == role and (what or "").strip().startswith(name) for one, what in named), (role, name)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, NARROW, (320, 600), (2560, 1440)])
def test_it_fits_the_window_in_light_and_dark(browser, server, still, tmp_path, size, scheme):
    tried(browser, server, still, size, prefers_color_scheme=scheme)
    picture = photographed(browser, tmp_path, f"{size[0]} {scheme}")
    wider = (
        "return [...document.querySelectorAll('main *')].filter(one => !one.closest('.scroll') && "
        "one.getBoundingClientRect().right > innerWidth + 1).map(one => one.outerHTML.slice(0, 80))"
    )
    assert browser.execute_script(wider) == []
    assert browser.execute_script("return document.documentElement.scrollWidth <= innerWidth")
    wall = picture.getpixel((2, 2))
    assert len(set(wall)) == 1, "a tinted wall would change how the colors on it look"
    assert (wall[0] > 200) == (scheme == "light")


def test_on_paper_there_are_the_picture_its_colors_and_no_controls(browser, server, still, tmp_path):
    tried(browser, server, still, prefers_color_scheme="dark")
    data = base64.b64decode(browser.execute_cdp_cmd("Page.printToPDF", {"printBackground": False})["data"])
    (tmp_path / "paper.pdf").write_bytes(data)
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    picture = photographed(browser, tmp_path, "paper")
    assert picture.getpixel((1, 1)) == (255, 255, 255)
    assert {pixel(picture, part) for part in browser.find_elements(By.CSS_SELECTOR, FOUND)} == {TEAL, ROSE, SAND, NIGHT}
    assert not browser.find_element(By.CLASS_NAME, "controls").is_displayed()


def test_the_api_has_a_page_of_its_own_words(browser, server, tmp_path):
    opened(browser, f"{server.origin}/api", (1200, 1600))
    wait_for(lambda: "/api/palette" in browser.find_element(By.TAG_NAME, "main").text, "the API")
    photographed(browser, tmp_path, "api")
    described = server.ask("GET", "/api/openapi.json").json()["paths"]
    assert texts(browser, "h2 code") == [path for path, methods in described.items() for _ in methods]
    assert complaints(browser) == []


def test_pages_that_stand_open_outlive_merged_and_deleted_sessions_and_the_server(browser, daemon, tmp_path, still):
    server = ServerProcess(daemon.environment)
    try:
        browser.get(server.address)
        browser.execute_script("window.same = true")
        assert daemon.run("add", "--session", "Gone", str(still)).returncode == 0
        wait_for(lambda: "Gone" in texts(browser, "h2"), "the new session")
        assert daemon.run("merge", "--session", "Nausicaä", "Gone").returncode == 0
        wait_for(lambda: "Gone" not in texts(browser, "h2"), "that it was merged")
        assert browser.execute_script("return window.same")
        browser.get(f"{server.origin}/try")
        browser.find_element(By.ID, "file").send_keys(str(still))
        wait_for(lambda: texts(browser, FOUND), "a palette")
        assert server.interrupt() == 0
        slide(browser, "n", 3)
        wait_for(lambda: said(browser).startswith("The server does not answer."), "that nobody answers")
    finally:
        server.stop()
