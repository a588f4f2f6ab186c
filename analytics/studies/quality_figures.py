"""The figures of the data's quality: what is filled, what fails a check, what the files add up to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from analytics.figures.bars import Measure, bars
from analytics.figures.look import BLUE, GREEN, GREY, ORANGE, RED, Spec
from analytics.results import Result
from analytics.studies.base import Figure
from analytics.studies.tables import titled

if TYPE_CHECKING:
    from analytics.i18n import Words

_COLOURS = {"good": GREEN, "watch": ORANGE, "act": RED, "not_measured": GREY}


def draw(result: Result, words: Words) -> tuple[Figure, ...]:
    """Score, checks, completeness, days covered, files."""
    wanted = {"score": _score, "checks": _checks, "completeness": _completeness, "coverage": _coverage, "files": _files}
    return tuple(make(result.tables[name], words) for name, make in wanted.items() if name in result.tables)


def _score(table: pd.DataFrame, words: Words) -> Figure:
    worst = table.iloc[int(table["value"].argmin())]
    facts = {
        "score": words.share(table["value"].mean(), digits=0),
        "part": words(f"quality.components.{worst['component']}"),
        "value": words.share(worst["value"]),
        "n": len(table),
    }
    names = [words(f"quality.components.{part}") for part in table["component"]]
    spec = bars(
        names,
        [
            Measure(
                name=words("quality.columns.value"), values=table["value"].tolist(), text=[words.share(value) for value in table["value"]]
            )
        ],
        top=1.0,
    )
    return _figure("score", facts, spec, titled(table.assign(component=names), "quality.columns", words), words)


def _checks(table: pd.DataFrame, words: Words) -> Figure:
    """Shares of rows that fail; colour and word say the status, so colour alone says nothing."""
    named = table.assign(check=[_check(row, words) for _, row in table.iterrows()])
    seen = named[named["status"] != "not_measured"].sort_values("share", ascending=False)
    worst = seen.iloc[0]
    facts = {
        "check": worst["check"],
        "share": words.share(worst["share"]),
        "hits": words.number(worst["hits"]),
        "rows": words.number(worst["rows"]),
        "n": len(seen),
        "good": int((seen["status"] == "good").sum()),
    }
    text = [
        f"{words.share(share, digits=2)} · {words.number(hits)} · {words(f'quality.statuses.{status}')}"
        for share, hits, status in zip(seen["share"], seen["hits"], seen["status"], strict=True)
    ]
    spec = bars(seen["check"].tolist(), [Measure(name=words("quality.columns.share"), values=seen["share"].tolist(), text=text)])
    spec["data"][0]["marker"]["color"] = [_COLOURS[status] for status in seen["status"]]
    shown = named.assign(
        area=[words(f"quality.components.{area}") for area in named["area"]],
        table=_tables(named["table"], words),
        status=[words(f"quality.statuses.{status}") for status in named["status"]],
    )
    kind = "clean" if worst["hits"] == 0 else "found"
    return _figure("checks", facts, spec, titled(shown, "quality.columns", words), words, kind=kind)


def _check(row: pd.Series, words: Words) -> str:
    check, table = row["check"], row["table"]
    return f"{words(f'quality.checks.{check}')} · {words(f'data.tables.{table}')}"


def _completeness(table: pd.DataFrame, words: Words) -> Figure:
    """Columns that are not full, the emptiest first."""
    named = table.assign(
        name=[
            f"{words(f'data.tables.{where}')} · {words(f'data.columns.{column}')}"
            for where, column in zip(table["table"], table["column"], strict=True)
        ]
    )
    full = int((named["share"] == 1).sum())
    shown = named.sort_values(["share", "name"]).head(20)
    worst = shown.iloc[0]
    facts = {"full": full, "n": len(named), "column": worst["name"], "share": words.share(worst["share"])}
    spec = bars(
        shown["name"].tolist(),
        [
            Measure(
                name=words("quality.columns.share"),
                values=shown["share"].tolist(),
                colour=BLUE,
                text=[
                    f"{words.share(share)} · {words.number(filled)}" for share, filled in zip(shown["share"], shown["filled"], strict=True)
                ],
            )
        ],
        top=1.0,
    )
    read = table.assign(table=_tables(table["table"], words), column=[words(f"data.columns.{column}") for column in table["column"]])
    return _figure(
        "completeness", facts, spec, titled(read, "quality.columns", words), words, kind="full" if full == len(named) else "gaps"
    )


def _coverage(table: pd.DataFrame, words: Words) -> Figure:
    """Share of days with rows between the first and the last."""
    share = table["days"] / table["days_between"]
    longest = table.iloc[int(table["longest_gap"].argmax())]
    facts = {
        "table": words(f"data.tables.{longest['table']}"),
        "gap": words.number(longest["longest_gap"]),
        "since": words.day(longest["gap_from"]) if pd.notna(longest["gap_from"]) else "–",
        "first": words.day(table["first"].min()),
        "last": words.day(table["last"].max()),
    }
    text = [
        f"{words.share(part, digits=0)} · {words.day(first)} – {words.day(last)}"
        for part, first, last in zip(share, table["first"], table["last"], strict=True)
    ]
    spec = bars(_tables(table["table"], words), [Measure(name=words("quality.columns.days"), values=share.tolist(), text=text)], top=1.0)
    days = {name: [words.day(day) if pd.notna(day) else "–" for day in table[name]] for name in ("first", "last", "gap_from")}
    read = table.assign(table=_tables(table["table"], words), **days)
    return _figure(
        "coverage", facts, spec, titled(read, "quality.columns", words), words, kind="gap" if longest["longest_gap"] else "whole"
    )


def _files(table: pd.DataFrame, words: Words) -> Figure:
    """Where the rows of each file went."""
    parts = ("rows_loaded", "rows_excluded", "rows_rejected")
    total = table["rows_read"].clip(lower=1)
    measures = [
        Measure(
            name=words(f"quality.columns.{part}"),
            values=(table[part] / total).tolist(),
            text=[words.number(n) for n in table[part]],
            colour=colour,
        )
        for part, colour in zip(parts, (BLUE, GREY, ORANGE), strict=True)
    ]
    facts = {
        "read": words.number(table["rows_read"].sum()),
        "loaded": words.number(table["rows_loaded"].sum()),
        "n": len(table),
        "excluded": words.number(table["rows_excluded"].sum()),
        "rejected": words.number(table["rows_rejected"].sum()),
    }
    names = [f"{path} ({at + 1})" if list(table["path"]).count(path) > 1 else str(path) for at, path in enumerate(table["path"])]
    read = table.assign(
        table=[words(f"data.tables.{name}") if name else "–" for name in table["table"]],
        accounted=[words("words.yes" if whole else "words.no") for whole in table["accounted"]],
    )
    return _figure(
        "files",
        facts,
        bars(names, measures, top=1.0),
        titled(read, "quality.columns", words),
        words,
        kind="whole" if table["accounted"].all() else "lost",
    )


def _tables(names: pd.Series, words: Words) -> list[str]:
    return [words(f"data.tables.{name}") for name in names]


def _figure(key: str, facts: Mapping[str, object], spec: Spec, table: pd.DataFrame, words: Words, *, kind: str = "plain") -> Figure:
    return Figure(
        key=key,
        title=words(f"figures.{key}.title.{kind}", **facts),
        note=words(f"figures.{key}.note", **facts),
        alt=words(f"figures.{key}.alt", **facts),
        spec=spec,
        table=table,
    )
