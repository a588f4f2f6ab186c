"""Loads the demo programme: its generator writes files, which go the way of every upload. What is true of it is kept with the version."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from analytics import jobs, store
from analytics.errors import UserError
from analytics.intake.report import ImportReport
from analytics.settings import ROOT
from analytics.store import Version

STEPS = ("make", *jobs.STEPS)


class Making:
    """The programme on its way into a workspace: made in one subprocess, then imported in another; asking for its progress moves it on."""

    def __init__(self, workspace: str, language: str, *, off: Sequence[str] = (), on: Sequence[str] = ()) -> None:
        self._workspace, self._language = workspace, language
        self._switches = [*(f"--without={name}" for name in off), *(f"--with={name}" for name in on)]
        self._folder = store.work_folder(workspace, "demo")
        command = [sys.executable, "-m", "data.programme", str(self._folder.path), "--language", language, *self._switches]
        # apart: it is data, not part of the package, and argparse knows its effects
        self._maker = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self._job: jobs.Job | None = None

    def progress(self) -> jobs.Progress:
        if self._maker.poll() is None:
            return jobs.Progress(step="make")
        if self._maker.returncode:
            return jobs.Progress(step="make", done=True)
        return self._import().progress()

    def cancel(self) -> None:
        """Stop at once. Nothing of it becomes visible."""
        self._maker.kill()
        if self._job is not None:
            self._job.cancel()

    def result(self) -> ImportReport:
        """Wait for it. Raises UserError cancelled | unknown_effect, and what an import raises."""
        try:
            _, said = self._maker.communicate()
            if self._maker.returncode:
                raise self._failed(said)
            return self._import().result()  # type: ignore[no-any-return]
        finally:
            self._folder.close()

    def _import(self) -> jobs.Job:
        if self._job is None:
            known = json.loads((self._folder.path / "truth.json").read_text(encoding="utf-8"))
            paths = sorted(self._folder.path.glob("*.csv"))
            self._job = jobs.start_load(self._workspace, paths, {}, demo=self._language, fresh=True, truth=known)
        return self._job

    def _failed(self, said: str) -> Exception:
        if self._maker.returncode < 0:
            return UserError("cancelled")
        if self._maker.returncode == 2:
            known = said.rpartition("choose from")[2].strip(" ()\n").replace("'", "")
            return UserError("unknown_effect", effects=" ".join(self._switches), known=known)
        return RuntimeError(f"the demo's generator stopped with {self._maker.returncode}: {said}")


def load(workspace: str, language: str, *, off: Sequence[str] = (), on: Sequence[str] = ()) -> ImportReport:
    """Make the programme in a language and put it into the workspace, in place of what is there.

    off, on  effects left out, and effects added that are off by default (data/programme/truth.py names them)
    Raises   UserError unknown_effect, and what an import raises
    """
    return Making(workspace, language, off=off, on=on).result()


def truth(version: Version) -> Mapping[str, Any] | None:
    """What the programme's truth.json says of the data of a version; None for all other data. Own files never join it: they replace it."""
    return version.truth or None
