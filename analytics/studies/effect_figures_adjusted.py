"""The figures of the design `adjusted`: how alike both sides are, who has somebody opposite, what would undo the answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analytics.figures.contours import contours
from analytics.figures.dots import dots
from analytics.figures.look import ticks
from analytics.figures.marks import Mark, marked
from analytics.figures.mirrored import Side, mirrored
from analytics.studies.base import Figure
from analytics.studies.effect_adjusted_data import group_of
from analytics.studies.effect_figures_shared import figure, money

if TYPE_CHECKING:
    from analytics.i18n import Words

ALIKE = 0.1  # standardised difference up to which two groups count as alike
EDGE = 0.98  # chance to join above which nobody is left to compare with


def draw(tables: Mapping[str, pd.DataFrame], words: Words) -> tuple[Figure, ...]:
    """What the tables at hand allow."""
    drawn = [_balance(tables["balance"], words)] if "balance" in tables else []
    drawn += [_overlap(tables["overlap"], words)] if "overlap" in tables else []
    if "sensitivity" in tables and "sensitivity_benchmarks" in tables:
        drawn += _sensitivity(tables["sensitivity"], tables["sensitivity_benchmarks"], words)
    return tuple(drawn)


def _covariate(name: str, words: Words) -> str:
    return words(f"effect.covariates.{name}")


def _balance(table: pd.DataFrame, words: Words) -> Figure:
    """The widest difference of each covariate, before and after weighting."""
    known = table.assign(covariate=[group_of(str(name)) for name in table["covariate"]])
    worst = known.assign(before=known["before"].abs(), after=known["after"].abs()).groupby("covariate", sort=False).max()
    worst = worst.sort_values("before", ascending=False)
    sides = {words(f"effect.columns.{side}"): worst[side].tolist() for side in ("before", "after")}
    text = {name: [words.number(value, digits=2) for value in values] for name, values in sides.items()}
    top = max(2 * ALIKE, 1.05 * float(worst.to_numpy().max()))
    spec = dots(
        [_covariate(str(name), words) for name in worst.index],
        sides,
        text,
        ticks=ticks(top, lambda at: words.number(at, digits=1)),
        marked=ALIKE,
        span=(0.0, top),
    )
    most = float(worst["after"].max())
    facts = {"before": words.number(float(worst["before"].max()), digits=2), "after": words.number(most, digits=2), "n": len(table)}
    shown = worst.reset_index().assign(covariate=[_covariate(str(name), words) for name in worst.index])
    return figure("balance", "alike" if most <= ALIKE else "apart", spec, shown, words, **facts)


def _overlap(table: pd.DataFrame, words: Words) -> Figure:
    places = ((table["low"] + table["high"]) / 2).tolist()
    sides = [_side(table, name, words) for name in ("treated", "controls")]
    top = max(max(side.shares) for side in sides)
    both = ticks(top, lambda at: words.share(abs(at), digits=0), bottom=-top)
    chance = ticks(1.0, lambda at: words.share(at, digits=0))
    spec = mirrored(places, *sides, x=chance, y=both, x_title=words("effect.axes.chance"))
    joined = int(table["treated"].sum())
    opposite = table["controls"] > 0
    facts = {"n": joined, "share": words.share(float(table.loc[opposite, "treated"].sum()) / max(joined, 1), digits=0)}
    alone = int(table.loc[~opposite | (table["low"] >= EDGE - 0.03), "treated"].sum())
    return figure("overlap", "shared" if alone <= 0.05 * joined else "apart", spec, table, words, **facts)


def _side(table: pd.DataFrame, name: str, words: Words) -> Side:
    share = table[name] / max(int(table[name].sum()), 1)
    ends = [f"{words.share(low, digits=0)} – {words.share(high, digits=0)}" for low, high in zip(table["low"], table["high"], strict=True)]
    text = [f"{end}: {words.number(int(n))}" for end, n in zip(ends, table[name], strict=True)]
    return Side(name=words(f"effect.columns.{name}"), shares=share.tolist(), text=text)


def _sensitivity(grid: pd.DataFrame, benchmarks: pd.DataFrame, words: Words) -> list[Figure]:
    """What is left of the effect under hidden causes; nothing is drawn where chance alone may already explain it."""
    wide = grid.pivot(index="cf_y", columns="cf_d", values="bound")
    x, y, z = [float(at) for at in wide.columns], [float(at) for at in wide.index], wide.to_numpy(float)
    z = z * np.sign(z[0, 0] - z[-1, -1])  # hidden causes take from an effect, or add to one below zero
    if z[0, 0] <= 0:
        return []
    hover = [
        [words("effect.hidden_cause", joining=_percent(d, words), buying=_percent(b, words), left=money(bound, words)) for d, bound in
         zip(x, row, strict=True)]
        for b, row in zip(y, z, strict=True)
    ]  # fmt: skip
    strong = (float(benchmarks["cf_d"].max()), float(benchmarks["cf_y"].max()))
    scales = [ticks(side[-1], lambda at: _percent(at, words)) for side in (x, y)]
    spec = contours(
        z.tolist(),
        hover,
        x=x,
        y=y,
        x_ticks=scales[0],
        y_ticks=scales[1],
        x_title=words("effect.axes.joining"),
        y_title=words("effect.axes.buying"),
        levels=_zero(x, y, z, words),
    )
    facts = {"joining": _percent(strong[0], words), "buying": _percent(strong[1], words)}
    shown = benchmarks.assign(covariate=[_covariate(str(name), words) for name in benchmarks["covariate"]])
    said = "stands" if _at(x, y, z, strong) > 0 else "undone"
    return [figure("sensitivity", said, marked(spec, _marks(benchmarks, strong, words)), shown, words, **facts)]


def _percent(value: float, words: Words) -> str:
    return words.share(value, digits=0 if value >= 0.1 or value == 0 else 1)


def _zero(x: list[float], y: list[float], z: np.ndarray, words: Words) -> list[tuple[float, str, float, float]]:
    """The line beyond which the interval holds zero, named where it crosses the diagonal; none where it does not."""
    path = np.diag(z)
    crossed = np.flatnonzero(path <= 0)
    if not len(crossed) or crossed[0] == 0:
        return []
    at = int(crossed[0])
    return [(0.0, words("effect.undone"), x[at], y[at])]


def _at(x: list[float], y: list[float], z: np.ndarray, place: tuple[float, float]) -> float:
    """The bound at the next stronger point of the grid."""
    at = [min(int(np.searchsorted(side, value)), len(side) - 1) for side, value in zip((x, y), place, strict=True)]
    return float(z[at[1], at[0]])


def _marks(benchmarks: pd.DataFrame, strong: tuple[float, float], words: Words) -> list[Mark]:
    """Each observed covariate, and a cause as strong as the strongest of them on both sides."""
    rows = zip(benchmarks["covariate"], benchmarks["cf_d"], benchmarks["cf_y"], strict=True)
    seen = [
        Mark(x=d, y=b, text=f"{_covariate(str(name), words)}: {_percent(d, words)} · {_percent(b, words)}")
        for name, d, b in rows
        if d > 0 or b > 0
    ]
    name = words("effect.strongest")
    return [*seen, Mark(x=strong[0], y=strong[1], text=name, name=name)]
