"""The figures of the design `threshold`: the step and the crowd around it, the other thresholds, steps where no threshold is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from analytics.figures.look import ticks
from analytics.figures.threshold import Crowd, Side, threshold
from analytics.studies.base import Figure
from analytics.studies.effect_figures_shared import figure, money, off_zero, rows_of_money, told
from analytics.studies.tables import short

if TYPE_CHECKING:
    from analytics.i18n import Words


def draw(tables: Mapping[str, pd.DataFrame], words: Words) -> tuple[Figure, ...]:
    """What the tables at hand allow."""
    if "rd" not in tables or "density" not in tables:
        return ()
    drawn = [_step(tables["rd"], tables["density"], words)]
    if "rd_thresholds" in tables:
        drawn.append(_thresholds(tables["rd_thresholds"], words))
    if len(placebos := tables.get("placebos_threshold", pd.DataFrame())):
        drawn.append(_placebos(placebos, words))
    return tuple(drawn)


def _side(table: pd.DataFrame, name: str, words: Words) -> Side:
    part = table[table["side"] == name]
    text = [
        f"{money(at, words)}: {money(mean, words)} · n = {words.number(int(n))}"
        for at, mean, n in zip(part["at"], part["mean"], part["n"], strict=True)
    ]
    fit = [value if value == value else None for value in part["fit"].tolist()]
    return Side(name=words(f"effect.sides.{name}"), at=part["at"].tolist(), mean=part["mean"].tolist(), fit=fit, text=text)


def _step(table: pd.DataFrame, density: pd.DataFrame, words: Words) -> Figure:
    below, above = (_side(table, name, words) for name in ("below", "above"))
    text = [f"{money(at, words)}: {words.number(int(n))}" for at, n in zip(density["at"], density["n"], strict=True)]
    crowd = Crowd(name=words("effect.columns.n"), at=density["at"].tolist(), n=density["n"].tolist(), text=text)
    ends = (float(density["at"].min()), float(density["at"].max()))
    low, high = min(0.0, float(table["mean"].min())), float(table["mean"].max())
    spec = threshold(
        below,
        above,
        crowd,
        x=ticks(ends[1], lambda at: short(at, words), bottom=ends[0]),
        y=ticks(high, lambda at: short(at, words), bottom=low),
        n=ticks(float(density["n"].max()), lambda at: short(at, words), about=2),
        x_title=words("effect.axes.distance"),
        y_title=words("effect.axes.money"),
    )
    steps = [next((value for value in fits if value is not None), 0.0) for fits in (list(reversed(below.fit)), above.fit)]
    facts = {"below": money(steps[0], words), "above": money(steps[1], words), "n": int(table["n"].sum())}
    shown = table.assign(side=[words(f"effect.sides.{side}") for side in table["side"]])
    return figure("rd", "lines", spec, shown, words, **facts)


def _thresholds(table: pd.DataFrame, words: Words) -> Figure:
    """Every tier's threshold on one scale."""
    names = [f"{row['tier']} · {money(row['threshold'], words)}" for _, row in table.iterrows()]
    clear = int(table["clear"].sum())
    facts = {"n": len(table), "clear": clear, "best": told(table.iloc[0], words), "tier": str(table["tier"].iloc[0])}
    said = "one" if len(table) == 1 else "none" if clear == 0 else "some"
    return figure("rd_thresholds", said, rows_of_money(table, names, words), table.drop(columns="clear"), words, **facts)


def _placebos(table: pd.DataFrame, words: Words) -> Figure:
    names = [words("effect.false_threshold", distance=money(at, words)) for at in table["placebo"]]
    off = off_zero(table)
    shown = table.drop(columns="p").rename(columns={"placebo": "at"})
    spec, said = rows_of_money(table, names, words), "quiet" if off == 0 else "loud"
    return figure("placebos_threshold", said, spec, shown, words, n=len(table), off=off)
