"""One import on its way, kept across reruns of the page: what was dropped, the job in hand, what came of it."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from analytics import jobs, store
from analytics.errors import UserError
from analytics.intake.report import Answers, FilePlan, ImportReport
from analytics.work import WorkFolder
from pages.shell.session import workspace


@dataclass
class Flow:
    """Where one import stands. The dropped files live in `folder` until they are loaded or the session forgets the flow."""

    ids: tuple[str, ...]
    folder: WorkFolder
    paths: list[Path]
    answers: dict[str, Answers] = field(default_factory=dict)
    job: jobs.Job | None = None
    loading: bool = False
    plans: list[FilePlan] | None = None
    report: ImportReport | None = None
    failed: UserError | None = None


def current() -> Flow | None:
    """The import of this session, if there is one."""
    flow: Flow | None = st.session_state.get("flow")
    return flow


def start(files: Sequence[UploadedFile]) -> None:
    """Begin with other files than before; with the same ones nothing happens."""
    ids, flow = tuple(file.file_id for file in files), current()
    if not ids or (flow is not None and flow.ids == ids):
        return
    _end(flow)
    folder = store.work_folder(workspace(), "uploads")
    st.session_state["flow"] = Flow(ids=ids, folder=folder, paths=[_keep(folder.path, n, file) for n, file in enumerate(files)])
    inspect({})


def _keep(folder: Path, number: int, file: UploadedFile) -> Path:
    """The upload as a file under its own name, alone in a folder: two files may share a name."""
    path = folder / str(number) / Path(file.name.replace("\\", "/")).name
    path.parent.mkdir()
    with path.open("wb") as out:
        shutil.copyfileobj(file, out)
    return path


def inspect(answers: dict[str, Answers]) -> None:
    """Read and map the files with what the user has decided so far."""
    flow: Flow = st.session_state["flow"]
    flow.answers, flow.failed, flow.loading = answers, None, False
    flow.job = jobs.start_inspect(workspace(), flow.paths, answers)


def load(answers: dict[str, Answers]) -> None:
    """Load the files as decided."""
    flow: Flow = st.session_state["flow"]
    flow.answers, flow.failed, flow.loading = answers, None, True
    flow.job = jobs.start_load(workspace(), flow.paths, answers)


def finish(flow: Flow) -> None:
    """Take the job's result: plans of an inspection, the report of a load."""
    job, flow.job = flow.job, None
    try:
        found = job.result() if job is not None else None
    except UserError as error:
        if error.key.startswith("question_"):  # a correction raised a new question: ask it
            inspect(flow.answers)
        else:
            flow.failed = error
        return
    if isinstance(found, ImportReport):
        flow.report = found
        flow.folder.close()
    else:
        flow.plans = list(found or ())


def start_over() -> None:
    """Forget the flow and empty the drop zone."""
    _end(st.session_state.pop("flow", None))
    st.session_state["drops"] = st.session_state.get("drops", 0) + 1


def cancel() -> None:
    """Stop the job and forget the import; the page says so once."""
    start_over()
    st.session_state["import_cancelled"] = True


def _end(flow: Flow | None) -> None:
    if flow is None:
        return
    if flow.job is not None:
        flow.job.cancel()
    flow.folder.close()
