"""The figures of the overview: the months, who brings the money, tiers, points, joining and leaving."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from analytics.figures.bars import Measure, bars
from analytics.figures.look import GREY, ramp, ticks
from analytics.figures.targets import Keys, Month, targets
from analytics.figures.trend import Series, trend
from analytics.results import Result, Unit
from analytics.studies.base import Figure
from analytics.studies.cohorts_figures import cohort_heat, followed
from analytics.studies.events import marked
from analytics.studies.tables import short, titled

if TYPE_CHECKING:
    from analytics.i18n import Words


SEEN = 0.0005  # the least share that is written as more than 0.0%


def draw(result: Result, words: Words) -> tuple[Figure, ...]:
    """What the tables at hand allow, in the order of their weight."""
    tables, drawn = result.tables, []
    if "months" in tables:
        drawn.append(_months(result, words))
    if "retention" in tables and followed(tables["retention"]):
        drawn.append(replace(cohort_heat(tables["retention"], words), wide=True))
    if planned := _planned(tables):
        drawn.append(_plan(tables["plan"], planned, words))
    if "deciles" in tables:
        drawn.append(_deciles(tables["deciles"], words))
    shown = [name for name in ("tier", "channel", "region") if _has(tables, name) and not (name == "tier" and not _money(tables, name))]
    drawn += [_breakdown(tables, dimension, words) for dimension in shown[:2]]
    if "points" in tables:
        drawn.append(_points(tables["points"], words))
    if "members" in tables:
        drawn.append(_members(tables["members"], words))
    if "tiers" in tables and not _money(tables, "tier"):
        drawn.append(_tiers(tables["tiers"], words))
    return tuple(drawn)


def _has(tables: Mapping[str, pd.DataFrame], dimension: str) -> bool:
    return "breakdown" in tables and bool((tables["breakdown"]["dimension"] == dimension).any())


def _money(tables: Mapping[str, pd.DataFrame], dimension: str) -> bool:
    """Whether net sales are known by tier; without them tiers are shown by customers instead."""
    return _has(tables, dimension) and bool(tables["breakdown"]["share"].notna().any())


def _months(result: Result, words: Words) -> Figure:
    """Net sales, or orders where no money is known, with the active customers above."""
    table = result.tables["months"]
    measure = "net_sales" if "net_sales" in table else "orders"
    unit = Unit.MONEY if measure == "net_sales" else Unit.COUNT
    spec = trend(
        _days(table),
        _names(table, words),
        table["complete"].tolist(),
        _series(table, measure, unit, words),
        _series(table, "customers", Unit.COUNT, words),
        partial=words("figures.partial"),
    )
    kind, facts = _latest(table, measure, unit, words)
    figure = Figure(
        key="months",
        title=words(f"figures.months.title.{measure}.{kind}", **facts),
        note=words(f"figures.months.note.{measure}", **_span(table, words)),
        alt=words(f"figures.months.alt.{measure}", **_span(table, words)),
        spec=spec,
        table=_read(table, words),
    )
    return marked(figure, result, _days(table), words)


def _latest(table: pd.DataFrame, measure: str, unit: Unit, words: Words) -> tuple[str, dict[str, object]]:
    """The last whole month against the same month a year before, or the month before that."""
    whole = table[table["complete"]].reset_index(drop=True)
    if len(whole) < 2:
        return "single", {"value": words.quantity(table[measure].sum(), unit, compact=True)}
    last = whole.iloc[-1]
    same = whole[whole["month"] == last["month"] - pd.DateOffset(years=1)]
    before = same.iloc[0] if len(same) else whole.iloc[-2]
    facts: dict[str, object] = {
        "month": words.month(last["month"]),
        "value": words.quantity(last[measure], unit, compact=True),
        "before": words.month(before["month"]),
    }
    if not before[measure]:
        return "level", facts
    change = last[measure] / before[measure] - 1
    return ("up" if change >= 0 else "down"), {**facts, "change": words.share(abs(change))}


def _planned(tables: Mapping[str, pd.DataFrame]) -> str | None:
    """The figure whose plan is shown: money before customers before orders."""
    series = set(tables["plan"]["series"]) if "plan" in tables else set()
    return next((name for name in ("net_sales", "active_customers", "orders") if name in series), None)


def _plan(table: pd.DataFrame, series: str, words: Words, most: int = 13) -> Figure:
    """Whole months against their targets, the latest year."""
    part = table[table["series"] == series].tail(most).reset_index(drop=True)
    unit = Unit.MONEY if series == "net_sales" else Unit.COUNT
    plan, actual = ([words.quantity(value, unit, compact=True) for value in part[name]] for name in ("plan", "actual"))
    facts = {
        "name": words(f"figures.pace.names.{series}"),
        "reached": int(part["reached"].sum()),
        "n": len(part),
        "gap": words.share(abs(part["actual"].sum() / part["plan"].sum() - 1)),
        **_span(part, words),
    }
    months = [
        Month(
            month=day, name=name, plan=row["plan"], actual=row["actual"], value=None, low=None, high=None,
            text=words("figures.pace.touch", month=name, actual=came, plan=wanted),
        )
        for day, name, came, wanted, (_, row) in zip(_days(part), _names(part, words), actual, plan, part.iterrows(), strict=True)
    ]  # fmt: skip
    top = float(part[["plan", "actual"]].max().max())
    keys = Keys(**{name: words(f"figures.plan.keys.{name}") for name in ("actual", "expected", "plan")})
    return Figure(
        key="plan",
        title=words(f"figures.pace.title.{'above' if part['actual'].sum() >= part['plan'].sum() else 'below'}", **facts),
        note=words("figures.pace.note", **facts),
        alt=words("figures.pace.alt", **facts),
        spec=targets(months, keys=keys, ticks=ticks(top, lambda value: short(value, words))),
        table=_read(part.drop(columns="series"), words),
    )


def _deciles(table: pd.DataFrame, words: Words) -> Figure:
    names = [words("figures.deciles.names.at", at=int(decile)) for decile in table["decile"]]
    facts = {"share": words.share(table["share"].iloc[0], digits=0), "half": words.share(table["share"].tail(5).sum(), digits=0)}
    spec = bars(
        names,
        [
            Measure(
                name=words("overview.columns.share"), values=table["share"].tolist(), text=[words.share(share) for share in table["share"]]
            )
        ],
    )
    return Figure(
        key="deciles",
        title=words("figures.deciles.title.plain", **facts),
        note=words("figures.deciles.note", n=int(table["customers"].sum())),
        alt=words("figures.deciles.alt", **facts),
        spec=spec,
        table=_read(table, words),
    )


def _breakdown(tables: Mapping[str, pd.DataFrame], dimension: str, words: Words, most: int = 12) -> Figure:
    """Orders and net sales by tier, channel or region; the largest twelve, tiers in their own order."""
    part = tables["breakdown"][tables["breakdown"]["dimension"] == dimension]
    money = bool(part["share"].notna().all())
    by = "share" if money else "share_orders"
    rest = 1 - part[by].sum()  # of orders or sales without a tier, channel or region
    part = part.sort_values(by, ascending=False).head(most)
    top = part.iloc[0]
    ranks = _ranks(tables) if dimension == "tier" else {}
    part = part.sort_values("value", key=lambda tiers: tiers.map(ranks)) if ranks else part
    measures = [_share(part, name, words) for name in (["share_orders", "share"] if money else ["share_orders"])]
    facts = {
        "value": str(top["value"]),
        "share": words.share(top[by], digits=0),
        "dimension": words(f"segments.dimensions.{dimension}"),
        "by": words(f"figures.breakdown.by.{dimension}"),
        "rest": words.share(rest),
    }
    kind = "money" if money else "count"
    spec = bars([str(value) for value in part["value"]], measures)
    if ranks:
        spec["data"][-1]["marker"]["color"] = ramp(len(part))
        spec["data"][0]["marker"]["color"] = GREY if money else ramp(len(part))
    return Figure(
        key=f"by_{dimension}",
        title=words(f"figures.breakdown.title.{kind}", **facts),
        note=words(f"figures.breakdown.{'partly' if rest >= SEEN else 'note'}.{kind}", **facts),
        alt=words(f"figures.breakdown.alt.{kind}", **facts),
        spec=spec,
        table=_read(part.drop(columns="dimension").dropna(axis="columns", how="all"), words),
    )


def _ranks(tables: Mapping[str, pd.DataFrame]) -> dict[str, int]:
    """Each tier's place from the lowest, where the data tells their order."""
    tiers = tables.get("tiers")
    if tiers is None or tiers["ordered_by"].iloc[0] == "size":
        return {}
    return {str(tier): at for at, tier in enumerate(tiers["tier"])}


def _share(table: pd.DataFrame, column: str, words: Words) -> Measure:
    return Measure(
        name=words(f"overview.columns.{column}"), values=table[column].tolist(), text=[words.share(value) for value in table[column]]
    )


def _points(table: pd.DataFrame, words: Words) -> Figure:
    earned, redeemed = table["earned"].sum(), table["redeemed"].sum()
    facts = {
        "earned": words.number(earned),
        "redeemed": words.number(redeemed),
        "ratio": words.share(redeemed / earned) if earned else "–",
        **_span(table, words),
    }
    spec = trend(
        _days(table),
        _names(table, words),
        table["complete"].tolist(),
        _series(table, "earned", Unit.POINTS, words),
        _series(table, "redeemed", Unit.POINTS, words),
        partial=words("figures.partial"),
    )
    return Figure(
        key="points",
        title=words("figures.points.title.plain", **facts),
        note=words("figures.points.note", **facts),
        alt=words("figures.points.alt", **facts),
        spec=spec,
        table=_read(table, words),
    )


def _members(table: pd.DataFrame, words: Words) -> Figure:
    top = table.iloc[int(table["enrolled"].argmax())]
    facts = {
        "month": words.month(top["month"]),
        "n": words.number(top["enrolled"]),
        "left": words.number(table["cancelled"].sum()),
        **_span(table, words),
    }
    spec = trend(
        _days(table),
        _names(table, words),
        table["complete"].tolist(),
        _series(table, "enrolled", Unit.COUNT, words),
        _series(table, "cancelled", Unit.COUNT, words) if table["cancelled"].any() else None,
        partial=words("figures.partial"),
    )
    return Figure(
        key="members",
        title=words("figures.members.title.plain", **facts),
        note=words("figures.members.note", **facts),
        alt=words("figures.members.alt", **facts),
        spec=spec,
        table=_read(table, words),
    )


def _tiers(table: pd.DataFrame, words: Words) -> Figure:
    """Tiers are one ordered ramp, from the lowest to the highest, where the data tells their order."""
    most = table.iloc[int(table["share"].argmax())]
    facts = {"tier": str(most["tier"]), "share": words.share(most["share"], digits=0), "n": int(table["customers"].sum())}
    measure = Measure(
        name=words("overview.columns.customers"),
        values=table["share"].tolist(),
        text=[f"{words.share(share)} · {words.number(n)}" for share, n in zip(table["share"], table["customers"], strict=True)],
    )
    spec = bars([str(tier) for tier in table["tier"]], [measure])
    by = table["ordered_by"].iloc[0]
    if by != "size":
        spec["data"][0]["marker"]["color"] = ramp(len(table))
    return Figure(
        key="tiers",
        title=words("figures.tiers.title.plain", **facts),
        note=words(f"figures.tiers.note.{by}", **facts),
        alt=words("figures.tiers.alt", **facts),
        spec=spec,
        table=_read(table.drop(columns="ordered_by"), words),
    )


def _series(table: pd.DataFrame, column: str, unit: Unit, words: Words) -> Series:
    def write(value: float) -> str:
        return words.quantity(value, unit, compact=True)

    top = float(table[column].max())
    return Series(
        name=words(f"overview.columns.{column}"),
        values=table[column].tolist(),
        text=[write(value) if value == value else "–" for value in table[column]],
        ticks=ticks(top, lambda value: short(value, words)),
    )


def _days(table: pd.DataFrame) -> list[str]:
    return [month.date().isoformat() for month in table["month"]]


def _names(table: pd.DataFrame, words: Words) -> list[str]:
    return [words.month(month) for month in table["month"]]


def _span(table: pd.DataFrame, words: Words) -> dict[str, object]:
    return {"first": words.month(table["month"].iloc[0]), "last": words.month(table["month"].iloc[-1])}


def _read(table: pd.DataFrame, words: Words) -> pd.DataFrame:
    """A table with its months and headings in words."""
    shown = table.assign(month=_names(table, words)) if "month" in table else table
    return titled(shown, "overview.columns", words)
