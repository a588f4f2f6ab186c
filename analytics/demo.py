"""Loads the demo programme: its generator writes files, and they go the way of every upload."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from analytics import jobs, store
from analytics.errors import UserError
from analytics.intake.report import ImportReport
from analytics.settings import ROOT


def load(workspace: str, language: str, *, off: Sequence[str] = (), on: Sequence[str] = ()) -> ImportReport:
    """Make the programme in a language and put it into the workspace, in place of what is there.

    off, on  effects left out, and effects added that are off by default (data/programme/truth.py names them)
    Raises   UserError unknown_effect, and what an import raises
    """
    with store.work_folder(workspace, "demo") as folder:
        _make(folder, language, [*(f"--without={name}" for name in off), *(f"--with={name}" for name in on)])
        return jobs.start_load(workspace, sorted(folder.glob("*.csv")), {}, demo=language, fresh=True).result()  # type: ignore[no-any-return]


def _make(folder: Path, language: str, switches: Sequence[str]) -> None:
    """Run the generator apart: it is data, not part of the package, and argparse knows its effects."""
    made = subprocess.run(
        [sys.executable, "-m", "data.programme", str(folder), "--language", language, *switches],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode == 2:
        known = made.stderr.rpartition("choose from")[2].strip(" ()\n").replace("'", "")
        raise UserError("unknown_effect", effects=" ".join(switches), known=known)
    made.check_returncode()
