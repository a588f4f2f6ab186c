"""The figures of the design `launch`: what came against what was to be expected, and launches that never were."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from analytics.figures.curves import Curve, curves
from analytics.figures.look import BLUE, ORANGE, ticks
from analytics.studies.base import Figure
from analytics.studies.effect_figures_shared import figure, money, off_zero, rows_of_money
from analytics.studies.tables import short

if TYPE_CHECKING:
    from analytics.i18n import Words


def draw(tables: Mapping[str, pd.DataFrame], words: Words) -> tuple[Figure, ...]:
    """What the tables at hand allow."""
    drawn = [_course(tables["launch"], words)] if "launch" in tables else []
    if len(placebos := tables.get("placebos_launch", pd.DataFrame())):
        drawn.append(_placebos(placebos, words))
    return tuple(drawn)


def _course(table: pd.DataFrame, words: Words) -> Figure:
    """Weeks as they were, and from the launch on as they were to be expected."""
    after = table[table["expected"].notna()]
    at = int(after.index[0])
    days = [words.day(week.date()) for week in table["week"]]
    actual = Curve(
        name=words("effect.columns.actual"),
        x=list(range(len(table))),
        y=table["actual"].tolist(),
        text=[f"{day}: {money(value, words)}" for day, value in zip(days, table["actual"], strict=True)],
        colour=BLUE,
    )
    told = [_told(days[int(str(at))], row, words) for at, row in after.iterrows()]
    expected = Curve(
        name=words("effect.columns.expected"),
        x=after.index.tolist(),
        y=after["expected"].tolist(),
        low=after["low"].tolist(),
        high=after["high"].tolist(),
        text=told,
        colour=ORANGE,
    )
    step = max(1, -(-len(table) // 4))
    shown = list(range(0, len(table), step))
    top = float(table[["actual", "high"]].max().max())
    spec = curves(
        [expected, actual],
        x={"tickvals": shown, "ticktext": [days[week] for week in shown]},
        y=ticks(top, lambda value: short(value, words)),
        split=(float(at), words("effect.launched")),
    )
    extra = float((after["actual"] - after["expected"]).sum())
    share = words.share(abs(extra) / max(abs(float(after["expected"].sum())), 1e-9))
    facts = {"share": share, "weeks": len(after), "before": at, "extra": money(abs(extra), words)}
    return figure("launch", "more" if extra > 0 else "less", spec, table, words, **facts)


def _told(day: str, row: pd.Series, words: Words) -> str:
    return f"{day}: {money(row['expected'], words)} ({money(row['low'], words)} – {money(row['high'], words)})"


def _placebos(table: pd.DataFrame, words: Words) -> Figure:
    counted = table.groupby("placebo", sort=False).cumcount() + 1
    names = [words(f"effect.false_launches.{kind}", n=int(n)) for kind, n in zip(table["placebo"], counted, strict=True)]
    off = off_zero(table)
    shown = table.assign(placebo=names)
    spec, said = rows_of_money(table, names, words), "quiet" if off == 0 else "loud"
    return figure("placebos_launch", said, spec, shown, words, n=len(table), off=off)
