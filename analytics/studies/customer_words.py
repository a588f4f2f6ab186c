"""What the study `customer` tells, as a reader gets it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any

import pandas as pd

from analytics.results import Unit
from analytics.studies.churn_figures import feature
from analytics.studies.lifecycle_figures import stage
from analytics.studies.segments_figures import name as segment

if TYPE_CHECKING:
    from analytics.i18n import Words

CODES = {
    "kind": ("sale", "refund", "earn", "redeem", "expire", "adjust", "nps", "csat", "complaint", "ticket", "review"),
    "outcome": ("won", "lost", "open"),
}
_HIDDEN = ("of", "rank", "metric")


def named(frame: pd.DataFrame, words: Words) -> pd.DataFrame:
    """A table of the customer's rows: codes and flags in words, headings by name."""
    shown = frame.drop(columns=[name for name in _HIDDEN if name in frame])
    for column, codes in CODES.items():
        if column in shown:
            shown = shown.assign(**{column: [words(f"customer.codes.{value}") if value in codes else value for value in shown[column]]})
    if "stage" in shown:
        shown = shown.assign(stage=[stage(str(value), words) for value in shown["stage"]])
    flags = [name for name in shown if name in ("responded", "opted_out", "last")]
    shown = shown.assign(**{name: [_flag(value, words) for value in shown[name]] for name in flags})
    return shown.rename(columns={column: words(f"customer.columns.{column}") for column in shown})


def _flag(value: object, words: Words) -> str:
    return "" if pd.isna(value) else words(f"words.{'yes' if value else 'no'}")  # type: ignore[call-overload]


def profile(frame: pd.DataFrame, words: Words) -> pd.DataFrame:
    """Who it is: one row a fact, the facts in words."""
    row = frame.iloc[0]
    facts = [(words(f"customer.columns.{name}"), _told(row[name], words)) for name in frame.columns]
    return pd.DataFrame(facts, columns=[words("customer.fact"), words("customer.told")])


def _told(value: object, words: Words) -> str:
    if isinstance(value, bool) or type(value).__name__ == "bool":
        return words(f"words.{'yes' if value else 'no'}")
    return words.day(value) if isinstance(value, date) else str(value)


def standing(frame: pd.DataFrame, words: Words) -> list[tuple[str, str, str]]:
    """(what, value, rule) of segment, stage and tier."""
    told: dict[str, Callable[[pd.Series], tuple[str, str]]] = {
        "segment": lambda row: (
            segment(str(row["value"]), words),
            words(f"segments.rules.rfm.{row['value']}", days=int(row["new_days"]))
            + " "
            + words("customer.rules.scores", recency=int(row["recency"]), frequency=int(row["frequency"])),
        ),
        "stage": lambda row: (stage(str(row["value"]), words), words("customer.rules.stage", **_silence(row, words))),
        "tier": lambda row: (str(row["value"]), _tier_rule(row, words)),
    }
    rows = ((row["kind"], *told[str(row["kind"])](row)) for _, row in frame.iterrows())
    return [(words(f"customer.columns.{kind}"), value, rule) for kind, value, rule in rows]


def _silence(row: pd.Series, words: Words) -> dict[str, str]:
    days = {name: words.quantity(float(row[name]), Unit.DAYS) for name in ("silent_days", "rhythm_days")}
    return {**days, "silence": words.number(float(row["silence"]), digits=1)}


def _tier_rule(row: pd.Series, words: Words) -> str:
    if pd.isna(row.get("since")):
        return words("customer.rules.tier")
    since = words.day(row["since"].date())
    if pd.isna(row.get("threshold")) or pd.isna(row.get("metric")):
        return words("customer.rules.tier_since", since=since)
    return words("customer.rules.tier_by", since=since, metric=str(row["metric"]), threshold=float(row["threshold"]))


def predictions(frame: pd.DataFrame, words: Words) -> pd.DataFrame:
    """Every prediction with its interval and its reason."""
    heads = [words(f"customer.predicted.{name}") for name in ("what", "value", "interval", "why")]
    return pd.DataFrame([_prediction(row, words) for _, row in frame.iterrows()], columns=heads)


def _prediction(row: pd.Series, words: Words) -> tuple[str, str, str, str]:
    facts = {name: _fact(name, value, words) for name, value in row["facts"].items()}
    low, high = (_amount(row[end], row["unit"], words) for end in ("low", "high"))
    level = words.share(row["level"], digits=0)
    interval = words("units.interval", level=level, low=low, high=high) if pd.notna(row["low"]) else "–"
    what = words(f"customer.predictions.{row['prediction']}", **facts)
    return what, _amount(row["value"], row["unit"], words), interval, words(str(row["why"]), **facts)


def _amount(value: float, unit: str, words: Words) -> str:
    """Orders ahead with a decimal: half an order is not none."""
    return (
        words.number(value, digits=0 if value == int(value) else 1)
        if unit == Unit.COUNT
        else words.quantity(value, Unit(unit), compact=True)
    )


def _fact(name: str, value: Any, words: Words) -> object:
    """Facts of a reason by what they are."""
    told: dict[str, Callable[[Any], str]] = {
        "driver": lambda key: feature(key, words),
        "each": words.money,
        "discount": lambda share: words.share(share, digits=0),
        "expected": lambda orders: words.number(orders, digits=1),
    }
    return told[name](value) if name in told else value


def needs(frame: pd.DataFrame, words: Words) -> pd.DataFrame:
    """The categories named, why each."""
    rows = [
        (int(row["place"]), str(row["category"]), words.share(float(row["probability"]), digits=0), _why(row, words))
        for _, row in frame.iterrows()
    ]
    return pd.DataFrame(rows, columns=[words(f"customer.needed.{name}") for name in ("place", "category", "probability", "why")])


def _why(row: pd.Series, words: Words) -> str:
    kind = "last" if row["last"] else "bought" if row["bought"] else "never"
    return words(f"customer.why.{kind}", n=int(row["bought"]), of=int(row["of"]))


def suggestion(row: pd.Series, words: Words) -> str:
    """Why this customer is worth a look."""
    if row["reason"] == "riskiest":
        return words("customer.suggestions.riskiest", risk=words.share(float(row["risk"]), digits=0))
    money = pd.notna(row.get("money"))
    facts: dict[str, object] = {"day": row["day"].date()}
    facts |= {"money": words.money(float(row["money"]), compact=True)} if money else {"orders": _count(row.get("orders"))}
    if row["reason"] == "at_risk":
        facts["silence"] = words.number(float(row["silence"]), digits=1)
    return words(f"customer.suggestions.{row['reason']}.{'money' if money else 'count'}", **facts)


def _count(value: object) -> int:
    return 0 if value is None or pd.isna(value) else int(str(value).split(".")[0])  # type: ignore[call-overload]
