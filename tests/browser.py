"""A real Chromium, and what a person does with it and sees in it."""

import io
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from selenium import webdriver
from selenium.webdriver import ActionChains, Keys
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

WIDE, NARROW = (1440, 900), (360, 740)


@contextmanager
def chromium() -> Iterator[webdriver.Chrome]:
    """A browser of its own, without a window."""
    program, driver = shutil.which("chromium"), shutil.which("chromedriver")
    assert program and driver, "pages are tested in a real browser: apt-get install chromium chromium-driver"
    options = webdriver.ChromeOptions()
    options.binary_location = program
    # A container has neither the sandbox's rights nor much shared memory; exact pixels need a known color profile.
    for flag in ("headless=new", "no-sandbox", "disable-dev-shm-usage", "hide-scrollbars", "force-color-profile=srgb"):
        options.add_argument(f"--{flag}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    chrome = webdriver.Chrome(options, webdriver.ChromeService(driver))
    try:
        yield chrome
    finally:
        chrome.quit()


def opened(browser: webdriver.Chrome, address: str, size: tuple[int, int] = WIDE, **features: str) -> None:
    """Opens a page in a window of that size, with the log empty before it."""
    media = [{"name": name.replace("_", "-"), "value": value} for name, value in features.items()]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": media})
    width, height = size
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    browser.get("about:blank")
    browser.get_log("performance")
    browser.get_log("browser")
    browser.get(address)


def requests(browser: webdriver.Chrome) -> list[str]:
    """The addresses that the page has asked for."""
    messages = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    return [one["params"]["request"]["url"] for one in messages if one["method"] == "Network.requestWillBeSent"]


def photographed(browser: webdriver.Chrome, folder: Path, name: str) -> Image.Image:
    """The whole window; kept in the test's folder for human eyes."""
    data = browser.get_screenshot_as_png()
    (folder / f"{name}.png").write_bytes(data)
    return Image.open(io.BytesIO(data)).convert("RGB")


def pixel(picture: Image.Image, element: WebElement) -> tuple[int, ...]:
    place = element.rect
    return picture.getpixel((place["x"] + place["width"] // 2, place["y"] + place["height"] // 2))


def pasted(browser: webdriver.Chrome) -> str:
    """What is in the clipboard, by pasting it elsewhere."""
    browser.get("data:text/html,<textarea></textarea>")
    field = browser.find_element(By.TAG_NAME, "textarea")
    field.click()
    ActionChains(browser).key_down(Keys.CONTROL).send_keys("v").key_up(Keys.CONTROL).perform()
    return field.get_property("value")


def said(browser: webdriver.Chrome) -> str:
    """What the page says after an action, once it does."""
    return WebDriverWait(browser, 5).until(lambda chrome: chrome.find_element(By.CLASS_NAME, "toast").text)


def clear_clipboard(browser: webdriver.Chrome) -> None:
    browser.get("data:text/html,<textarea>old</textarea>")
    field = browser.find_element(By.TAG_NAME, "textarea")
    field.click()
    ActionChains(browser).key_down(Keys.CONTROL).send_keys("ac").key_up(Keys.CONTROL).perform()


def all_images_loaded(browser: webdriver.Chrome) -> bool:
    script = "return [...document.images].every(image => image.complete && image.naturalWidth > 0)"
    return bool(browser.execute_script(script))


def texts(browser: webdriver.Chrome, selector: str) -> list[str]:
    """What stands in each such element, at one moment of a page that changes."""
    return browser.execute_script(
        "return [...document.querySelectorAll(arguments[0])].map(one => one.innerText)", selector
    )
