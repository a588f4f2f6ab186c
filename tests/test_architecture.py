"""The layers hold, and the check that says so bites."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

VIOLATIONS = [
    ("analytics/models/planted.py", "import analytics.figures.planted", "Layers: the top imports the bottom only"),
    ("analytics/store.py", "import analytics.warehouse", "Layers: the top imports the bottom only"),
    ("analytics/results.py", "import analytics.i18n", "Layers: the top imports the bottom only"),
    ("analytics/planted.py", "", "Layers: the top imports the bottom only"),
    ("analytics/models/planted.py", "import streamlit", "analytics knows no Streamlit and no page"),
    ("analytics/studies/planted.py", "import pages.shell", "analytics knows no Streamlit and no page"),
    ("analytics/studies/planted.py", "import duckdb", "Only the importer, the store and the warehouse touch DuckDB and Delta Lake"),
    ("pages/shell/planted.py", "import deltalake", "Only the importer, the store and the warehouse touch DuckDB and Delta Lake"),
]


def check(project: Path) -> subprocess.CompletedProcess[str]:
    """import-linter over a project folder."""
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache", "--no-logo"]
    return subprocess.run(command, cwd=project, capture_output=True, text=True, timeout=120)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The code alone, in a folder of its own."""
    for package in ("analytics", "pages"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_layers_hold(copy: Path) -> None:
    done = check(copy)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(("path", "line", "contract"), VIOLATIONS)
def test_a_planted_violation_is_found(path: str, line: str, contract: str, copy: Path) -> None:
    (copy / "analytics" / "figures" / "planted.py").touch()
    with (copy / path).open("a", encoding="utf-8") as file:
        file.write(f"\n{line}\n")
    done = check(copy)
    assert done.returncode == 1
    assert f"{contract} BROKEN" in done.stdout


def test_no_page_writes_html_of_its_own() -> None:
    """Uploaded text reaches the browser through Streamlit's escaping only."""
    found = [path.name for path in (ROOT / "pages").rglob("*.py") if "unsafe_allow_html" in path.read_text("utf-8")]
    assert found == []
