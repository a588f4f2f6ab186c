"""A server of the test's own, Debian's Chromium, and the promise that no page asks another host for anything."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode, urlsplit
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(item.path).parent == Path(__file__).parent:
            item.add_marker(pytest.mark.browser)


@dataclass(frozen=True, kw_only=True)
class Server:
    """`streamlit run app.py` with a home of its own."""

    url: str
    home: Path

    def at(self, page: str = "", *, language: str = "en", theme: str = "light", **query: str) -> str:
        return f"{self.url}/{page}?{urlencode({'lang': language, 'embed_options': f'{theme}_theme', **query})}"


@pytest.fixture
def start(tmp_path: Path, demo_home: Path) -> Iterator[Callable[..., Server]]:
    """Starts a server over a home of its own with the demo programme, or an empty one; stopped when the test ends."""
    running: list[subprocess.Popen[bytes]] = []

    def started(*, empty: bool = False) -> Server:
        if not empty:
            shutil.copytree(demo_home, tmp_path / "home")
        process, server = serve(tmp_path / "home")
        running.append(process)
        return server

    yield started
    for process in running:
        process.terminate()
        process.wait(20)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, demo_home: Path) -> Iterator[Server]:
    """One server over the demo programme for all tests that only look."""
    home = tmp_path_factory.mktemp("browser") / "home"
    process, running = serve(Path(shutil.copytree(demo_home, home)))
    yield running
    process.terminate()
    process.wait(20)


def serve(home: Path) -> tuple[subprocess.Popen[bytes], Server]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    env = {**os.environ, "LOYALTY_HOME": str(home)}
    process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for(f"http://127.0.0.1:{port}/_stcore/health")
    return process, Server(url=f"http://127.0.0.1:{port}", home=home)


def wait_for(url: str, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while True:
        try:
            with urlopen(url, timeout=2):
                return
        except OSError:
            assert time.monotonic() < end, f"{url} does not answer"
            time.sleep(0.2)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed (make test installs it)")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of 1440 px. After the test: no request has left this machine."""
    context = browser.new_context(viewport={"width": 1440, "height": 1200}, locale="en-GB")
    opened = context.new_page()
    opened.set_default_timeout(120_000)
    asked: set[str] = set()
    opened.on("request", lambda request: asked.add(request.url))
    yield opened
    context.close()
    outside = {url for url in asked if urlsplit(url).scheme in ("http", "https", "ws", "wss") and urlsplit(url).hostname != "127.0.0.1"}
    assert outside == set()


def settled(page: Page) -> Page:
    """Wait until the script has run and every figure is drawn."""
    page.locator("h1").first.wait_for()
    page.locator(".st-key-footer").wait_for()
    page.wait_for_function("!document.querySelector('[data-testid=stApp][data-test-script-state=running], [data-testid=stSkeleton]')")
    page.wait_for_function(
        "[...document.querySelectorAll('[data-testid=stPlotlyChart]')].every(chart => chart.querySelector('.main-svg'))")
    return page
