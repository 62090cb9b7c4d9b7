"""A headless Chromium from the distribution's packages, to look at pages; tests are skipped where there is none."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
needs_browser = pytest.mark.skipif(
    not (CHROMIUM and DRIVER), reason="no chromium and chromedriver here (apt-get install chromium chromium-driver)"
)
SECONDS = 120
OPTIONS = (
    "--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--window-size=1280,800",
    "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--force-prefers-reduced-motion",
)  # fmt: skip
"""No graphics card is needed: lines are drawn in software."""


@contextmanager
def browser() -> Iterator[Chrome]:
    """A browser that keeps what its console says."""
    from selenium.webdriver import Chrome, ChromeOptions
    from selenium.webdriver.chrome.service import Service

    options = ChromeOptions()
    for option in OPTIONS:
        options.add_argument(option)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    options.binary_location = str(CHROMIUM)
    driver = Chrome(options=options, service=Service(str(DRIVER)))
    try:
        driver.set_page_load_timeout(SECONDS)
        yield driver
    finally:
        driver.quit()


def visit(driver: Chrome, path: Path) -> None:
    """Open a page and wait until its program has run."""
    driver.get(path.as_uri())
    wait_for(lambda: driver.execute_script("return document.documentElement.dataset.ready"))


def wait_for(condition: Any) -> Any:
    """What ``condition`` gives once that is true."""
    end = time.monotonic() + SECONDS
    while not (found := condition()):
        if time.monotonic() > end:
            raise AssertionError("it never came to be")
        time.sleep(0.05)
    return found


def complaints(driver: Chrome) -> list[str]:
    """What the console has to say that is no plain word."""
    return [line["message"] for line in driver.get_log("browser") if line["level"] in ("SEVERE", "WARNING")]  # type: ignore[no-untyped-call]
