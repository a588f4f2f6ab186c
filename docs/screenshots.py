"""Takes the pictures of README and the user guide from the running app over its demo programme: `make screenshots`."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]


@dataclass(frozen=True, kw_only=True)
class Shot:
    """One picture: file name, page, language, theme, width and height in pixels."""

    name: str
    page: str = ""
    language: str = "en"
    theme: str = "light"
    width: int = 1440
    height: int = 1500


SHOTS = (
    Shot(name="overview"),
    Shot(name="overview-zh-CN", language="zh-CN"),
    Shot(name="overview-dark", theme="dark"),
    Shot(name="segments", page="segments", height=1750),
    Shot(name="segments-dark-zh-CN", page="segments", language="zh-CN", theme="dark", height=1750),
    Shot(name="cohorts", page="cohorts", height=1900),
    Shot(name="lifecycle", page="lifecycle", height=1700),
    Shot(name="lifecycle-dark-zh-CN", page="lifecycle", language="zh-CN", theme="dark", height=1700),
    Shot(name="forecast-zh-CN", page="forecast", language="zh-CN", height=1700),
    Shot(name="overview-telephone", width=390, height=1500),
)


def main() -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        for language in sorted({shot.language for shot in SHOTS}):  # a home each: the demo programme speaks the first visitor's language
            with tempfile.TemporaryDirectory() as home, server(home) as url:
                for shot in SHOTS:
                    if shot.language == language:
                        page = browser.new_page(viewport={"width": shot.width, "height": shot.height})
                        take(page, url, shot)
                        page.close()
                if language == "en":
                    take_import(browser.new_page(viewport={"width": 1440, "height": 1150}), url)
        browser.close()


def take(page: Page, url: str, shot: Shot) -> None:
    page.goto(f"{url}/{shot.page}?lang={shot.language}&embed_options={shot.theme}_theme")
    drawn(page)
    page.screenshot(path=IMAGES / f"{shot.name}.png")


def take_import(page: Page, url: str) -> None:
    """The page Data with a sample file dropped and understood."""
    page.goto(f"{url}/data?lang=en&embed_options=light_theme")
    page.locator("input[type=file]").set_input_files(sorted((ROOT / "data" / "samples" / "en").rglob("*.csv")))
    page.locator(".st-key-load button").wait_for(timeout=60_000)
    drawn(page)
    page.screenshot(path=IMAGES / "import.png")


def drawn(page: Page) -> None:
    """Wait until the page is whole: footer there, nothing loading, every chart drawn."""
    page.locator(".st-key-footer").wait_for(timeout=90_000)
    page.wait_for_function("!document.querySelector('[data-testid=stApp][data-test-script-state=running], [data-testid=stSkeleton]')")
    page.wait_for_function(
        "[...document.querySelectorAll('[data-testid=stPlotlyChart]')].every(chart => chart.querySelector('.main-svg'))")
    page.evaluate("document.fonts.ready")


@contextmanager
def server(home: str) -> Iterator[str]:
    """The app on a free port over a home of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "LOYALTY_HOME": home}, stdout=subprocess.DEVNULL)
    try:
        wait_for(f"http://127.0.0.1:{port}/_stcore/health")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


def wait_for(url: str, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            with urlopen(url, timeout=2):  # noqa: S310 - our own server
                return
        except (URLError, OSError):
            time.sleep(0.2)
    raise TimeoutError(url)


if __name__ == "__main__":
    main()
