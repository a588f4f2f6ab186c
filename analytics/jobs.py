"""Imports and fits run in a subprocess with limits on memory and time: a crafted file can harm nothing but its own import, and
what takes long can be cancelled at any moment.

`python -m analytics.jobs` is that subprocess: a request on stdin, progress and the answer as JSON lines on stdout.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analytics import store
from analytics.access import Access
from analytics.damage import damage_told
from analytics.errors import UserError
from analytics.intake.report import Answers, file_plan, import_report
from analytics.machine import limit_in, limits_told
from analytics.settings import ROOT, change, fingerprint
from analytics.store import Version

if TYPE_CHECKING:
    from analytics.fits import Fit
    from analytics.intake.sources.base import Context, Source

ADDRESS_SPACE = int(os.environ.get("TIERWISE_ADDRESS_SPACE", 8 << 30))  # bytes; what is mapped, not what is resident
SECONDS = int(os.environ.get("TIERWISE_IMPORT_SECONDS", 3600))
_KEPT_LINES = 40  # of what a subprocess that fails says last
STEPS = ("read", "map", "check", "load", "build")


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Where a job stands. step: read | map | check | load | build of an import, or a fit's own; rows (pieces) done; total when known."""

    step: str = "read"
    rows: int = 0
    total: int | None = None
    file: str | None = None
    done: bool = False


class Job:
    """One import, or one fit, running in its subprocess."""

    def __init__(self, request: Mapping[str, Any]) -> None:
        self._request = request
        self._progress = Progress()
        self._answer: dict[str, Any] | None = None
        self._cancelled = False
        self._errors: deque[str] = deque(maxlen=_KEPT_LINES)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "analytics.jobs"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=ROOT,
            text=True,
            encoding="utf-8",
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            start_new_session=True,
        )
        self._watch = threading.Timer(SECONDS, self._stop)
        self._watch.daemon = True
        self._watch.start()
        self._threads = [threading.Thread(target=target, daemon=True) for target in (self._listen, self._overhear)]
        for thread in self._threads:
            thread.start()
        assert self._process.stdin is not None  # noqa: S101 - it was asked for
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps(request))
            self._process.stdin.close()

    def progress(self) -> Progress:
        return replace(self._progress, done=self._process.poll() is not None and not self._threads[0].is_alive())

    def cancel(self) -> None:
        """Stop at once. Nothing of the import becomes visible."""
        self._cancelled = True
        self._stop()

    def result(self) -> Any:
        """Wait for the answer: FilePlans of an inspection, an ImportReport, None of a fit (which is on the disk then).

        Raises  UserError cancelled | a limit of the machine | what the import found; RuntimeError for a bug
        """
        for thread in self._threads:
            thread.join()
        code = self._process.wait()
        self._watch.cancel()
        if self._cancelled:
            raise UserError("cancelled")
        if self._answer is None:
            said = "".join(self._errors)
            if code < 0:  # the system, the watch or a parser that a file broke stopped it
                raise UserError("import_limits")
            raise limit_in(said) or RuntimeError(f"the importer stopped with {code}: {said}")
        return self.answered()

    def answered(self) -> Any:
        """What the subprocess said in the end, as `result` returns it."""
        assert self._answer is not None  # noqa: S101 - asked for when it is there
        if error := self._answer.get("error"):
            raise UserError(error["key"], **error["facts"])
        if self._request["action"] == "inspect":
            return [file_plan(raw) for raw in self._answer["plans"]]
        if self._request["action"] == "fit":
            return None
        return import_report(self._answer["report"])

    def _listen(self) -> None:
        assert self._process.stdout is not None  # noqa: S101
        for line in self._process.stdout:
            message = json.loads(line)
            if "progress" in message:
                self._progress = Progress(**message["progress"])
            else:
                self._answer = message

    def _overhear(self) -> None:
        assert self._process.stderr is not None  # noqa: S101
        for line in self._process.stderr:
            self._errors.append(line)

    def _stop(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)


def start_inspect(workspace: str, paths: Sequence[Path], answers: Mapping[str, Answers]) -> Job:
    """Read and map files without loading anything."""
    return Job(_request("inspect", workspace, paths, answers))


def start_load(
    workspace: str,
    paths: Sequence[Path],
    answers: Mapping[str, Answers],
    *,
    demo: str = "",
    fresh: bool = False,
    truth: Mapping[str, Any] | None = None,
) -> Job:
    """Import files into the workspace. `answers` by the path's text, "" for all files; `demo`: the language of the product's own data;
    `truth`: what is true of them, which is kept with the version."""
    return Job(_request("load", workspace, paths, answers, demo=demo, fresh=fresh, truth=truth))


def start_fit(workspace: str, fit: Fit, params: Mapping[str, Any]) -> Job:
    """Fit something to the version in force, and keep it. The job raises UserError code_changed when the code on disk is another by now."""
    store.folder(workspace)
    return Job({"action": "fit", "workspace": workspace, "fit": fit.id, "params": dict(params), "code": fingerprint()})


def _request(action: str, workspace: str, paths: Sequence[Path], answers: Mapping[str, Answers], **flags: object) -> dict[str, Any]:
    store.folder(workspace)
    return {
        "action": action,
        "workspace": workspace,
        "paths": [str(path) for path in paths],
        "answers": {path: answer.to_json() for path, answer in answers.items()},
        **flags,
    }


def change_settings(workspace: str, values: Mapping[str, str]) -> Version:
    """Change the workspace's agreements; a new version of the same rows, marts rebuilt."""
    from analytics.marts.build import build

    base = store.current(workspace)
    with store.drafting(workspace, demo=base.demo) as draft:
        draft.version = replace(draft.version, settings=change(base.settings, values))
        draft.version = build(workspace, draft.version)
        return draft.publish()


# --- the subprocess


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS * 2, SECONDS * 2))


def _say(message: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(message, ensure_ascii=False, default=str) + "\n")
    sys.stdout.flush()


def _teller() -> Callable[[str, str, int], None]:
    """Progress, five times a second at most, and at every new step."""
    said_at, said = 0.0, ""

    def tick(step: str, file: str, rows: int) -> None:
        nonlocal said_at, said
        now = time.monotonic()
        if step != said or now - said_at > 0.2:
            said_at, said = now, step
            _say({"progress": asdict(Progress(step=step, file=Path(file).name, rows=rows))})

    return tick


def _main() -> None:
    _limit()
    request = json.load(sys.stdin)
    try:
        with limits_told():
            answer = {"inspect": _inspect, "load": _load, "fit": _fit}[request["action"]](request)
    except UserError as error:
        answer = {"error": {"key": error.key, "facts": error.facts}}
    _say(answer)


def _plans(request: Mapping[str, Any], settings_of: Version, work: Path, tick: Callable[[str, str, int], None]) -> tuple[Any, list[Any]]:
    """Open, recognise and plan every file of a request. Returns the connection and the plans."""
    from analytics import duck
    from analytics.intake import plan as planning
    from analytics.intake.checks import add_macros
    from analytics.intake.read import Reader
    from analytics.intake.sources.base import Context

    workspace = request["workspace"]
    paths = [Path(path).expanduser().resolve() for path in request["paths"]]
    connection = duck.connect(
        time_zone=settings_of.settings.time_zone,
        spill=work / "spill",
        seconds=SECONDS,
        folders=[work, store.folder(workspace) / "tables", *{path.parent for path in paths}],
    )
    add_macros(connection, store.pseudonym_key(workspace))
    reader = Reader(connection, work)
    answers = {path: Answers.from_json(raw) for path, raw in request["answers"].items()}
    usual = answers.get("", Answers())
    raws = []
    for given, path in zip(request["paths"], paths, strict=True):
        tick("read", given, 0)
        raws += [(given, raw) for raw in reader.open(path, given, answers.get(given, usual))]
    tick("map", "", 0)
    sampled = [(given, planning.sample(connection, raw)) for given, raw in raws]
    context = Context(
        here=frozenset(one.source.id for _, one in sampled if one.source),
        before=frozenset(str(file["source"]) for file in settings_of.files if file["rows_loaded"]),
    )
    _refuse_late(workspace, (one.source for _, one in sampled if one.source), context)
    remembered = store.remembered_mappings(workspace)
    plans = []
    currency = settings_of.settings
    for number, (given, one) in enumerate(sampled):
        answer = answers.get(one.raw.path, answers.get(given, usual))
        made = planning.build(
            connection,
            number,
            one,
            answers=answer,
            context=context,
            settings=currency,
            remembered=remembered.get(header_key(one.raw.header), {}),
        )
        if made.currency and not currency.currency:
            currency = replace(currency, currency=made.currency)
        plans.append(made)
    return connection, planning.used(plans)


def header_key(header: Sequence[str]) -> str:
    """Files with the same column names are mapped the same way."""
    return json.dumps(sorted(header), ensure_ascii=False)


def _inspect(request: Mapping[str, Any]) -> dict[str, Any]:
    with store.work_folder(request["workspace"], "import") as work:
        base = store.current(request["workspace"])
        base = Version() if base.demo else base
        _, plans = _plans(request, base, work, _teller())
        return {"plans": [asdict(plan.public()) for plan in plans]}


def _load(request: Mapping[str, Any]) -> dict[str, Any]:
    from analytics.intake.load import digest

    tick = _teller()
    workspace = request["workspace"]
    digests = {path: digest(_existing(path)) + _sheet(request, path) for path in request["paths"]}
    with (
        store.work_folder(workspace, "import") as work,
        store.drafting(workspace, demo=str(request.get("demo", "")), fresh=bool(request.get("fresh"))) as draft,
    ):
        held: dict[str, list[Mapping[str, Any]]] = {}
        for file in draft.version.files:
            held.setdefault(str(file["sha256"]), []).append(file)
        fresh = list({digests[path]: path for path in reversed(request["paths"]) if digests[path] not in held}.values())[::-1]
        known = [path for path in request["paths"] if digests[path] in held]
        seen = [_seen(path, _same(workspace, path, file, request)) for path in known for file in held[digests[path]]]
        if not fresh:
            version = store.current(workspace)
            return _answer(workspace, version, seen, unchanged=True)
        with damage_told(workspace):
            reports, kept = _load_new({**request, "paths": fresh}, draft, work, tick, digests)
        draft.version = replace(draft.version, truth=request.get("truth") or draft.version.truth)
        tick("build", "", 0)
        from analytics.marts.build import build

        draft.version = build(workspace, draft.version, touched=draft.touched)
        version = draft.publish()
    _remember(workspace, request, reports, kept)
    twice = [path for path in request["paths"] if path not in (*fresh, *known)]
    again = [_seen(path, file) for path in twice for file in kept if file["sha256"] == digests[path]]
    return _answer(workspace, version, [*seen, *reports, *again], unchanged=False)


def _fit(request: Mapping[str, Any]) -> dict[str, Any]:
    from analytics.fits import fitted
    from analytics.marts.build import open_current
    from analytics.studies import FITS

    if request["code"] != fingerprint():  # what is kept by other code would not be found by whoever asked, who would ask again and again
        raise UserError("code_changed")

    def tell(step: str, done: int, total: int) -> None:
        _say({"progress": asdict(Progress(step=step, rows=done, total=total))})

    fitted(open_current(Access(workspace=request["workspace"])), FITS[request["fit"]], tell, **request["params"])
    return {}


def _existing(path: str) -> Path:
    found = Path(path).expanduser()
    if not found.is_file():
        raise UserError("no_such_file", file=path)
    return found


def _load_new(
    request: Mapping[str, Any], draft: store.Draft, work: Path, tick: Callable[[str, str, int], None], digests: Mapping[str, str]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Load files into the draft. Returns their reports as told to the user, and as kept with the version."""
    from analytics.intake import load, views

    connection, plans = _plans(request, draft.version, work, tick)
    _refuse_unknown_columns(request, plans)
    questions = [(plan.raw.path, question) for plan in plans for question in plan.questions]
    if questions:
        path, question = questions[0]
        facts = {**question.facts, "file": Path(path).name, "flag": question.flag, "options": ", ".join(question.options)}
        raise UserError(f"question_{question.key}", **facts)
    tick("check", "", 0)
    companions = {plan.source: plan.typed for plan in plans}
    for plan in sorted(plans, key=lambda plan: any("{" in rule.sql for rule in plan.rules)):
        views.create_views(connection, plan, companions)
    reports = [asdict(report) for report in load.load(connection, draft, plans, work, tick)]
    if not any(report["rows_read"] for report in reports):
        raise UserError("no_rows", file=Path(request["paths"][0]).name)
    if not any(report["rows_loaded"] for report in reports) and not any(report["rows_excluded"] for report in reports):
        raise UserError("nothing_loaded", rejected=sum(report["rows_rejected"] for report in reports))
    kept = []
    for report, plan in zip(reports, plans, strict=True):
        given = next(path for path in request["paths"] if report["path"] == path or report["path"].startswith(f"{path}/"))
        name = Path(given).name + report["path"].removeprefix(given)  # where a file lay is nobody's business later on
        kept.append(
            {
                **report,
                "path": name,
                "sha256": digests[given],
                "header": list(plan.raw.header),
                "told": _told(request, given),
            }
        )
    currency = next((plan.currency for plan in plans if plan.currency), "")
    settings = draft.version.settings if draft.version.settings.currency else replace(draft.version.settings, currency=currency)
    draft.version = replace(draft.version, settings=settings, files=(*draft.version.files, *kept))
    return reports, kept


def _refuse_unknown_columns(request: Mapping[str, Any], plans: Sequence[Any]) -> None:
    """A mapping given for all files names a column that at least one of them has."""
    header = list(dict.fromkeys(name for plan in plans for name in plan.raw.header))
    for name in request["answers"].get("", {}).get("mapping", {}):
        if name not in header:
            raise UserError("no_such_column", column=name, columns=", ".join(header))


def _refuse_late(workspace: str, sources: Iterable[Source], context: Context) -> None:
    """A file that changes what rows loaded before it mean comes too late: they would be counted in another way than it needs."""
    for source in sources:
        if source.comes_late(context):
            version = store.current(workspace)
            while any(file["source"] in source.not_after for file in version.files):
                version = store.load(workspace, version.parent or 0)
            raise UserError(source.refusal, version=version.number)


def _told(request: Mapping[str, Any], path: str) -> dict[str, Any]:
    """What the user decided about a file, without what was left to be detected."""
    answer = request["answers"].get(path) or request["answers"].get("") or {}
    return {name: value for name, value in answer.items() if value}


def _sheet(request: Mapping[str, Any], path: str) -> str:
    """Another sheet of a workbook is another file."""
    sheet = _told(request, path).get("sheet")
    return f"#{sheet}" if sheet else ""


def _same(workspace: str, path: str, file: Mapping[str, Any], request: Mapping[str, Any]) -> Mapping[str, Any]:
    """The file as it was loaded. Raises UserError loaded_differently when the user now wants it read in another way."""
    told = _told(request, path)
    if told and told != file.get("told", {}):
        holding = [v for v in store.versions(workspace) if any(one["sha256"] == file["sha256"] for one in v.files)]
        raise UserError("loaded_differently", file=Path(path).name, version=holding[-1].parent or 0)
    return file


def _seen(path: str, report: Mapping[str, Any]) -> dict[str, Any]:
    """The report of a file (a member, a sheet) that is in the workspace already: read, and nothing of it loaded again."""
    _, inside, member = str(report["path"]).partition("/")
    return {
        **report,
        "path": path + inside + member,
        "rows_loaded": 0,
        "rows_rejected": 0,
        "rows_excluded": {"already_loaded": report["rows_read"]},
    }


def _remember(workspace: str, request: Mapping[str, Any], reports: Sequence[Mapping[str, Any]], kept: Sequence[Mapping[str, Any]]) -> None:
    """Keep corrections for the next file with the same header."""
    for report, file in zip(reports, kept, strict=True):
        answer = request["answers"].get(report["path"]) or request["answers"].get("")
        if answer and answer.get("mapping"):
            store.remember_mapping(workspace, header_key(file["header"]), answer["mapping"])


def _answer(workspace: str, version: Version, files: Sequence[Mapping[str, Any]], *, unchanged: bool) -> dict[str, Any]:
    files = [{key: value for key, value in file.items() if key not in ("sha256", "header", "told")} for file in files]
    return {
        "report": {
            "workspace": workspace,
            "version": version.number,
            "files": files,
            "tables": version.summary,
            "unchanged": unchanged,
        }
    }


if __name__ == "__main__":
    _main()
