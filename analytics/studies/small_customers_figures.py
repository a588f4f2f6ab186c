"""The figures of the study `small_customers`: attention for what customers are worth, who moves up, chance, what neglect goes with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from analytics.figures.bars import Measure, bars
from analytics.figures.curves import Curve, curves
from analytics.figures.dots import dots
from analytics.figures.intervals import Interval, intervals
from analytics.figures.look import BLUE, GREY, ORANGE, Spec, ticks
from analytics.results import Result
from analytics.studies.base import Figure
from analytics.studies.small_customers_fit import EDGES
from analytics.studies.tables import apart, titled

if TYPE_CHECKING:
    from analytics.i18n import Words

FAR = 4.0  # attention beyond which an interval is cut at the edge
ENDS = {"rewards": ("attention_rewards", "low", "high"), "contacts": ("attention_contacts", "contacts_low", "contacts_high")}
SHARES = ("value_share", "rewards_share", "contacts_share")
NAMED = {"stage": "stages", "measure": "measures", "reason": "reasons"}


def draw(result: Result, words: Words) -> tuple[Figure, ...]:
    """What the tables at hand allow, in the order of their weight."""
    makers = {"attention": (_attention, _shares), "bands": (_bands,), "reversion": (_reversion,), "held": (_held,), "neglect": (_neglect,)}
    found = [make(result, words) for name, every in makers.items() if name in result.tables for make in every]
    return tuple(figure for figure in found if figure is not None)


def named(frame: pd.DataFrame, words: Words) -> pd.DataFrame:
    """Any table of the study, or `members`, as a reader gets it."""
    shown = frame.copy(deep=False)
    for column, prefix in NAMED.items():
        if column in shown:
            shown[column] = [words(f"small_customers.{prefix}.{key}") for key in shown[column]]
    if "customers" in frame:
        shown["tier"] = [_tier(name, words) for name in frame["tier"]]
    renamed = {"attention": "rewards" if "customers" in frame else "", "chance": "chance" if "chance" in frame else ""}
    ends = {"low": "low_attention", "high": "high_attention"} if renamed["attention"] else {}
    ends |= {"low": "low_rate", "high": "high_rate"} if "rate" in frame or renamed["chance"] or "observed" in frame else {}
    ends |= {"orders": "orders_least"} if "rate" in frame else {}
    ends |= {"predicted": "predicted_rate", "observed": "observed_rate"} if "observed" in frame else {}
    ends |= {"chance": "chance_rate"} if renamed["chance"] else {}
    return titled(shown.rename(columns=ends), "small_customers.columns", words)


def _tier(name: str, words: Words) -> str:
    key = f"small_customers.ranks.{name}"
    return words(key) if name in ("small", "others", "idle") else name


def _figure(key: str, kind: str, spec: Spec, table: pd.DataFrame, words: Words, facts: Mapping[str, Any]) -> Figure:
    title, note, alt = (words(f"small_customers.figures.{key}.{part}", **facts) for part in (f"title.{kind}", "note", "alt"))
    return Figure(key=key, title=title, note=note, alt=alt, spec=spec, table=named(table, words))


def _whole(value: float, words: Words) -> str:
    return words.share(value, digits=0)


def _spanned(row: Mapping[Any, Any], words: Words, value: str) -> str:
    low, high = (words.number(100 * row[end], digits=1) for end in ("low", "high"))
    return f"{words.share(row[value])} ({low}–{high})"


def _attention(result: Result, words: Words) -> Figure | None:
    """Share of what is given over share of what customers are worth; 1 is the share that goes with the value."""
    table = result.tables["attention"]
    shown = [kind for kind, (value, *_) in ENDS.items() if value in table]
    rows = [_interval(row, kind, words) for row in table.to_dict("records") for kind in shown if row[ENDS[kind][0]] == row[ENDS[kind][0]]]
    if not rows:
        return None
    reach = min(FAR, max(1.5, 1.05 * max(row.high for row in rows)))
    spec = intervals(rows, ticks=ticks(reach, lambda at: words.number(at, digits=1)), span=(0.0, reach), marked=1.0)
    value, _, high = ENDS[shown[0]]
    least = table.nsmallest(1, value).iloc[0]
    facts = {"tier": _tier(least["tier"], words), "ratio": words.number(least[value], digits=2), "n": int(table["customers"].sum())}
    facts |= {"given": words(f"small_customers.given.{shown[0]}")}
    return _figure("attention", "less" if least[high] < 1 else "alike", spec, table, words, facts)


def _interval(row: Mapping[Any, Any], kind: str, words: Words) -> Interval:
    value, low, high = (float(row[name]) for name in ENDS[kind])
    said = " – ".join(words.number(end, digits=2) for end in (low, high))
    given, tier = words(f"small_customers.given.{kind}"), _tier(row["tier"], words)
    text = f"{tier}, {given}: {words.number(value, digits=2)} ({said})"
    return Interval(name=tier, sub=given, value=value, low=low, high=high, text=text, clear=not low <= 1 <= high)


def _shares(result: Result, words: Words) -> Figure | None:
    """Where the value, the rewards and the contacts are."""
    table = result.tables["attention"]
    known = [name for name in SHARES if name in table]
    if len(known) < 2:
        return None
    values = {words(f"small_customers.columns.{name}"): table[name].fillna(0.0).tolist() for name in known}
    text = {name: [words.share(value) for value in column] for name, column in values.items()}
    reach = min(1.0, 1.1 * max(max(column) for column in values.values()))
    spec = dots(
        [_tier(name, words) for name in table["tier"]], values, text, ticks=ticks(reach, lambda at: _whole(at, words)), span=(0, reach)
    )
    top = table.nlargest(1, "value_share").iloc[0]
    facts = {"tier": _tier(top["tier"], words), "value": words.share(top["value_share"]), "n": int(table["customers"].sum())}
    facts["customers"] = words.share(top["customers"] / table["customers"].sum())
    return _figure("shares", "told", spec, table, words, facts)


def _orders(least: int, words: Words) -> str:
    after = [edge for edge in EDGES if edge > least]
    if not after:
        return words("small_customers.orders.more", least=least)
    return words("small_customers.orders.some", orders=str(least) if after[0] == least + 1 else f"{least}–{after[0] - 1}")


def _bands(result: Result, words: Words) -> Figure:
    """Who moved up, by orders in the months before."""
    table = result.tables["bands"]
    rows = []
    for row in table.to_dict("records"):
        text = f"{_orders(row['orders'], words)}: {_spanned(row, words, 'rate')} · n = {words.number(row['n'])}"
        rows.append(
            Interval(name=_orders(row["orders"], words), value=row["rate"], low=row["low"], high=row["high"], text=text, clear=True)
        )
    reach = min(1.0, 1.08 * float(table["high"].max()))
    whole = result.estimates["moving_up"].value
    spec = intervals(rows, ticks=ticks(reach, lambda at: _whole(at, words)), span=(0.0, reach), marked=whole)
    top = table.nlargest(1, "rate").iloc[0]
    facts = {
        "rate": words.share(whole),
        "n": int(table["n"].sum()),
        "orders": _orders(int(top["orders"]), words),
        "top": words.share(top["rate"]),
    }
    return _figure("bands", "told" if len(table) > 1 else "one", spec, table, words, facts)


def _reversion(result: Result, words: Words) -> Figure:
    """Before, what chance alone makes of it, and what came."""
    table, unit = result.tables["reversion"], result.estimates["rise"].unit
    text = [words.quantity(value, unit) for value in table["brought"]]
    names = [words(f"small_customers.stages.{stage}") for stage in table["stage"]]
    spec = bars(names, [Measure(name=names[0], values=table["brought"].tolist(), text=text, colour=[GREY, ORANGE, BLUE])])
    rise, chance = (result.estimates[name] for name in ("rise", "rise_by_chance"))
    kind = "more" if rise.low > chance.high else "less" if rise.high < chance.low else "chance"
    facts = {"rise": words.quantity(rise.value, unit), "chance": words.quantity(chance.value, unit), "n": rise.n}
    return _figure("reversion", kind, spec, table, words, facts)


def _held(result: Result, words: Words) -> Figure:
    """Chances as they were said against what came, on customers the model did not know."""
    table = result.tables["held"]
    told = [f"{words.share(row['predicted'])} → {_spanned(row, words, 'observed')}" for row in table.to_dict("records")]
    said, seen = table["predicted"].tolist(), table["observed"].tolist()
    line = Curve(
        name=words("small_customers.columns.observed_rate"),
        x=said,
        y=seen,
        text=told,
        low=table["low"].tolist(),
        high=table["high"].tolist(),
    )
    reach = max(*said, *seen)
    even = Curve(name=words("small_customers.even"), x=[0.0, reach], y=[0.0, reach], text=["", ""], colour=GREY, width=1.2)
    at = ticks(reach, lambda value: _whole(value, words))
    spec = curves([even, line], x=at, y=at, x_title=words("small_customers.columns.predicted_rate"))
    auc = result.estimates["model_auc"]
    facts = {"auc": words.number(auc.value, digits=2), "low": words.number(auc.low, digits=2), "high": words.number(auc.high, digits=2)}
    useful = auc.low > 0.5 and _measure(result, "brier") < _measure(result, "brier_base")
    return _figure("held", "useful" if useful else "useless", spec, table, words, facts | {"n": auc.n})


def _measure(result: Result, name: str) -> float:
    table = result.tables["quality"]
    return float(table.loc[table["measure"] == name, "value"].iloc[0])


def _neglect(result: Result, words: Words) -> Figure:
    """Who bought in the quarter after, of like customers who were reached and who were not."""
    table = result.tables["neglect"]
    wide = table.pivot(index=["orders", "lately"], columns="reached", values="rate").dropna().reset_index()
    names = [
        f"{_orders(row['orders'], words)}, {words('small_customers.lately.' + ('yes' if row['lately'] else 'no'))}"
        for _, row in wide.iterrows()
    ]
    values = {words(f"small_customers.reached.{'yes' if key else 'no'}"): wide[key].tolist() for key in (True, False)}
    text = {name: [words.share(value) for value in column] for name, column in values.items()}
    reach = min(1.0, 1.1 * max(max(column) for column in values.values()))
    spec = dots(names, values, text, ticks=ticks(reach, lambda at: _whole(at, words)), span=(0, reach))
    one = result.estimates["neglect"]
    kind = "less" if one.high < 0 else "more" if one.low > 0 else "alike"
    facts = {"apart": apart(abs(one.value), words), "low": apart(one.low, words, sign=True), "high": apart(one.high, words, sign=True)}
    return _figure("neglect", kind, spec, table, words, facts | {"n": int(table["n"].sum())})
