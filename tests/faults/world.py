"""A workspace to do harm to, processes that work on it, and what is to be seen of it afterwards."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from analytics import jobs, store
from analytics.access import Access
from analytics.marts.build import open_current
from analytics.studies import CATALOGUE, answer
from analytics.warehouse import Warehouse
from tests.conftest import ROOT

W = "w"
FIRST, SECOND = 3_000, 20_000  # orders of the file that is there before, and of the one whose import is disturbed


def orders(path: Path, count: int, *, seed: int, first: int = 1) -> Path:
    """A CSV of orders, one row in a thousand of which cannot be read."""
    draw = random.Random(seed)
    with path.open("w", encoding="utf-8") as file:
        file.write("customer_id,order_id,date,amount,region\n")
        for number in range(first, first + count):
            amount = "much" if number % 1000 == 7 else f"{draw.randrange(100, 10_000) / 100:.2f}"
            day = f"2025-{draw.randrange(1, 13):02d}-{draw.randrange(1, 29):02d}"
            file.write(f"C{draw.randrange(count // 4 + 1)},{number},{day},{amount},{draw.choice(['North', 'South'])}\n")
    return path


def load(path: Path, workspace: str = W) -> Mapping[str, Any]:
    """Import a file in this process."""
    return jobs._load({"workspace": workspace, "paths": [str(path)], "answers": {}})["report"]


def sums(house: Warehouse) -> dict[str, tuple[object, ...]]:
    """Rows and a control sum over every cell, for each table that the version holds."""
    sql = "select count(*), sum(hash(t)::hugeint)::varchar from {} t"
    return {table: house.row(sql.format(table)) for table in house.version.tables}


def state(workspace: str = W) -> dict[str, Any]:
    """All that a reader can know of the version in force: control sums, totals, and the answer of a study from its marts."""
    version = store.current(workspace)
    if not version.number:
        return {}
    house = open_current(Access(workspace=workspace))
    overview = CATALOGUE["overview"]
    return {"sums": sums(house), "summary": version.summary, "overview": repr(answer(overview, house, overview.params()).estimates)}


def rows(version: store.Version) -> Counter[str]:
    """All rows of a version's tables, whose customer first."""
    files = [file for table in version.tables for file in store.parquet_files(W, version, table)]
    return Counter(f"{row['customer_id']}|{row}" for file in files for row in pq.ParquetFile(file).read().to_pylist())


def of_others(counted: Counter[str], customer: str) -> Counter[str]:
    return Counter({row: n for row, n in counted.items() if not row.startswith(f"{customer}|")})


def strays(root: Path) -> list[str]:
    """Files of a workspace that no version needs: rows no version reads, marts and rejects of no version, temporary files."""
    versions = store.versions(root.name)
    read = {Path(file) for version in versions for table in version.tables for file in store.parquet_files(root.name, version, table)}
    numbers = {f"{version.number:06d}" for version in versions}
    found = [path for path in root.glob("tables/*/*.parquet") if path not in read]
    found += [path for name in ("marts/*", "rejects/*") for path in root.glob(name) if path.name.split(".csv")[0] not in numbers]
    found += [*root.rglob("*.tmp"), *root.glob("unpublished")]
    found += [path for path in root.glob("work/*") if not path.name.startswith(f"spill-{os.getpid()}-")]  # of the warehouses open here
    return sorted({str(path.relative_to(root)) for path in found})


def size(root: Path) -> int:
    return sum(path.stat().st_size for path in root.rglob("*") if path.is_file())


class Work:
    """A process working on a workspace: the steps it told of, and its end."""

    def __init__(self, home: Path, command: Sequence[str], request: Mapping[str, Any] | None = None, **env: str) -> None:
        self.home, self.steps, self.lines = home, ["start"], []
        self.process = subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=ROOT,
            env={**os.environ, "LOYALTY_HOME": str(home), "PYTHONUTF8": "1", **env},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(request) if request else "")
        self.process.stdin.close()
        self._ears = threading.Thread(target=self._listen, daemon=True)
        self._ears.start()

    @property
    def step(self) -> str:
        return self.steps[-1]

    @property
    def at_work(self) -> bool:
        """Whether it holds the workspace's lock."""
        lock = self.home / W / ".lock"
        return lock.exists() and lock.read_text() == str(self.process.pid)

    def until(self, begun: Callable[[], bool], seconds: float = 60) -> bool:
        """Wait until something holds. Returns False when the process ended before."""
        end = time.monotonic() + seconds
        while not begun():
            if self.process.poll() is not None:
                return begun()
            assert time.monotonic() < end, f"the process hangs after {self.steps}"
            time.sleep(0.0005)
        return True

    def signal(self, number: int) -> None:
        os.killpg(self.process.pid, number)

    def kill(self) -> bool:
        """kill -9. Returns False when it had come to its end."""
        if self.process.poll() is None:
            self.signal(signal.SIGKILL)
        return self.process.wait(30) == -signal.SIGKILL

    def answer(self, seconds: float = 60) -> dict[str, Any]:
        """What it said at last."""
        self.process.wait(seconds)
        self._ears.join(10)
        assert self.process.stderr is not None
        assert self.lines, self.process.stderr.read()
        return json.loads(self.lines[-1])

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line)
            told = json.loads(line).get("progress", {}) if line.startswith("{") else {}
            if told.get("step", self.step) != self.step:
                self.steps.append(told["step"])


def importing(home: Path, path: Path, workspace: str = W, **env: str) -> Work:
    """An import in its process, as the app starts it."""
    return Work(home, ["analytics.jobs"], {"action": "load", "workspace": workspace, "paths": [str(path)], "answers": {}}, **env)
