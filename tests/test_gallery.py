"""The gallery as a viewer sees it: in Chromium, opened from disk, looked at by its pixels."""

import base64
import re
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from browser import (
    NARROW,
    WIDE,
    all_images_loaded,
    clear_clipboard,
    opened,
    pasted,
    photographed,
    pixel,
    requests,
    said,
)
from cinepalette.color.names import color_name
from cinepalette.export import gallery
from cinepalette.export.formats import FORMATS, Group
from cinepalette.model import RGB, Session, Still, Swatch
from PIL import Image, ImageChops
from selenium import webdriver
from selenium.webdriver import ActionChains, Keys
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

TEAL, ROSE, SAND, NIGHT, WHITE = (31, 78, 78), (250, 2, 128), (226, 208, 170), (12, 14, 30), (255, 255, 255)
SIZES = [(320, 180), (320, 134), (180, 320), (240, 180), (400, 170)]


def session(title: str, stills: int = 3, sizes: Sequence[tuple[int, int]] = SIZES, swatches: int = 4) -> Session:
    at = datetime(2026, 11, 20, 21, 30, tzinfo=UTC)
    colors = [TEAL, ROSE, SAND, NIGHT, WHITE] * 5
    palette = tuple(Swatch(color, 1 / swatches) for color in colors[:swatches])
    made = tuple(
        Still(
            number,
            f"stills/{number:04} 00h0{number % 10}m00s.png",
            f"cards/{number:04}.png",
            at + timedelta(seconds=number),
            sizes[number % len(sizes)],
            palette,
            2467.0 + number,
        )
        for number in range(1, stills + 1)
    )
    return Session(title, at, stills=made)


def written(folder: Path, *sessions: tuple[str, Session]) -> str:
    """Writes a page and the pictures that it shows; gives its address."""
    for name, one in sessions:
        for still in one.stills:
            path = folder / name / still.still
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.new("RGB", still.size, still.swatches[0].rgb).save(path)
        if one.stills:
            Image.new("RGB", (400, 300), SAND).save(folder / name / "collage.png")
    file = folder / gallery.FILE_NAME
    file.write_text(gallery.page(sessions), encoding="utf-8")
    return file.as_uri()


@pytest.fixture
def evening(tmp_path: Path) -> str:
    return written(tmp_path, ("Nausicaä 2026-11-20", session("Nausicaä")))


def test_it_shows_stills_and_swatches_from_disk_and_asks_no_network(browser, tmp_path):
    names = ["100% #1? & more 2026-11-20", "風の谷のナウシカ 2026-11-21", 'it\'s "it" 2026-11-22']
    address = written(tmp_path, *((name, session(name)) for name in names))
    opened(browser, address, (1440, 4000))
    WebDriverWait(browser, 10).until(all_images_loaded)
    picture = photographed(browser, tmp_path, "wide")
    stills = browser.find_elements(By.CLASS_NAME, "still")
    assert len(stills) == 9
    for still in stills:
        assert pixel(picture, still.find_element(By.TAG_NAME, "img")) == TEAL
        strip = still.find_elements(By.CSS_SELECTOR, ".strip span")
        assert [pixel(picture, part) for part in strip] == [TEAL, ROSE, SAND, NIGHT]
    asked = requests(browser)
    assert len(asked) == 13, "the page, nine stills and three collages"
    assert all(one.startswith("file:///") for one in asked), asked
    assert [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"] == []


def test_a_small_picture_without_bars_stands_for_the_still_while_it_is_there(browser, tmp_path):
    film = session("Film", 2, [(320, 180)])
    film = replace(film, stills=tuple(replace(still, box=(0, 30, 320, 150)) for still in film.stills))
    written(tmp_path, ("Film", film))
    there, gone = film.stills
    small = tmp_path / "Film" / ".tiles" / "1 #.jpg"
    small.parent.mkdir()
    Image.new("RGB", (160, 60), ROSE).save(small, quality=100, subsampling=0)
    file = tmp_path / gallery.FILE_NAME
    file.write_text(
        gallery.page([("Film", film)], gallery.OnDisk(lambda still: f".tiles/{still.n} #.jpg")), encoding="utf-8"
    )
    opened(browser, file.as_uri())
    WebDriverWait(browser, 5).until(all_images_loaded)
    shown = browser.find_elements(By.CSS_SELECTOR, ".picture img")
    assert [one.get_attribute("src").rpartition("/")[2] for one in shown] == ["1%20%23.jpg", "0002%2000h02m00s.png"]
    picture = photographed(browser, tmp_path, "small")
    assert max(abs(one - other) for one, other in zip(pixel(picture, shown[0]), ROSE, strict=True)) <= 2
    assert pixel(picture, shown[1]) == TEAL
    assert shown[0].rect["width"] / shown[0].rect["height"] == pytest.approx(320 / 120, rel=0.01)
    frames = [one.rect for one in browser.find_elements(By.CLASS_NAME, "picture")]
    assert frames[0]["height"] == frames[1]["height"], "the bars of the still are outside its frame"
    links = [one.get_attribute("href") for one in browser.find_elements(By.CLASS_NAME, "picture")]
    assert links == [(tmp_path / "Film" / one.still).as_uri() for one in (there, gone)]


def test_the_latest_session_comes_first(browser, tmp_path):
    first, last = session("First", 1), session("Last", 1)
    opened(browser, written(tmp_path, ("First", first), ("empty", session("Empty", 0)), ("Last", last)))
    assert [one.text for one in browser.find_elements(By.TAG_NAME, "h2")] == ["Last", "First"]
    assert [one.text for one in browser.find_elements(By.CSS_SELECTOR, ".contents .title")] == ["Last", "First"]
    assert browser.find_element(By.CSS_SELECTOR, ".masthead p").text == "2 sessions, 2 stills"


@pytest.mark.parametrize("part", [".colors button", ".strip span"])
def test_a_click_copies_the_hex(browser, evening, part):
    clear_clipboard(browser)
    opened(browser, evening)
    browser.find_elements(By.CSS_SELECTOR, part)[1].click()
    assert said(browser) == "Copied #fa0280"
    assert pasted(browser) == "#fa0280"


def test_without_the_clipboards_own_door_the_older_way_copies(browser, evening):
    clear_clipboard(browser)
    opened(browser, evening)
    browser.execute_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    button = browser.find_elements(By.CSS_SELECTOR, ".colors button")[0]
    button.click()
    assert said(browser) == "Copied #1f4e4e"
    assert browser.switch_to.active_element == button
    assert pasted(browser) == "#1f4e4e"


def test_a_copy_that_the_browser_refuses_is_not_called_one(browser, evening):
    opened(browser, evening)
    browser.execute_script(
        "Object.defineProperty(navigator, 'clipboard', { value: undefined }); document.execCommand = () => false"
    )
    browser.find_elements(By.CSS_SELECTOR, ".colors button")[0].click()
    assert said(browser) == "#1f4e4e could not be copied; this browser does not allow it"


def test_the_keyboard_reaches_every_swatch_with_one_stop_a_palette(browser, evening):
    clear_clipboard(browser)
    opened(browser, evening)
    keys = ActionChains(browser)

    def pressed(*names: str) -> str:
        for name in names:
            keys.send_keys(name).perform()
        return browser.switch_to.active_element.text.replace("\n", " ")

    browser.find_element(By.CSS_SELECTOR, ".picture").send_keys("")
    assert pressed(Keys.TAB).startswith("#1f4e4e")
    assert pressed(Keys.ARROW_DOWN).startswith("#fa0280")
    assert pressed(Keys.END).startswith("#0c0e1e")
    assert pressed(Keys.ARROW_RIGHT).startswith("#1f4e4e"), "the last is followed by the first"
    assert pressed(Keys.ARROW_LEFT, Keys.HOME, Keys.ARROW_DOWN).startswith("#fa0280")
    pressed(Keys.TAB)
    assert browser.switch_to.active_element.get_attribute("class").split()[0] == "picture"
    keys.key_down(Keys.SHIFT).send_keys(Keys.TAB).key_up(Keys.SHIFT).perform()
    assert browser.switch_to.active_element.text.startswith("#fa0280"), "the palette keeps its place"
    pressed(Keys.ENTER)
    assert said(browser) == "Copied #fa0280"
    assert pasted(browser) == "#fa0280"


@pytest.mark.parametrize("part", [".picture", ".colors button", ".files a", ".contents a"])
def test_the_focus_is_seen_where_it_is(browser, tmp_path, part):
    opened(browser, written(tmp_path, ("One", session("One")), ("Two", session("Two"))))
    before = photographed(browser, tmp_path, "before")
    element = browser.find_element(By.CSS_SELECTOR, part)
    # Only what the keyboard has focused shows it.
    browser.execute_script("arguments[0].focus({ focusVisible: true })", element)
    place = {name: int(value) for name, value in element.rect.items()}
    around = (place["x"] - 6, place["y"] - 6, place["x"] + place["width"] + 6, place["y"] + place["height"] + 6)
    after = photographed(browser, tmp_path, "after")
    changed = ImageChops.difference(before.crop(around), after.crop(around)).convert("L").point(lambda one: one > 60)
    assert sum(changed.histogram()[1:]) > place["width"]


def test_what_cannot_be_seen_is_announced(browser, evening):
    opened(browser, evening)
    alternative = browser.find_element(By.CSS_SELECTOR, ".picture img").get_attribute("alt")
    names = [f"{color_name(color)} 25%" for color in (TEAL, ROSE, SAND, NIGHT)]
    assert alternative == f"Still 1 of Nausicaä at 00:41:08: {', '.join(names)}"
    tree = browser.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    announced = [(node["role"]["value"], node.get("name", {}).get("value")) for node in tree if not node["ignored"]]
    assert ("button", f"#1f4e4e {color_name(TEAL)} 25%") in announced
    assert ("region", "Nausicaä") in announced
    assert ("list", "Palette of still 1: press to copy") in announced
    assert ("status", "") in announced
    assert announced.count(("button", f"#fa0280 {color_name(ROSE)} 25%")) == 3, (
        "the strip is not announced a second time"
    )


HOSTILE = [
    "</style></title></script><script>window.broken = 1</script>",
    "<img src=x onerror='window.broken = 1'>",
    "\"' onmouseover=window.broken=1 x='",
    "${title} $$ %s {0} &lt;b&gt; &amp;",
    "\u202e\u2066لورنس العرب",
    "line\none\u2028two\x00\x1b[31m",
    "long " * 2_000,
]


def test_hostile_titles_stay_text(browser, tmp_path):
    opened(browser, written(tmp_path, *((f"folder {i}", session(title, 1)) for i, title in enumerate(HOSTILE))))
    shown = [one.text for one in browser.find_elements(By.TAG_NAME, "h2")][::-1]
    assert shown[:4] == HOSTILE[:4]
    assert shown[4:6] == ["لورنس العرب", "line one two [31m"]
    assert len(shown[6]) == 300
    assert len(browser.find_elements(By.CSS_SELECTOR, ".picture img")) == len(HOSTILE)
    assert browser.execute_script("return window.broken") is None
    assert browser.execute_script("return document.documentElement.scrollWidth <= innerWidth")


def test_a_script_that_came_in_all_the_same_would_not_run(browser, evening):
    opened(browser, evening)
    browser.execute_script("document.body.insertAdjacentHTML('beforeend', `<img src=x onerror='window.broken = 1'>`)")
    WebDriverWait(browser, 5).until(
        lambda chrome: any("Content Security Policy" in entry["message"] for entry in chrome.get_log("browser"))
    )
    assert browser.execute_script("return window.broken") is None


def contrast(first: Sequence[int], second: Sequence[int]) -> float:
    """WCAG 2.2, contrast ratio."""

    def luminance(rgb: Sequence[int]) -> float:
        linear = [
            part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in (c / 255 for c in rgb)
        ]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    dark, light = sorted((luminance(first), luminance(second)))
    return (light + 0.05) / (dark + 0.05)


def color_of(browser: webdriver.Chrome, selector: str, what: str) -> RGB:
    script = "return getComputedStyle(document.querySelector(arguments[0]))[arguments[1]]"
    red, green, blue = map(int, re.findall(r"\d+", browser.execute_script(script, selector, what))[:3])
    return red, green, blue


@pytest.mark.parametrize(("scheme", "bright"), [("light", True), ("dark", False)])
def test_light_and_dark_follow_the_system_with_neutral_walls_and_readable_text(
    browser, tmp_path, evening, scheme, bright
):
    opened(browser, evening, prefers_color_scheme=scheme)
    wall = photographed(browser, tmp_path, scheme).getpixel((2, 2))
    assert len(set(wall)) == 1, "a tinted wall would change how the colors on it look"
    assert (wall[0] > 200) == bright
    for selector in ("h2", ".about", ".files a", ".when", ".colors code", ".colors span"):
        assert contrast(color_of(browser, selector, "color"), wall) >= 4.5, selector


@pytest.mark.parametrize(("size", "first_row"), [(WIDE, 3), (NARROW, 1), ((320, 600), 1), ((2560, 1440), 3)])
def test_it_fits_the_window(browser, tmp_path, size, first_row):
    address = written(tmp_path, ("Film", session("A film with a title of some length", 5, [(320, 180)], 25)))
    opened(browser, address, size)
    photographed(browser, tmp_path, f"{size[0]}")
    assert browser.execute_script("return document.documentElement.scrollWidth <= innerWidth")
    tops = [one.rect["y"] for one in browser.find_elements(By.CLASS_NAME, "still")]
    assert tops.count(tops[0]) >= first_row
    assert first_row > 1 or tops.count(tops[0]) == 1


def test_a_loose_picture_has_its_name_below_it(browser, tmp_path):
    one = session("Stills", 3, [(320, 180)])
    long = "A name that somebody gave a picture and that goes on for longer than any picture is wide, and on"
    sources = ["Coffee at noon.jpg", f"{long}.png", "vlcsnap-2026-11-20.png"]
    stills = tuple(
        replace(still, time_s=None, source=source) for still, source in zip(one.stills, sources, strict=True)
    )
    opened(browser, written(tmp_path, ("Stills", replace(one, stills=stills))), NARROW)
    labels = browser.find_elements(By.CSS_SELECTOR, ".when bdi")
    assert [label.text for label in labels] == ["Coffee at noon", long, ""]
    assert [number.text for number in browser.find_elements(By.CSS_SELECTOR, ".when span")] == ["1", "2", "3"]
    assert browser.execute_script("return document.documentElement.scrollWidth <= innerWidth")
    alternative = browser.find_element(By.CSS_SELECTOR, ".picture img").get_attribute("alt")
    assert alternative.startswith("Still 1 of Stills, Coffee at noon: ")


def test_a_full_row_hangs_at_one_height(browser, tmp_path):
    opened(browser, written(tmp_path, ("Film", session("Film", 9, [(320, 180), (400, 170), (240, 180)]))))
    pictures = [one.rect for one in browser.find_elements(By.CSS_SELECTOR, ".picture img")]
    first = [one for one in pictures if one["y"] == pictures[0]["y"]]
    assert len(first) > 1
    assert max(one["height"] for one in first) - min(one["height"] for one in first) <= 2


@pytest.mark.parametrize("width", [1100, 1440, 1920])
def test_every_row_of_mixed_shapes_hangs_at_one_height(browser, tmp_path, width):
    sizes = [(384, 160), (200, 200), (180, 240), (320, 180), (144, 240), (240, 180)]
    opened(browser, written(tmp_path, ("Film", session("Film", 14, sizes))), (width, 900))
    pictures = [one.rect for one in browser.find_elements(By.CSS_SELECTOR, ".picture img")]
    rows = {one["y"]: [] for one in pictures}
    for one in pictures:
        rows[one["y"]].append(one["height"])
    assert len(rows) > 1
    for heights in rows.values():
        assert max(heights) - min(heights) <= 2


def test_many_sessions_leave_the_first_still_near_the_top(browser, tmp_path):
    opened(browser, written(tmp_path, *((f"Film {i}", session(f"Film {i}", 1)) for i in range(60))))
    assert browser.find_element(By.CLASS_NAME, "picture").rect["y"] < 1_000
    earliest = browser.find_element(By.CSS_SELECTOR, ".contents.many li:last-child .title")
    assert not earliest.is_displayed()
    browser.find_element(By.TAG_NAME, "summary").click()
    assert earliest.text == "Film 0"


def test_a_link_in_the_list_of_sessions_leads_there(browser, tmp_path):
    opened(browser, written(tmp_path, ("One", session("One", 9)), ("Two", session("Two", 9))), reduce_motion="reduce")
    browser.find_elements(By.CSS_SELECTOR, ".contents a")[1].click()
    heading = browser.find_elements(By.TAG_NAME, "h2")[1]
    script = "const top = arguments[0].getBoundingClientRect().top; return top >= 0 && top < innerHeight"
    WebDriverWait(browser, 5).until(lambda chrome: chrome.execute_script(script, heading))


def test_on_paper_the_swatches_are_printed_and_every_still_is_there(browser, tmp_path):
    address = written(tmp_path, ("One", session("One", 40)), ("Two", session("Two", 1)))
    opened(browser, address, prefers_color_scheme="dark")
    # Who prints sees a preview until all is there; this command of the browser's does not wait for what the page asks.
    browser.execute_script("dispatchEvent(new Event('beforeprint'))")
    loaded = "return [...document.images].every(image => image.complete && image.naturalWidth)"
    WebDriverWait(browser, 30).until(lambda chrome: chrome.execute_script(loaded))
    data = base64.b64decode(browser.execute_cdp_cmd("Page.printToPDF", {"printBackground": False})["data"])
    (tmp_path / "paper.pdf").write_bytes(data)
    assert data.count(b"/Subtype /Image") >= len(SIZES), "pictures further down are on paper, too"
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    picture = photographed(browser, tmp_path, "paper")
    assert picture.getpixel((1, 1)) == WHITE
    strip = browser.find_elements(By.CSS_SELECTOR, ".strip span")[:4]
    assert [pixel(picture, part) for part in strip] == [TEAL, ROSE, SAND, NIGHT]
    assert color_of(browser, ".colors code", "color") == (0, 0, 0)
    assert not browser.find_element(By.CLASS_NAME, "files").is_displayed()


def test_two_stills_of_a_film_stand_side_by_side_on_paper(browser, tmp_path):
    address = written(tmp_path, ("Film", session("Film", 4, [(320, 180)])))
    # A4 between its margins, in CSS pixels.
    opened(browser, address, (673, 1000))
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    tops = [one.rect["y"] for one in browser.find_elements(By.CLASS_NAME, "still")]
    assert tops[0] == tops[1] < tops[2] == tops[3]


@pytest.mark.parametrize("size", [(390, 844), (844, 390), (1280, 720)])
def test_the_newest_still_is_shown_with_its_codes_and_no_half_line(browser, tmp_path, size):
    opened(
        browser, written(tmp_path, ("Film", session("A film of a long title " * 4, 1, [(320, 180)], 5))) + "#live", size
    )
    WebDriverWait(browser, 5).until(lambda chrome: chrome.find_elements(By.CSS_SELECTOR, ".newest figure"))
    shown = browser.execute_script(
        "const frame = document.querySelector('.newest .colors').getBoundingClientRect();"
        "return [...document.querySelectorAll('.newest .colors li')].map(one => one.getBoundingClientRect())"
        ".map(one => [one.top >= frame.top - 1 && one.bottom <= frame.bottom + 1, one.top >= frame.bottom - 1,"
        " one.bottom <= innerHeight])"
    )
    assert all(inside or outside for inside, outside, _ in shown)
    assert sum(inside and visible for inside, _, visible in shown) >= 4
    assert browser.execute_script("return document.documentElement.scrollWidth <= innerWidth")


def test_a_thousand_stills_load_only_what_is_looked_at(browser, tmp_path):
    film = session("Film", 1_000)
    (tmp_path / gallery.FILE_NAME).write_text(gallery.page([("Film", film)]), encoding="utf-8")
    opened(browser, (tmp_path / gallery.FILE_NAME).as_uri())
    every = "return document.querySelectorAll('.picture img').length == 1000"
    WebDriverWait(browser, 30).until(lambda chrome: chrome.execute_script(every))
    assert 1 < len(requests(browser)) < 100


def test_one_more_still_costs_a_fraction_of_the_whole_page():
    film = session("A film of its own", 1_000)
    started = time.perf_counter()
    gallery.page([("Film", film)])
    whole_s = time.perf_counter() - started
    more = []
    for number in range(1_001, 1_006):
        film = replace(film, stills=(*film.stills, replace(film.stills[0], n=number)))
        started = time.perf_counter()
        page = gallery.page([("Film", film)])
        more.append(time.perf_counter() - started)
    assert min(more) < whole_s / 2
    assert page.count('<li class="still"') == 1_005


def test_a_swatch_file_in_svg_shows_its_colors(browser, tmp_path):
    group = Group("Nausicaä", session("Nausicaä", 1).stills[0].swatches)
    file = tmp_path / "palette.svg"
    file.write_bytes(FORMATS["svg"].encode([group, group], "Nausicaä"))
    opened(browser, file.as_uri())
    picture = photographed(browser, tmp_path, "svg")
    parts = browser.find_elements(By.CSS_SELECTOR, "rect")
    assert [pixel(picture, part) for part in parts] == [TEAL, ROSE, SAND, NIGHT] * 2


def test_a_swatch_file_in_html_keeps_its_colors_when_copied_and_pasted(browser, tmp_path):
    group = Group("Nausicaä", session("Nausicaä", 1).stills[0].swatches)
    file = tmp_path / "palette.html"
    file.write_bytes(FORMATS["html"].encode([group], "Nausicaä"))
    opened(browser, file.as_uri())
    browser.find_element(By.TAG_NAME, "h1").click()
    ActionChains(browser).key_down(Keys.CONTROL).send_keys("ac").key_up(Keys.CONTROL).perform()
    browser.get("data:text/html,<div contenteditable style='height: 50em'></div>")
    browser.find_element(By.TAG_NAME, "div").click()
    ActionChains(browser).key_down(Keys.CONTROL).send_keys("v").key_up(Keys.CONTROL).perform()
    picture = photographed(browser, tmp_path, "pasted")
    cells = browser.find_elements(By.CSS_SELECTOR, "div td:first-child")
    assert [pixel(picture, cell) for cell in cells] == [TEAL, ROSE, SAND, NIGHT]


def test_before_the_first_still_it_says_what_to_do(browser, tmp_path):
    opened(browser, written(tmp_path))
    assert "Press your key while a film plays in VLC." in browser.find_element(By.TAG_NAME, "main").text
    assert browser.find_elements(By.TAG_NAME, "nav") == []
