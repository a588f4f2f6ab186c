"""The figures of the study `churn`: money by threshold, risk by group, drivers, calibration, decay, how long memberships last."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from analytics.figures.curves import Curve, curves
from analytics.figures.intervals import Interval, intervals
from analytics.figures.look import BLUE, GREY, ORANGE, ramp, ticks
from analytics.results import Result, Unit
from analytics.studies.base import Figure
from analytics.studies.tables import short, titled

if TYPE_CHECKING:
    from analytics.i18n import Words

MOST = 10  # drivers drawn; the table holds all
COURSES = 4  # drivers whose course is drawn
FLAT = 0.03  # risk by which a course must rise to be told


def draw(result: Result, words: Words) -> tuple[Figure, ...]:
    """What the tables at hand allow, in the order of their weight."""
    if result.refused is not None:
        return ()
    makers = {
        "thresholds": _profit,
        "groups": _groups,
        "drivers": _drivers,
        "dependence": _courses,
        "calibration": _calibration,
        "decay": _decay,
        "survival": _survivals,
        "hazard": _hazard,
    }
    return tuple(figure for name, make in makers.items() if name in result.tables for figure in make(result, words))


def feature(name: str, words: Words) -> str:
    """A column as it is called: the product's own in words, one of a file by its name."""
    return words(f"churn.features.{name}") if words.has(f"churn.features.{name}") else name


def named(frame: pd.DataFrame, words: Words) -> pd.DataFrame:
    """Any table of the study, or `members`, as a reader gets it."""
    shown = frame.drop(columns=["low_edge", "high_edge", "p"], errors="ignore").rename(columns=_headed(frame))
    for column, prefix in (("dimension", "dimensions"), ("action", "actions"), ("model", "models")):
        if column in shown:
            shown[column] = [words(f"churn.{prefix}.{key}") for key in shown[column]]
    if "driver" in shown:
        shown["driver"] = [feature(name, words) if name else words("churn.no_driver") for name in shown["driver"]]
    return titled(shown, "churn.columns", words)


def _headed(frame: pd.DataFrame) -> dict[str, str]:
    """What a column is headed by: shares are called so, and the ends of an interval by what they bound."""
    if "profit" in frame:
        return {"low": "profit_low", "high": "profit_high", "threshold": "threshold_share"}
    renamed = {name: f"{name}_share" for name in ("risk", "predicted", "observed")} | {"survival": "staying_share", "rate": "leaving_rate"}
    return {**renamed, "low": "rate_low", "high": "rate_high", "value": "group", "importance": "error_share"}


def _column(name: str, words: Words) -> str:
    return words(f"churn.columns.{name}")


def _span(value: float, low: float, high: float, words: Words) -> str:
    return f"{words.share(value)} ({words.number(100 * low, digits=1)}–{words.number(100 * high, digits=1)})"


def _shares(top: float, words: Words) -> dict[str, object]:
    return ticks(top, lambda share: words.share(share, digits=0))


def _profit(result: Result, words: Words) -> tuple[Figure, ...]:
    """Profit of contacting everybody above a threshold; the best one is said, even when it is to contact nobody."""
    table = result.tables["thresholds"]
    best = table.iloc[int(table["profit"].argmax())]
    kind = "pays" if best["low"] > 0 else "may" if best["profit"] > 0 else "never"
    text = [
        f"{words.share(row['threshold'], digits=0)}: {words.money(row['profit'], compact=True)} · n = {words.number(row['contacted'])}"
        for row in table.to_dict("records")
    ]
    line = Curve(
        name=_column("profit", words),
        x=table["threshold"].tolist(),
        y=table["profit"].tolist(),
        low=table["low"].tolist(),
        high=table["high"].tolist(),
        text=text,
        colour=BLUE,
    )
    nothing = Curve(name=words("churn.nobody"), x=[0.0, 1.0], y=[0.0, 0.0], text=["", ""], colour=GREY, width=1.2)
    top, bottom = max(float(table["high"].max()), 0.0), min(float(table["low"].min()), 0.0)
    money = ticks(top, lambda value: short(value, words), bottom=bottom)
    facts = {
        "threshold": words.share(best["threshold"], digits=0),
        "profit": words.money(best["profit"], compact=True),
        "n": int(best["contacted"]),
    }
    spec = curves([nothing, line], x=_shares(1.0, words), y=money, x_title=words("churn.axes.threshold"))
    spec["layout"]["yaxis"]["rangemode"] = "normal"
    return (_figure(f"profit.{kind}", "profit", spec, table, words, facts),)


def _figure(
    said: str, key: str, spec: dict[str, object], table: pd.DataFrame, words: Words, facts: dict[str, object], own: str = ""
) -> Figure:
    return Figure(
        key=own or key,
        title=words(f"churn.figures.{key}.title.{said.split('.')[-1]}", **facts),
        note=words(f"churn.figures.{key}.note", **facts),
        alt=words(f"churn.figures.{key}.alt", **facts),
        spec=spec,
        table=named(table, words),
    )


def _groups(result: Result, words: Words) -> tuple[Figure, ...]:
    """What came in each group of the first dimension, a mark where it lies apart from what was said."""
    table = result.tables["groups"]
    part = table[table["dimension"] == table["dimension"].iloc[0]].sort_values("observed", ascending=False)
    rows = [
        Interval(
            name=str(row["value"]),
            value=row["observed"],
            low=row["low"],
            high=row["high"],
            text=f"{row['value']}: {_span(row['observed'], row['low'], row['high'], words)} · n = {words.number(row['n'])}",
            clear=bool(row["misjudged"]),
            sub=words("churn.said", share=words.share(row["predicted"])),
        )
        for _, row in part.iterrows()
    ]
    overall = float((part["observed"] * part["n"]).sum() / part["n"].sum())
    reach = min(1.0, 1.15 * float(part["high"].max()))
    first, last = part.iloc[0], part.iloc[-1]
    facts = {
        "dimension": words(f"churn.dimensions.{first['dimension']}"),
        "group": str(first["value"]),
        "share": words.share(first["observed"], digits=0),
        "least": str(last["value"]),
        "least_share": words.share(last["observed"], digits=0),
        "overall": words.share(overall, digits=0),
        "n": int(part["n"].sum()),
    }
    kind = "apart" if first["low"] > last["high"] else "alike"
    return (_figure(kind, "groups", intervals(rows, ticks=_shares(reach, words), span=(0.0, reach), marked=overall), table, words, facts),)


def _drivers(result: Result, words: Words) -> tuple[Figure, ...]:
    table = result.tables["drivers"].head(MOST)
    rows = [
        Interval(
            name=feature(row["driver"], words),
            value=row["importance"],
            low=row["low"],
            high=row["high"],
            text=f"{feature(row['driver'], words)}: {_span(row['importance'], row['low'], row['high'], words)}",
            clear=bool(row["clear"]),
        )
        for _, row in table.iterrows()
    ]
    clear = table[table["clear"]]
    facts: dict[str, object] = {"n": len(result.tables["drivers"]), "clear": int(result.tables["drivers"]["clear"].sum())}
    if len(clear):
        facts |= {"driver": feature(clear["driver"].iloc[0], words), "share": words.share(clear["importance"].iloc[0])}
    low, high = min(0.0, float(table["low"].min())), 1.1 * float(table["high"].max())
    scale = ticks(high, lambda share: words.share(share, digits=0), bottom=low)
    spec = intervals(rows, ticks=scale, span=(low - 0.02 * (high - low), high))
    return (_figure("clear" if len(clear) else "none", "drivers", spec, result.tables["drivers"], words, facts),)


def _courses(result: Result, words: Words) -> tuple[Figure, ...]:
    """How the risk runs along the first clear drivers: as the model has it, and as it was seen."""
    table = result.tables["dependence"]
    names = list(dict.fromkeys(table["driver"]))[:COURSES]
    return tuple(_course(table[table["driver"] == name].reset_index(drop=True), at, words) for at, name in enumerate(names))


def _course(table: pd.DataFrame, at: int, words: Words) -> Figure:
    places = list(range(len(table)))
    numbers = pd.to_numeric(table["at"], errors="coerce")
    values = [words.number(n, digits=_digits(n)) if n == n else str(text) for n, text in zip(numbers, table["at"], strict=True)]
    seen = [_span(*ends, words) for ends in zip(table["observed"], table["low"], table["high"], strict=True)]
    observed = Curve(
        name=_column("observed_share", words),
        x=places,
        y=table["observed"].tolist(),
        low=table["low"].tolist(),
        high=table["high"].tolist(),
        text=[f"{value}: {span}" for value, span in zip(values, seen, strict=True)],
        colour=BLUE,
    )
    said = Curve(
        name=words("churn.all_else"),
        x=places,
        y=table["predicted"].tolist(),
        text=[f"{value}: {words.share(share)}" for value, share in zip(values, table["predicted"], strict=True)],
        colour=ORANGE,
    )
    top = float(max(table["high"].max(), table["predicted"].max()))
    step = max(1, -(-len(places) // 6))
    shown = [place for place in places if place % step == 0]
    axis = {"tickvals": shown, "ticktext": [values[place][:16] for place in shown]}
    ends = (int(table["predicted"].argmin()), int(table["predicted"].argmax()))
    name = feature(str(table["driver"].iloc[0]), words)
    facts = {
        "driver": name,
        "low": words.share(table["predicted"].iloc[ends[0]], digits=0),
        "low_at": values[ends[0]],
        "high": words.share(table["predicted"].iloc[ends[1]], digits=0),
        "high_at": values[ends[1]],
        "n": int(table["n"].sum()),
    }
    spec = curves([observed, said], x=axis, y=_shares(top, words), x_title=name)
    kind = "runs" if table["predicted"].max() - table["predicted"].min() >= FLAT else "flat"
    return _figure(kind, "dependence", spec, table, words, facts, own=f"dependence_{at + 1}")


def _digits(value: float) -> int:
    return 0 if abs(value) >= 20 or value == round(value) else 1 if abs(value) >= 1 else 2


def _calibration(result: Result, words: Words) -> tuple[Figure, ...]:
    table = result.tables["calibration"]
    text = [
        f"{words.share(row['predicted'])} → {_span(row['observed'], row['low'], row['high'], words)} · n = {words.number(row['n'])}"
        for row in table.to_dict("records")
    ]
    ideal = Curve(name=words("churn.ideal"), x=[0.0, 1.0], y=[0.0, 1.0], text=["", ""], colour=GREY, width=1.2)
    seen = Curve(
        name=_column("observed_share", words),
        x=table["predicted"].tolist(),
        y=table["observed"].tolist(),
        low=table["low"].tolist(),
        high=table["high"].tolist(),
        text=text,
        colour=BLUE,
    )
    error = result.estimates.get("ece")
    off = error.value if error is not None else 0.0
    facts = {"error": words.number(100 * off, digits=1), "n": int(table["n"].sum())}
    kind = "holds" if off <= 0.03 else "strays"
    spec = curves([ideal, seen], x=_shares(1.0, words), y=_shares(1.0, words), x_title=_column("predicted_share", words))
    return (_figure(kind, "calibration", spec, table, words, facts),)


def _decay(result: Result, words: Words) -> tuple[Figure, ...]:
    table = result.tables["decay"]
    if len(table) < 2:
        return ()
    spans = [" – ".join(words.number(end, digits=2) for end in ends) for ends in zip(table["auc_low"], table["auc_high"], strict=True)]
    text = [
        f"{words.day(row['at'].date())}: AUC {words.number(row['auc'], digits=2)} ({span})"
        for row, span in zip(table.to_dict("records"), spans, strict=True)
    ]
    line = Curve(
        name="AUC",
        x=table["days"].tolist(),
        y=table["auc"].tolist(),
        low=table["auc_low"].tolist(),
        high=table["auc_high"].tolist(),
        text=text,
        colour=BLUE,
    )
    first, last = table.iloc[0], table.iloc[-1]
    kind = "falls" if last["auc_high"] < first["auc_low"] else "lasts"
    facts = {
        "first": words.number(first["auc"], digits=2),
        "last": words.number(last["auc"], digits=2),
        "days": int(last["days"]),
        "n": int(table["n"].sum()),
        "error": words.number(100 * last["ece"], digits=1),
    }
    axis = {"tickvals": table["days"].tolist(), "ticktext": [words.quantity(days, Unit.DAYS) for days in table["days"]]}
    spec = curves([line], x=axis, y={**ticks(1.0, lambda value: words.number(value, digits=1), bottom=0.5), "range": [0.45, 1.0]})
    spec["layout"]["yaxis"]["rangemode"] = "normal"
    return (_figure(kind, "decay", spec, table, words, facts),)


def _survivals(result: Result, words: Words) -> tuple[Figure, ...]:
    """One figure a dimension; all members where there are no groups."""
    table = result.tables["survival"]
    split = [name for name in ("tier", "cohort") if table[table["dimension"] == name]["value"].nunique() > 1]
    return tuple(_survival(table, result.tables.get("apart"), name, words) for name in split or ["all"])


def _survival(every: pd.DataFrame, tests: pd.DataFrame | None, dimension: str, words: Words) -> Figure:
    table = every[every["dimension"] == dimension].reset_index(drop=True)
    names = list(dict.fromkeys(table["value"]))
    parts = [
        _stays(table[table["value"] == name], name or words("churn.dimensions.all"), colour, words)
        for name, colour in zip(names, ramp(len(names)), strict=True)
    ]
    longest = float(table["days"].max())
    years = [365.25 * year for year in range(int(longest / 365.25) + 1)]
    axis = {"tickvals": years, "ticktext": [words("churn.years", n=words.number(year / 365.25)) for year in years]}
    whole = every[every["dimension"] == "all"]
    year = whole[whole["days"] <= 365].iloc[-1]
    found = [] if tests is None else tests.loc[tests["dimension"] == dimension, "p"].tolist()
    p = found[0] if found else None
    kind = "one" if p is None else "apart" if p < 0.01 else "alike"
    facts = {
        "share": words.share(year["survival"], digits=0),
        "low": words.share(year["low"], digits=0),
        "high": words.share(year["high"], digits=0),
        "dimension": words(f"churn.dimensions.{dimension}"),
        "p": "" if p is None else words.number(p, digits=2) if p >= 0.01 else "< " + words.number(0.01, digits=2),
        "n": int(whole["at_risk"].iloc[0]),
    }
    bottom = 0.5 if table["low"].min() > 0.55 else 0.0
    scale = {**ticks(1.0, lambda share: words.share(share, digits=0), bottom=bottom), "range": [bottom, 1.01]}
    spec = curves(parts, x=axis, y=scale, stepped=True)
    spec["layout"]["yaxis"]["rangemode"] = "normal"
    return _figure(kind, "survival", spec, table, words, facts, own=f"survival_{dimension}")


def _stays(part: pd.DataFrame, name: str, colour: str, words: Words) -> Curve:
    spans = [_span(*ends, words) for ends in zip(part["survival"], part["low"], part["high"], strict=True)]
    return Curve(
        name=name,
        x=part["days"].tolist(),
        y=part["survival"].tolist(),
        low=part["low"].tolist(),
        high=part["high"].tolist(),
        text=[f"{words.quantity(days, Unit.DAYS)}: {span}" for days, span in zip(part["days"].round(), spans, strict=True)],
        colour=colour,
    )


def _hazard(result: Result, words: Words) -> tuple[Figure, ...]:
    table = result.tables["hazard"]
    names = [words("churn.year_of", n=words.number(month / 12)) for month in table["last_month"]]
    rows = [
        Interval(
            name=name,
            value=row["rate"],
            low=row["low"],
            high=row["high"],
            text=f"{name}: {_span(row['rate'], row['low'], row['high'], words)} · n = {words.number(row['at_risk'])}",
            clear=True,
        )
        for name, (_, row) in zip(names, table.iterrows(), strict=True)
    ]
    worst = table.iloc[int(table["rate"].argmax())]
    reach = min(1.0, 1.15 * float(table["high"].max()))
    facts = {
        "at": words.number(worst["last_month"] / 12),
        "share": words.share(worst["rate"]),
        "n": int(table["at_risk"].iloc[0]),
    }
    return (_figure("peak", "hazard", intervals(rows, ticks=_shares(reach, words), span=(0.0, reach)), table, words, facts),)
