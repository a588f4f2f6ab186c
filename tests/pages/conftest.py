"""A home that holds the sample programme, made once; and the app opened on a page in a language."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from analytics import jobs
from analytics.settings import DEFAULT_WORKSPACE, ROOT
from tests.conftest import fit_everything

Open = Callable[..., AppTest]


@pytest.fixture(scope="session")
def sample_home(made_once: Callable[[str, Callable[[], object]], Path]) -> Path:
    """The English sample loaded as a first visit does, with its models."""
    return made_once("sample_home", fill)


def fill() -> None:
    files = sorted((ROOT / "data" / "samples" / "en").rglob("*.csv"))
    jobs.start_load(DEFAULT_WORKSPACE, files, {}, demo="en", fresh=True).result()
    fit_everything()


@pytest.fixture
def sample(sample_home: Path, home: Path) -> Path:
    """A copy of the sample home for one test."""
    shutil.rmtree(home)
    shutil.copytree(sample_home, home)
    return home


@pytest.fixture
def open_page() -> Open:
    """`open_page("data", "zh-CN")` runs the app on that page; nothing on it may be a bug."""

    def opened(page: str = "overview", language: str = "en", **query: str) -> AppTest:
        app = AppTest.from_file(str(Path(__file__).with_name("launch.py")), default_timeout=60)
        app.query_params["lang"] = language
        for name, value in query.items():
            app.query_params[name] = value
        app.run()
        return app if page == "overview" else app.switch_page(f"../../pages/{page}.py").run()

    return opened


def texts(app: AppTest) -> str:
    """Everything the page says in paragraphs, headings and captions."""
    parts = [*app.title, *app.subheader, *app.markdown, *app.caption, *app.info, *app.success, *app.warning, *app.error]
    return "\n".join(str(part.value) for part in parts)
