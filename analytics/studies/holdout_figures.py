"""The figures of the study `holdout`: what a test shows by its length and by the share withheld, and how alike the arms are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from analytics.figures.curves import Curve, curves
from analytics.figures.dots import dots
from analytics.figures.look import BLUE, GREY, Spec, ticks
from analytics.results import Result, Unit
from analytics.studies.base import Figure
from analytics.studies.tables import short, titled

if TYPE_CHECKING:
    from analytics.i18n import Words

APART = 0.1  # standard deviations beyond which arms count as unlike


def draw(result: Result, words: Words) -> tuple[Figure, ...]:
    """Length, share, balance."""
    if result.refused is not None:
        return ()
    balance = (_balance(result, words),) if len(result.tables["balance"]) else ()
    given_up = (_foregone(result, words),) if "foregone" in result.tables["shares"] else ()
    return (_durations(result, words), _shares(result, words), *given_up, *balance)


def named(frame: pd.DataFrame, words: Words) -> pd.DataFrame:
    """Any table of the study, or `members`, as a reader gets it."""
    shown = frame.rename(columns={"share": "withheld_share", "explained": "explained_share"})
    if "covariate" in shown:
        shown["covariate"] = [words(f"holdout.covariates.{name}") for name in shown["covariate"]]
    if "arm" in shown:
        shown["arm"] = [words(f"holdout.arms.{arm}") for arm in shown["arm"]]
    return titled(shown, "holdout.columns", words)


def _column(name: str, words: Words) -> str:
    return words(f"holdout.columns.{name}")


def _unit(result: Result) -> Unit:
    return result.estimates["detectable"].unit


def _course(result: Result, table: pd.DataFrame, column: str, at: list[str], words: Words, x: Spec, split: float) -> Spec:
    """What is detectable along a column, with the effect to detect as a line across and what was chosen as one down."""
    unit, asked = _unit(result), result.tables["design"].iloc[0]
    write = (lambda value: words.share(value)) if unit is Unit.SHARE else (lambda value: short(value, words))
    spans = [f"{words.quantity(low, unit)} – {words.quantity(high, unit)}" for low, high in zip(table["low"], table["high"], strict=True)]
    values = [words.quantity(value, unit) for value in table["detectable"]]
    places = table[column].astype(float).tolist()
    shown = Curve(
        name=words("holdout.curves.detectable"),
        x=places,
        y=table["detectable"].tolist(),
        low=table["low"].tolist(),
        high=table["high"].tolist(),
        text=[f"{name}: {value} ({span})" for name, value, span in zip(at, values, spans, strict=True)],
        colour=BLUE,
    )
    line = [float(asked["effect"])] * 2
    wanted = words("holdout.curves.effect", effect=words.quantity(asked["effect"], unit))
    effect = Curve(name=wanted, x=[places[0], places[-1]], y=line, text=[wanted] * 2, colour=GREY, width=1.6)
    top = 1.05 * max(float(table["high"].max()), line[0])
    title = words(f"holdout.axes.{column}")
    return curves([effect, shown], x=x, y=ticks(top, write), x_title=title, split=(split, words("holdout.chosen")))


def _durations(result: Result, words: Words) -> Figure:
    table, asked = result.tables["durations"], result.tables["design"].iloc[0]
    at = [words("holdout.months", n=months) for months in table["months"]]
    x = {"tickvals": table["months"].tolist(), "ticktext": [words.number(months) for months in table["months"]]}
    spec = _course(result, table, "months", at, words, x, float(asked["months"]))
    enough = table.loc[table["detectable"] <= asked["effect"], "months"]
    facts = {"months": int(enough.iloc[0])} if len(enough) else {"months": int(table["months"].iloc[-1])}
    return _figure("durations", "from" if len(enough) else "never", spec, table, result, words, facts)


def _shares(result: Result, words: Words) -> Figure:
    table, asked = result.tables["shares"], result.tables["design"].iloc[0]
    at = [words.share(share, digits=0) for share in table["share"]]
    shown = table[table["share"].isin([0.02, 0.1, 0.2, 0.3, 0.4, 0.5])]["share"].tolist()
    x = {"tickvals": shown, "ticktext": [words.share(share, digits=0) for share in shown]}
    chosen = asked["control"] / (asked["control"] + asked["treatment"])
    spec = _course(result, table, "share", at, words, x, float(chosen))
    least = result.estimates.get("smallest_share")
    facts = {"share": words.share(least.value) if least else words.share(0.5, digits=0), "months": int(asked["months"])}
    return _figure("shares", "from" if least else "never", spec, table, result, words, facts)


def _foregone(result: Result, words: Words) -> Figure:
    """What withholding costs by the share withheld, as far as the effect is known."""
    table, told = result.tables["shares"], result.estimates["foregone"]
    spans = [
        f"{words.share(row['share'], digits=0)}: {words.money(row['foregone'], compact=True)} "
        f"({words.money(row['foregone_low'], compact=True)} – {words.money(row['foregone_high'], compact=True)})"
        for row in table.to_dict("records")
    ]
    line = Curve(
        name=_column("foregone", words),
        x=table["share"].tolist(),
        y=table["foregone"].tolist(),
        low=table["foregone_low"].tolist(),
        high=table["foregone_high"].tolist(),
        text=spans,
        colour=BLUE,
    )
    money = ticks(1.05 * float(table["foregone_high"].max()), lambda value: short(value, words))
    spec = curves([line], x=ticks(0.5, lambda share: words.share(share, digits=0)), y=money, x_title=words("holdout.axes.share"))
    asked = result.tables["design"].iloc[0]
    ends = {name: words.money(getattr(told, name), compact=True) for name in ("value", "low", "high")}
    facts = {**ends, "control": int(asked["control"]), "months": int(asked["months"])}
    return _figure("foregone", "known", spec, table, result, words, facts)


def _balance(result: Result, words: Words) -> Figure:
    """Differences of the arms in standard deviations; beyond APART they are called so."""
    table = result.tables["balance"]
    names = [
        words(f"holdout.covariates.{covariate}") + (f": {value}" if value else "")
        for covariate, value in zip(table["covariate"], table["value"], strict=True)
    ]
    values = table["difference"].astype(float)
    text = [words.number(value, digits=3) for value in values]
    reach = max(0.15, 1.1 * float(values.abs().max()))
    scale = ticks(reach, lambda value: words.number(value, digits=2), bottom=-reach)
    name = _column("difference", words)
    spec = dots(names, {name: values.tolist()}, {name: text}, ticks=scale, marked=0.0, span=(-reach, reach))
    worst = int(values.abs().argmax())
    most = abs(values.iloc[worst])
    facts = {
        "n": len(table),
        "most": words.number(most, digits=3),
        "name": names[worst],
        "bound": words.number(APART, digits=1),
    }
    return _figure("balance", "alike" if most < APART else "unlike", spec, table, result, words, facts)


def _figure(key: str, finding: str, spec: Spec, table: pd.DataFrame, result: Result, words: Words, facts: Mapping[str, object]) -> Figure:
    asked, unit = result.tables["design"].iloc[0], _unit(result)
    shared = {
        "effect": words.quantity(asked["effect"], unit),
        "n": int(asked["control"] + asked["treatment"]),
        "unit": words(f"holdout.units.{asked['measure']}"),
    }
    told = {**shared, **facts}
    return Figure(
        key=key,
        title=words(f"holdout.figures.{key}.title.{finding}", **told),
        note=words(f"holdout.figures.{key}.note", **told),
        alt=words(f"holdout.figures.{key}.alt", **told),
        spec=spec,
        table=named(table, words),
        wide=key == "balance",
    )
