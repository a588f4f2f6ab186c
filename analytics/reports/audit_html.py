"""The audit report as one HTML file: no script, nothing from outside, ready to print; all text from the data stands as text."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import TYPE_CHECKING

import pandas as pd

from analytics.reports.audit import Audit, Section, about_persons, families
from analytics.reports.cells import cell
from analytics.reports.markup import Html, joined, rows, tag
from analytics.results import Estimate, Note
from analytics.settings import ROOT
from analytics.studies.base import Figure, Filters, Need
from analytics.studies.tables import shares

if TYPE_CHECKING:
    from analytics.i18n import Words

SHOWN = 20  # rows of a table
CONFLICTS = ("proportional", "conditional", "calibrated", "growth", "inequality", "selection")
LACKING = ("not_measured", "lacking", "absent", "suppressed", "locked", ".no_", ".few", ".short")  # in keys of warnings: what is not told
POINTERS = ("pipl24", "pipl55", "gdpr22", "gdpr13", "gdpr35")
_FONT = ROOT / "static" / "fonts" / "InterVariable.woff2"
_STYLE = """
:root{color-scheme:light}
body{font:15px/1.5 Inter,"Noto Sans SC","PingFang SC","Microsoft YaHei",sans-serif;color:#0e1116;background:#fff;
max-width:880px;margin:32px auto;padding:0 20px}
h1{font-size:26px;line-height:1.25;margin:0 0 8px}h2{font-size:20px;margin:36px 0 8px;border-top:1px solid #d7dbe0;padding-top:20px}
h3{font-size:15px;margin:20px 0 4px}p{margin:6px 0}ul{margin:6px 0;padding-left:20px}
.note,.small{color:#57606a;font-size:13px}.verdict{font-size:17px;font-weight:600}.state{font-weight:600}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:12.5px;margin:6px 0}
th{text-align:left;border-bottom:1.5px solid #57606a;padding:4px 8px 4px 0;vertical-align:bottom}
td{border-bottom:1px solid #e3e6ea;padding:3px 8px 3px 0;vertical-align:top;overflow-wrap:anywhere}
th,td{min-width:3.4em}td.number{font-variant-numeric:tabular-nums;white-space:nowrap}
@page{size:A4;margin:16mm}
@media print{body{font-size:10.5pt;margin:0;max-width:none;padding:0}table{font-size:8pt}h2{break-after:avoid}h3{break-after:avoid}
tr{break-inside:avoid}.wide{overflow:visible}td.number{white-space:normal}}
"""


def html(audit: Audit, words: Words) -> bytes:
    """The document in the language of `words`."""
    say = words
    title = say("report.title", group=say(f"groups.{audit.group}"))
    body = joined(
        tag("h1", title),
        _about(audit, say),
        tag("p", say("report.intro")),
        _glance(audit, say),
        *(_section(section, say) for section in audit.sections),
        _tests(audit, say),
        _unmeasured(audit, say),
        _listed(say("report.conflicts.title"), say("report.conflicts.intro"), [say(f"report.conflicts.{name}") for name in CONFLICTS]),
        _listed(say("report.pointers.title"), say("report.pointers.intro"), [say(f"report.pointers.{name}") for name in POINTERS]),
    )
    return f'<!doctype html>\n<html lang="{say.language}">{_head(title)}{tag("body", body)}</html>\n'.encode()


def _head(title: str) -> Html:
    """Nothing may be loaded or run, whatever stands in the text."""
    face = f"@font-face{{font-family:Inter;font-weight:100 900;src:url(data:font/woff2;base64,{b64encode(_FONT.read_bytes()).decode()})}}"
    policy = "default-src 'none'; style-src 'unsafe-inline'; font-src data:"
    metas = Html(
        f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="generator" content="Tierwise">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    )
    return tag("head", metas, tag("title", title), Html(f"<style>{face}{_STYLE}</style>"))


def _about(audit: Audit, say: Words) -> Html:
    about = audit.about
    facts = {
        "workspace": about.workspace,
        "version": say.number(about.version),
        "created_at": about.created_at,
        "as_of": say.day(about.as_of) if about.as_of else "–",
        "loaded": say.number(about.loaded),
        "excluded": say.number(about.excluded),
        "rejected": say.number(about.rejected),
        "time_zone": about.time_zone,
        "currency": say.currency or "–",
        "min_cell": say.number(about.min_cell),
    }
    table = rows([say("report.about"), ""], [[say(f"report.of.{name}"), value] for name, value in facts.items()])
    return joined(table, *([tag("p", say("report.demo"), of="state")] if about.demo else []))


def _glance(audit: Audit, say: Words) -> Html:
    """One line a study."""
    head = [say(f"report.columns.{name}") for name in ("study", "state", "finding")]
    body = [[_title(section, say), _state(section, say), _finding(section, say)] for section in audit.sections]
    return joined(tag("h2", say("report.glance")), rows(head, body))


def _title(section: Section, say: Words) -> str:
    return say(f"studies.{section.study.id}.title")


def _state(section: Section, say: Words) -> str:
    grade = section.result.grade if section.result else None
    return say(f"report.states.{section.state}") + (f" · {say('report.grade', grade=grade)}" if grade else "")


def _finding(section: Section, say: Words) -> str:
    if section.result is None:
        return _needs(section.needs, say) if section.needs else say("report.unfitted")
    return say.note(section.result.refused or section.result.verdict)


def _needs(needs: tuple[Need, ...], say: Words) -> str:
    names = [f"{need.table}.{column}" for need in needs for column in need.columns] + [need.table for need in needs if not need.columns]
    return say("studies.needs_data", columns=", ".join(names))


def _section(section: Section, say: Words) -> Html:
    """A study whole: what it asked, found, how sure, of what, and how it came about."""
    name = section.study.id
    answered = section.result is not None and section.state == "answered"
    return joined(
        tag("h2", _title(section, say)),
        tag("p", say(f"studies.{name}.question"), of="note"),
        tag("p", _finding(section, say), of="verdict" if answered else "state"),
        _estimates(section, say) if answered else "",
        *(_tables(section, say) if answered else ()),
        _warnings(section, say),
        tag("h3", say("report.method")),
        tag("p", say(f"studies.{name}.method")),
        tag("p", say(f"studies.{name}.caveat")),
        _params(section, say),
    )


def _estimates(section: Section, say: Words) -> Html:
    found: Mapping[str, Estimate] = section.result.estimates if section.result else {}
    if not found:
        return joined()
    head = [say(f"report.columns.{column}") for column in ("estimate", "value", "interval", "n", "unit", "definition")]
    body = [[_worded(section, name, "label", say), *_told(one, say), _worded(section, name, "help", say)] for name, one in found.items()]
    return joined(tag("h3", say("report.estimates")), tag("div", rows(head, body), of="wide"))


def _worded(section: Section, name: str, part: str, say: Words) -> str:
    return say(f"studies.{section.study.id}.estimates.{name}.{part}")


def _told(one: Estimate, say: Words) -> list[str]:
    return [say.quantity(one.value, one.unit), say.interval(one), say.number(one.n), say(f"report.units.{one.unit}")]


def _tables(section: Section, say: Words) -> Iterator[Html]:
    """The findings of the study with their numbers; then tests of which no figure shows all. None that names single customers."""
    result = section.result
    if result is None:
        return
    figures = [figure for figure in section.study.figures(result, say) if not _of_persons(section, figure, say)]
    for figure in figures:
        yield _table(figure.title, figure.note, figure.table, say)
    drawn = {figure.key for figure in figures}
    for name, table in families(result.tables).items():
        if name not in drawn and not about_persons(table):
            first = table.sort_values(["flagged", "q"], ascending=[False, True], kind="stable")
            yield _table(_name(name, say), "", section.named(first, say), say)


def _name(table: str, say: Words) -> str:
    key = f"report.tables.{table}"
    return say(key) if say.has(key) else table


def _of_persons(section: Section, figure: Figure, say: Words) -> bool:
    key = f"{section.study.id}.columns.customer_id"
    return about_persons(figure.table) or (say.has(key) and say(key) in figure.table.columns)


def _table(title: str, note: str, table: pd.DataFrame, say: Words) -> Html:
    heads, told = [str(name) for name in table.columns], shares(table, say.language)
    lines = table.head(SHOWN).itertuples(index=False, name=None)
    body = [[cell(value, say, share=name in told) for name, value in zip(heads, line, strict=True)] for line in lines]
    total = say("report.rows", shown=min(SHOWN, len(table)), n=len(table))
    numbers = tag("div", rows(heads, body), of="wide")
    return joined(tag("h3", title), tag("p", f"{note} {total}".strip(), of="note"), numbers)


def _warnings(section: Section, say: Words) -> Html:
    notes = section.result.warnings if section.result else ()
    return joined(tag("h3", say("report.warnings")), _items([say.note(note) for note in notes])) if notes else joined()


def _params(section: Section, say: Words) -> Html:
    body = []
    for field in fields(section.params):
        value = getattr(section.params, field.name)
        if not isinstance(value, Filters):
            body.append([say(f"studies.{section.study.id}.params.{field.name}.label"), _value(section, field.name, value, say)])
    return (
        joined(tag("h3", say("report.params")), rows([say("report.columns.param"), say("report.columns.value")], body))
        if body
        else joined()
    )


def _value(section: Section, name: str, value: object, say: Words) -> str:
    options = f"studies.{section.study.id}.params.{name}.options.{value}"
    if isinstance(value, str) and say.has(options):
        return say(options)
    return say("report.usual") if value in ("", None) else cell(value, say)


def _tests(audit: Audit, say: Words) -> Html:
    """How many comparisons were made together, and how many of them stand out."""
    head = [say(f"report.columns.{name}") for name in ("study", "table", "comparisons", "margin", "flagged")]
    body = [
        [
            say(f"studies.{test.study}.title"),
            _name(test.table, say),
            say.number(test.comparisons),
            "–" if test.margin is None else say.share(test.margin, digits=0),
            say.number(test.flagged),
        ]
        for test in audit.tested
    ]
    told = rows(head, body) if body else tag("p", say("report.no_tests"))
    return joined(tag("h2", say("report.tests")), tag("p", say("report.corrected")), told)


def _unmeasured(audit: Audit, say: Words) -> Html:
    """Not measured is not fair: studies without an answer, attributes and records that are not there, and what answers left out."""
    without = [f"{_title(section, say)}: {_finding(section, say)}" for section in audit.sections if section.state != "answered"]
    absent = [say("report.absent", name=name) for name in audit.absent]
    told = [f"{_title(section, say)}: {say.note(note)}" for section, note in audit.notes() if _lacks(note)]
    items = [*without, *absent, *told]
    return _listed(say("report.unmeasured.title"), say("report.unmeasured.intro"), items or [say("report.unmeasured.nothing")])


def _lacks(note: Note) -> bool:
    """Whether a warning says that something is not in the data."""
    return any(part in note.key for part in LACKING) and not note.key.endswith("no_cause")


def _listed(title: str, intro: str, items: list[str]) -> Html:
    return joined(tag("h2", title), tag("p", intro), _items(items))


def _items(items: list[str]) -> Html:
    return tag("ul", *(tag("li", item) for item in items))
