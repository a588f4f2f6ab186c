"""The same answers from the terminal. stdout carries the answer, stderr one clear line when the user must change something.

Exit 0 done (a refusal is an answer), 1 a bug, 2 the user must change something.
"""

from __future__ import annotations

import argparse
import json
import locale
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from analytics import demo, jobs, store
from analytics.access import Access
from analytics.errors import UserError
from analytics.i18n import LANGUAGES, Words
from analytics.intake.report import Answers
from analytics.machine import limits_told
from analytics.results import Estimate
from analytics.settings import DEFAULT_WORKSPACE, ROOT

SAMPLES = ROOT / "data" / "samples"
FORMATS = ("pdf", "pptx", "xlsx", "html")
MADE = ("html",)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. Returns the exit code."""
    args = _parser().parse_args(argv)
    words = Words(language=args.language or _language())
    try:
        command: Callable[[argparse.Namespace, Words], None] = args.command
        with limits_told():
            command(args, words)
    except UserError as error:
        fact, cause, step = words.error(error)
        print(f"{fact} {cause} {step}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _language() -> str:
    code = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or locale.getlocale()[0] or ""
    return "zh-CN" if code.lower().startswith("zh") else "en"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m analytics", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, command: Callable[[argparse.Namespace, Words], None], text: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=text, description=text)
        sub.add_argument("--workspace", default=DEFAULT_WORKSPACE)
        sub.add_argument("--language", choices=list(LANGUAGES))
        sub.add_argument("--json", action="store_true", help="one JSON object on stdout")
        sub.set_defaults(command=command)
        return sub

    load = add("import", _import, "import files that belong together")
    load.add_argument("paths", nargs="+", metavar="PATH")
    load.add_argument("--as", dest="table", metavar="TABLE", help="the canonical table the files are")
    load.add_argument("--map", action="append", default=[], metavar="SOURCE=COLUMN", help="map a column; SOURCE= leaves it out")
    load.add_argument("--encoding")
    load.add_argument("--delimiter")
    load.add_argument("--decimal", choices=[".", ","])
    load.add_argument("--date-order", choices=["dmy", "mdy"])
    load.add_argument("--sheet", help="read this sheet of a workbook only")
    load.add_argument("--total", choices=["order", "line"], help="whether an amount on the lines of an order is the order's or the line's")
    load.add_argument("--currency", metavar="ISO")
    load.add_argument("--rate", action="append", default=[], metavar="ISO=NUMBER", help="reporting currency that one unit buys")
    load.add_argument("--holdout", action="append", default=[], metavar="WORD=withheld|treated")

    made = add("demo", _demo, "load the demo programme: invented customers with known true effects")
    made.add_argument("--if-empty", action="store_true", help="do nothing when the workspace holds data")
    made.add_argument(
        "--without",
        action="append",
        default=[],
        metavar="EFFECT",
        help="leave out an effect of data/programme/truth.py, all of them, or selection",
    )
    made.add_argument(
        "--with", dest="include", action="append", default=[], metavar="EFFECT", help="add one that is off: hidden_confounding"
    )

    example = add("example", _example, "load a sample that ships with the product")
    example.add_argument("name", nargs="?", default="shop")
    example.add_argument("--if-empty", action="store_true", help="do nothing when the workspace holds data")

    add("studies", _studies, "which studies are ready or locked, and why")
    run = add("run", _run, "answer one study")
    run.add_argument("study")
    run.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")
    report = add("report", _report, "write what a group of studies answers as one document")
    report.add_argument("--format", default="html", choices=list(FORMATS))
    report.add_argument("--group", default="tiers", metavar="GROUP", help="a group of studies, as the pages are grouped")
    report.add_argument("--out", required=True, metavar="FILE")
    assign = add("assign", _assign, "draw a test by lot as the study holdout designs it, and keep its list in experiments")
    assign.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a parameter of the study holdout")
    versions = add("versions", _versions, "list the dataset versions, or go back to one")
    versions.add_argument("--go-back", type=int, metavar="NUMBER")
    settings = add("settings", _settings, "show or change currency, time zone, as-of date, fiscal year, smallest cell, industry")
    settings.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")

    person = add("delete-customer", _delete_customer, "erase a customer from the disk, in every version; asks nothing")
    person.add_argument("customer", metavar="ID", help="as in the file it came from; where ids were replaced by pseudonyms, the original")
    whole = add("delete-workspace", _delete_workspace, "remove a workspace from the disk; asks nothing")
    whole.add_argument("--yes", action="store_true", help="accepted for scripts that confirm")
    return parser


# --- commands


def _import(args: argparse.Namespace, words: Words) -> None:
    job = jobs.start_load(args.workspace, [Path(path) for path in args.paths], {"": _answers(args)})
    report = job.result().to_json()
    _emit(args, report, lambda: _import_lines(report, words))


def _demo(args: argparse.Namespace, words: Words) -> None:
    if args.if_empty and _holds(args):
        return
    report = demo.load(args.workspace, words.language, off=args.without, on=args.include).to_json()
    _emit(args, report, lambda: _import_lines(report, words))


def _holds(args: argparse.Namespace) -> bool:
    """Whether the workspace holds data, which is then told."""
    held = store.current(args.workspace)
    if held.number:
        _emit(args, {"workspace": args.workspace, "version": held.number, "files": [], "tables": held.summary}, list)
    return bool(held.number)


def _example(args: argparse.Namespace, words: Words) -> None:
    if args.if_empty and _holds(args):
        return
    available = sorted(path.name for path in (SAMPLES / words.language).glob("*") if path.is_dir())
    if args.name not in available:
        raise UserError("no_such_example", name=args.name, known=", ".join(available))
    paths = sorted((SAMPLES / words.language / args.name).glob("*.csv"))
    report = jobs.start_load(args.workspace, paths, {}, demo=words.language, fresh=True).result().to_json()
    _emit(args, report, lambda: _import_lines(report, words))


def _studies(args: argparse.Namespace, words: Words) -> None:
    from analytics.marts.build import open_current
    from analytics.studies import CATALOGUE
    from analytics.studies.base import missing

    present = open_current(Access(workspace=store.known(args.workspace))).present()
    rows: list[dict[str, Any]] = []
    for study in CATALOGUE.values():
        needs = missing(study, present)
        rows.append(
            {
                "id": study.id,
                "title": words(f"studies.{study.id}.title"),
                "status": "locked" if needs else "ready",
                "needs": [{"table": need.table, "columns": list(need.columns)} for need in needs],
            }
        )
    _emit(
        args,
        {"workspace": args.workspace, "studies": rows},
        lambda: [
            f"{row['id']:<12} {words('cli.' + row['status'])}"
            + "".join(f"  {need['table']}({', '.join(need['columns'])})" for need in row["needs"])
            for row in rows
        ],
    )


def _run(args: argparse.Namespace, words: Words) -> None:
    from analytics.marts.build import open_current
    from analytics.studies import CATALOGUE, answer, params_from, result_json

    if args.study not in CATALOGUE:
        raise UserError("unknown_study", name=args.study, known=", ".join(CATALOGUE))
    study = CATALOGUE[args.study]
    warehouse = open_current(Access(workspace=store.known(args.workspace), min_cell=store.current(args.workspace).settings.min_cell))
    words = Words(words.language, warehouse.settings.currency, warehouse.settings.preset)
    params = params_from(study, _pairs(args.set), warehouse.settings)
    result = answer(study, warehouse, params)
    raw = result_json(result, words, version=warehouse.version.number, params=params)
    _emit(args, raw, lambda: [raw["verdict"]["text"], *_estimate_lines(result.estimates, words)])


def _report(args: argparse.Namespace, words: Words) -> None:
    if args.format not in MADE:
        raise UserError("report_format", format=args.format, known=", ".join(MADE))
    from analytics.marts.build import open_current
    from analytics.reports.audit import answering, audit
    from analytics.reports.audit_html import html

    warehouse = open_current(Access(workspace=store.known(args.workspace), min_cell=store.current(args.workspace).settings.min_cell))
    words = Words(words.language, warehouse.settings.currency, warehouse.settings.preset)
    found = audit(warehouse, answering(warehouse, lambda fit, step: print(words(f"fits.{fit}.{step}"), file=sys.stderr)), args.group)
    path = _written(args.out, html(found, words))
    studies = [{"id": section.study.id, "state": section.state} for section in found.sections]
    raw = {"workspace": args.workspace, "version": found.about.version, "group": args.group, "out": str(path), "studies": studies}
    answered = sum(study["state"] == "answered" for study in studies)
    _emit(args, raw, lambda: [words("cli.report_written", path=path, n=len(studies), answered=answered)])


def _written(out: str, content: bytes) -> Path:
    """The file, whole or not at all. Raises UserError cannot_write."""
    path = Path(out)
    try:
        path.write_bytes(content)
    except OSError as error:
        raise UserError("cannot_write", path=path, why=error.strerror) from error
    return path


def _assign(args: argparse.Namespace, words: Words) -> None:
    from analytics import assign
    from analytics.studies import CATALOGUE, params_from

    settings = store.current(store.known(args.workspace)).settings
    name, report = assign.keep(args.workspace, params_from(CATALOGUE["holdout"], _pairs(args.set), settings))
    raw = {"experiment_id": name, **report.to_json()}
    _emit(args, raw, lambda: [words("cli.assigned", name=name, n=raw["files"][0]["rows_loaded"]), *_import_lines(raw, words)])


def _versions(args: argparse.Namespace, words: Words) -> None:
    store.known(args.workspace)
    if args.go_back is not None:
        store.go_back(args.workspace, args.go_back)
    current = store.current(args.workspace).number
    rows: list[dict[str, Any]] = [
        {
            "version": version.number,
            "created_at": version.created_at,
            "in_force": version.number == current,
            "demo": bool(version.demo),
            "erased": version.erased,
            "files": [file["path"] for file in version.files],
            "tables": version.summary,
        }
        for version in store.versions(args.workspace)
    ]
    _emit(
        args,
        {"workspace": args.workspace, "versions": rows},
        lambda: [_version_line(row, words) for row in rows],
    )


def _version_line(row: Mapping[str, Any], words: Words) -> str:
    line = f"{'*' if row['in_force'] else ' '} {row['version']:>4}  {row['created_at']}  {', '.join(row['files'])}"
    return f"{line}  ({words('data.versions.erased', n=row['erased'])})" if row["erased"] else line


def _delete_customer(args: argparse.Namespace, words: Words) -> None:
    from analytics.erasure import delete_customer

    erased = delete_customer(args.workspace, args.customer)
    facts = {"rows": sum(erased.rows.values()), "rejects": erased.rejects, "versions": len(erased.versions)}
    _emit(args, asdict(erased), lambda: [words("data.deletion.customer_done", **facts)])


def _delete_workspace(args: argparse.Namespace, words: Words) -> None:
    from analytics.erasure import delete_workspace

    removed = delete_workspace(args.workspace)
    facts = {"name": removed.workspace, "versions": removed.versions, "files": removed.files}
    _emit(args, asdict(removed), lambda: [words("data.deletion.workspace_done", **facts)])


def _settings(args: argparse.Namespace, words: Words) -> None:
    store.known(args.workspace)
    if args.set:
        jobs.change_settings(args.workspace, _pairs(args.set))
    raw = store.current(args.workspace).settings.to_json()
    _emit(args, {"workspace": args.workspace, "settings": raw}, lambda: [f"{name:<12} {value}" for name, value in raw.items()])


# --- words in and out


def _answers(args: argparse.Namespace) -> Answers:
    return Answers(
        table=_table(args.table),
        mapping=_mapping(args.map, args.table),
        encoding=args.encoding,
        delimiter={"tab": "\t", "\\t": "\t"}.get(args.delimiter, args.delimiter),
        decimal=args.decimal,
        date_order=args.date_order,
        sheet=args.sheet,
        total=args.total,
        currency=args.currency and args.currency.upper(),
        rates={code.upper(): _number(code, value) for code, value in _pairs(args.rate).items()},
        holdout={word: value == "withheld" for word, value in _pairs(args.holdout).items()},
    )


def _table(name: str | None) -> str | None:
    from analytics.contract import BY_NAME

    if name is not None and name not in BY_NAME:
        raise UserError("unknown_table", name=name, known=", ".join(BY_NAME))
    return name


def _mapping(pairs: Sequence[str], table: str | None) -> dict[str, str]:
    """SOURCE=COLUMN as given: `column` of the table named by --as (else transactions), or `table.column`."""
    from analytics.contract import BY_NAME

    mapping = {}
    for source, target in _pairs(pairs).items():
        full = target if "." in target or not target else f"{table or 'transactions'}.{target}"
        owner, _, column = full.partition(".")
        if full and (owner not in BY_NAME or column not in BY_NAME[owner]):
            raise UserError("unknown_column", name=target, source=source)
        mapping[source] = full
    return mapping


def _pairs(items: Sequence[str]) -> dict[str, str]:
    pairs = {}
    for item in items:
        name, found, value = item.rpartition("=") if item.count("=") > 1 else item.partition("=")
        if not found:
            raise UserError("not_a_pair", text=item)
        pairs[name] = value
    return pairs


def _number(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise UserError("bad_setting", name=name, value=text) from error


def _emit(args: argparse.Namespace, raw: Mapping[str, Any], lines: Callable[[], Sequence[str]]) -> None:
    if args.json:
        print(json.dumps(raw, ensure_ascii=False, allow_nan=False))
    else:
        print("\n".join(lines()))


def _import_lines(report: Mapping[str, Any], words: Words) -> list[str]:
    lines = [words("cli.unchanged")] if report["unchanged"] else []
    for file in report["files"]:
        lines.append(
            words(
                "cli.file",
                path=file["path"],
                source=file["source"],
                read=file["rows_read"],
                loaded=file["rows_loaded"],
                excluded=sum(file["rows_excluded"].values()),
                rejected=file["rows_rejected"],
            )
        )
        lines += [f"    {words('rules.' + key)}: {words.number(n)}" for key, n in file["rows_excluded"].items()]
        lines += [f"    {words('notes.' + key, **facts)}" for key, facts in file["notes"]]
    lines += [f"{name}: " + ", ".join(f"{key} {value}" for key, value in facts.items()) for name, facts in report["tables"].items()]
    path = store.rejects(report["workspace"], store.load(report["workspace"], report["version"]))
    return [*lines, words("cli.rejects", path=path)] if path and not report["unchanged"] else lines


def _estimate_lines(estimates: Mapping[str, Estimate], words: Words) -> list[str]:
    return [
        f"  {name:<24} {words.quantity(item.value, item.unit):>16}   {words.interval(item)}   n = {words.number(item.n)}"
        for name, item in estimates.items()
    ]


if __name__ == "__main__":
    sys.exit(main())
