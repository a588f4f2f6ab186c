"""From dropped files to loaded rows: drop, understand, (decide,) load. One flow a session, kept across reruns."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from analytics import jobs
from analytics.errors import UserError
from analytics.intake.report import Answers, FilePlan, ImportReport
from pages.shell.errors import explain, user_errors
from pages.shell.landed import landed
from pages.shell.review import review
from pages.shell.session import workspace
from pages.shell.words import literal, words

ENDINGS = ["csv", "tsv", "txt", "xlsx", "parquet", "jsonl", "ndjson", "json", "zip"]
STEPS = ("read", "map", "check", "load", "build")


@dataclass
class Flow:
    """Where one import stands. The dropped files live in `folder` until the session forgets the flow."""

    ids: tuple[str, ...]
    folder: TemporaryDirectory[str]
    paths: list[Path]
    answers: dict[str, Answers] = field(default_factory=dict)
    job: jobs.Job | None = None
    loading: bool = False
    plans: list[FilePlan] | None = None
    report: ImportReport | None = None
    failed: UserError | None = None


def import_tab() -> None:
    _dropped(_drop_zone())
    flow: Flow | None = st.session_state.get("flow")
    if st.session_state.pop("import_cancelled", False):
        st.info(words()("data.import.cancelled"), icon=":material/undo:")
    if flow is None:
        return
    if flow.failed:
        explain(flow.failed)
    if flow.job is not None:
        _progress()
    elif flow.report is not None:
        landed(flow.report, start_over)
    elif flow.plans is not None:
        review(flow.plans, flow.answers, again=_inspect, load=_load)


def _drop_zone() -> list[UploadedFile]:
    name = f"drop_{st.session_state.get('drops', 0)}"
    files: list[UploadedFile] = st.file_uploader(words()("data.import.drop"), ENDINGS, accept_multiple_files=True, key=name)
    return files


def _dropped(files: Sequence[UploadedFile]) -> None:
    """Start a new flow when other files lie in the drop zone than those it was started with."""
    ids = tuple(file.file_id for file in files)
    flow: Flow | None = st.session_state.get("flow")
    if not ids or (flow is not None and flow.ids == ids):
        return
    _end(flow)
    folder = TemporaryDirectory(prefix="tierwise-")
    st.session_state["flow"] = Flow(ids=ids, folder=folder, paths=[_keep(Path(folder.name), n, file) for n, file in enumerate(files)])
    _inspect({})


def _keep(folder: Path, number: int, file: UploadedFile) -> Path:
    """The upload as a file under its own name, alone in a folder: two files may share a name."""
    path = folder / str(number) / Path(file.name.replace("\\", "/")).name
    path.parent.mkdir()
    with path.open("wb") as out:
        shutil.copyfileobj(file, out)
    return path


def _inspect(answers: dict[str, Answers]) -> None:
    flow: Flow = st.session_state["flow"]
    flow.answers, flow.failed, flow.loading = answers, None, False
    flow.job = jobs.start_inspect(workspace(), flow.paths, answers)


def _load(answers: dict[str, Answers]) -> None:
    flow: Flow = st.session_state["flow"]
    flow.answers, flow.failed, flow.loading = answers, None, True
    flow.job = jobs.start_load(workspace(), flow.paths, answers)


def start_over() -> None:
    """Forget the flow and empty the drop zone."""
    _end(st.session_state.pop("flow", None))
    st.session_state["drops"] = st.session_state.get("drops", 0) + 1


def _cancel() -> None:
    start_over()
    st.session_state["import_cancelled"] = True


def _end(flow: Flow | None) -> None:
    if flow is None:
        return
    if flow.job is not None:
        flow.job.cancel()
    flow.folder.cleanup()


@st.fragment(run_every=0.4)
def _progress() -> None:
    """The steps by name, the rows so far, and a way out. Looks again every 0.4 s without rerunning the page."""
    with user_errors():
        _watch()


def _watch() -> None:
    flow: Flow | None = st.session_state.get("flow")
    if flow is None or flow.job is None:
        return
    now = flow.job.progress()
    if now.done:
        _finish(flow)
        st.rerun()
    say = words()
    with st.container(border=True, key="progress"):
        st.markdown(f"**{say('data.import.loading' if flow.loading else 'data.import.reading')}**")
        st.markdown(_steps(now.step, STEPS if flow.loading else STEPS[:2]))
        st.progress(min(1.0, now.rows / now.total) if now.total else 0.0, _rows(now))
        if st.button(say("data.import.cancel"), icon=":material/close:", key="cancel"):
            _cancel()
            st.rerun()


def _steps(now: str, steps: Sequence[str]) -> str:
    """The steps in a line: done ones ticked, the present one in bold, the others grey."""
    say, at = words(), steps.index(now) if now in steps else len(steps) - 1
    shown = [
        f":material/check_circle: {say(f'steps.{step}')}" if place < at
        else f":material/pending: **{say(f'steps.{step}')}**" if place == at
        else f":gray[:material/circle: {say(f'steps.{step}')}]"
        for place, step in enumerate(steps)
    ]
    return " → ".join(shown)


def _rows(now: jobs.Progress) -> str:
    say = words()
    rows = say("data.import.rows_of", n=now.rows, total=now.total) if now.total else say("data.import.rows", n=now.rows)
    return f"{literal(Path(now.file).name)} · {rows}" if now.file else rows


def _finish(flow: Flow) -> None:
    """Take the job's result: plans of an inspection, the report of a load."""
    job, flow.job = flow.job, None
    try:
        found = job.result() if job is not None else None
    except UserError as error:
        if error.key.startswith("question_"):  # a correction raised a new question: ask it
            _inspect(flow.answers)
        else:
            flow.failed = error
        return
    if isinstance(found, ImportReport):
        flow.report = found
    else:
        flow.plans = list(found or ())
