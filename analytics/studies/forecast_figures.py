"""The figures of the forecast: the months ahead, plan against actual, what past forecasts were worth, how far they reach."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from analytics.figures import fan, targets
from analytics.figures.intervals import Interval, intervals
from analytics.figures.look import ticks
from analytics.results import Result
from analytics.studies.base import Figure
from analytics.studies.events import marked
from analytics.studies.histories import UNITS
from analytics.studies.tables import short, titled

if TYPE_CHECKING:
    from analytics.i18n import Words

SHOWN = 30  # months of history that are drawn


def draw(result: Result, words: Words) -> tuple[Figure, ...]:
    """The asked series first with its plan and its holdout, then the other series."""
    if result.refused is not None:
        return ()
    series = list(result.tables["forecast"]["series"].unique())
    figures = [_months(result, series[0], words, first=True)]
    planned = set(result.tables["plan"]["series"]) if "plan" in result.tables else set()
    figures += [_plan(result, name, words) for name in series if name in planned][:2]
    figures.append(_holdout(result, series[0], words))
    return tuple(figures + [_months(result, name, words) for name in series[1:]])


def _of(result: Result, table: str, series: str) -> pd.DataFrame:
    found = result.tables[table]
    return found[found["series"] == series].reset_index(drop=True)


def _name(series: str, words: Words) -> str:
    return words(f"forecast.series.{series}")


def _months(result: Result, series: str, words: Words, *, first: bool = False) -> Figure:
    """What was and what may come."""
    behind, ahead = _of(result, "history", series).tail(SHOWN).reset_index(drop=True), _of(result, "forecast", series)
    spec = fan.fan(
        _behind(behind, series, words), _ahead(ahead, series, words), keys=_keys(words), ticks=_ticks(series, words, behind, ahead)
    )
    months = [*spec["layout"]["xaxis"]["categoryarray"]]
    facts = _expected(ahead, series, words)
    figure = Figure(
        key=f"months_{series}",
        title=words(f"figures.forecast.title.{_course(behind, ahead)}", **facts),
        note=words(
            f"figures.forecast.note.{ahead['grain'].iloc[0]}",
            series=_name(series, words),
            **_span(behind["period"], ahead["month"], words),
            n=int(ahead["n"].iloc[0]),
        ),
        alt=words("figures.forecast.alt", **facts),
        spec=spec,
        table=_read(pd.concat([_past(behind), ahead], ignore_index=True).drop(columns=["n", "grain"]), words),
    )
    return marked(figure, result, months, words, listed=first)


def _past(behind: pd.DataFrame) -> pd.DataFrame:
    """History under the headings of the forecast."""
    return behind.rename(columns={"period": "month", "value": "actual"}).dropna(axis="columns", how="all")


def _course(behind: pd.DataFrame, ahead: pd.DataFrame) -> str:
    """The last month ahead beside the same month a year before: above it, below it, or not told apart by the 95 % interval."""
    last = ahead.iloc[-1]
    before = behind.loc[behind["period"] == last["month"] - pd.DateOffset(years=1), "value"]
    if before.empty:
        return "alone"
    return "up" if last["low95"] > before.iloc[0] else "down" if last["high95"] < before.iloc[0] else "level"


def _expected(ahead: pd.DataFrame, series: str, words: Words) -> dict[str, object]:
    last = ahead.iloc[-1]
    write = {name: words.quantity(last[name], UNITS[series], compact=True) for name in ("value", "low95", "high95")}
    return {"series": _name(series, words), "month": words.month(last["month"]), **write}


def _span(first: pd.Series, last: pd.Series, words: Words) -> dict[str, object]:
    return {"first": words.month(first.iloc[0]), "last": words.month(last.iloc[-1])}


def _behind(table: pd.DataFrame, series: str, words: Words) -> fan.Behind:
    names = [words.month(month) for month in table["period"]]
    return fan.Behind(
        months=[month.date().isoformat() for month in table["period"]],
        names=names,
        value=table["value"].tolist(),
        complete=table["complete"].tolist(),
        text=[f"{name}: {words.quantity(value, UNITS[series], compact=True)}" for name, value in zip(names, table["value"], strict=True)],
    )


def _ahead(table: pd.DataFrame, series: str, words: Words) -> fan.Ahead:
    bounds = {name: table[name].tolist() for name in ("value", "low80", "high80", "low95", "high95")}
    return fan.Ahead(
        months=[month.date().isoformat() for month in table["month"]],
        names=[words.month(month) for month in table["month"]],
        text=[_touch(row, series, words) for _, row in table.iterrows()],
        **bounds,
    )


def _touch(row: pd.Series, series: str, words: Words) -> str:
    told = {name: words.quantity(row[name], UNITS[series], compact=True) for name in ("value", "low80", "high80", "low95", "high95")}
    return words("figures.forecast.touch", month=words.month(row["month"]), **told)


def _keys(words: Words) -> fan.Keys:
    return fan.Keys(**{name: words(f"figures.forecast.keys.{name}") for name in ("actual", "begun", "middle", "inner", "outer")})


def _ticks(series: str, words: Words, behind: pd.DataFrame, ahead: pd.DataFrame) -> dict[str, object]:
    return ticks(max(float(behind["value"].max()), float(ahead["high95"].max())), lambda value: short(value, words))


def _holdout(result: Result, series: str, words: Words) -> Figure:
    """The error of each method on past month ends."""
    table = _of(result, "holdout", series)
    whole = table[table["step"] == 0].sort_values("wape")
    rows = [_error(row, words) for _, row in whole.iterrows()]
    top = float(whole[["wape", "high"]].max().max())
    model, base = (whole[whole[name]].iloc[0] for name in ("chosen", "baseline"))
    kind = "model" if model["method"] == "structural" else "baseline"
    facts = {
        "series": _name(series, words),
        "error": words.share(float(whole.loc[whole["method"] == "structural", "wape"].iloc[0])),
        "baseline": words.share(base["wape"]),
        "name": words(f"forecast.methods.{base['method']}"),
        "covered": words.share(model["coverage95"], digits=0),
        "n": int(model["n"]),
    }
    return Figure(
        key=f"holdout_{series}",
        title=words(f"figures.holdout.title.{kind}", **facts),
        note=words("figures.holdout.note", **facts),
        alt=words(f"figures.holdout.alt.{kind}", **facts),
        spec=intervals(rows, ticks=ticks(top, lambda value: words.share(value, digits=0)), span=(0.0, top * 1.05)),
        table=_read(table.drop(columns=["low", "high"]), words),
    )


def _error(row: pd.Series, words: Words) -> Interval:
    name = words(f"forecast.methods.{row['method']}")
    told = {key: words.share(row[key]) for key in ("wape", "low", "high")}
    return Interval(
        name=name,
        value=row["wape"],
        low=row["low"],
        high=row["high"],
        text=words("figures.holdout.touch", name=name, **told),
        clear=bool(row["chosen"]),
    )


def _plan(result: Result, series: str, words: Words) -> Figure:
    """What came and what is expected, against the plan."""
    table = _of(result, "plan", series).tail(SHOWN)
    months = [_against(row, series, words) for _, row in table.iterrows()]
    over = table[table["actual"].notna()]
    coming = table[table["actual"].isna()]
    facts = {
        "series": _name(series, words),
        "reached": int((over["on_plan"] == "yes").sum()),
        "over": len(over),
        "probability": words.share(coming["probability"].iloc[-1], digits=0) if len(coming) else "–",
        "month": words.month(coming["month"].iloc[-1]) if len(coming) else "–",
    }
    kind = "both" if len(over) and len(coming) else "over" if len(over) else "coming"
    year = _of(result, "year", series) if "year" in result.tables else coming.head(0)
    named = {**facts, **_year(year.iloc[0], series, words)} if len(year) else facts
    top = float(table[["plan", "actual", "high"]].max().max()) if "high" in table else float(table[["plan", "actual"]].max().max())
    spec = targets.targets(
        months,
        keys=targets.Keys(**{name: words(f"figures.plan.keys.{name}") for name in ("actual", "expected", "plan")}),
        ticks=ticks(top, lambda value: short(value, words)),
    )
    return Figure(
        key=f"plan_{series}",
        title=words(f"figures.plan.title.{'year' if kind == 'both' and len(year) else kind}", **named),
        note=words("figures.plan.note", **facts, **_span(table["month"], table["month"], words), n=len(table)),
        alt=words(f"figures.plan.alt.{kind}", **facts),
        spec=spec,
        table=_read(table, words),
    )


def _year(row: pd.Series, series: str, words: Words) -> dict[str, object]:
    """The fiscal year against its plan: what a board asks first."""
    money = {"expected": row["value"], "planned": row["plan"]}
    told = {name: words.quantity(value, UNITS[series], compact=True) for name, value in money.items()}
    return {**told, "probability": words.share(row["probability"], digits=0)}


def _against(row: pd.Series, series: str, words: Words) -> targets.Month:
    told = {name: _known(row, name) for name in ("actual", "value", "low", "high")}
    shown = told["actual"] if told["actual"] is not None else told["value"]
    facts = {
        "plan": words.quantity(row["plan"], UNITS[series], compact=True),
        "value": words.quantity(shown or 0.0, UNITS[series], compact=True),
    }
    kind = "actual" if told["actual"] is not None else "expected"
    month = words.month(row["month"])
    return targets.Month(
        month=row["month"].date().isoformat(),
        name=month,
        plan=row["plan"],
        text=words(f"figures.plan.touch.{kind}", month=month, **facts),
        **told,
    )


def _known(row: pd.Series, name: str) -> float | None:
    return float(row[name]) if name in row and row[name] == row[name] else None


def _read(table: pd.DataFrame, words: Words) -> pd.DataFrame:
    """A table as a reader gets it: months, series, methods and answers in words."""
    shown = table.drop(columns=["events"], errors="ignore").copy()
    if "month" in shown:
        shown["month"] = [words.month(month) for month in shown["month"]]
    for column, prefix in (("series", "forecast.series"), ("method", "forecast.methods"), ("on_plan", "forecast.on_plan")):
        if column in shown:
            shown[column] = [words(f"{prefix}.{value}") if value == value else "–" for value in shown[column]]
    return titled(shown.dropna(axis="columns", how="all"), "forecast.columns", words)
