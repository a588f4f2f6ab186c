"""The figures of the study `campaigns`: what each arm caused, where, whom it moves, who responded."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from analytics.figures.bars import Measure, bars
from analytics.figures.curves import Curve, curves
from analytics.figures.intervals import Interval, intervals
from analytics.figures.look import BLUE, GREY, ORANGE, Spec, ticks
from analytics.results import Result, Unit
from analytics.studies.base import Figure
from analytics.studies.tables import short, titled

if TYPE_CHECKING:
    from analytics.i18n import Words

MOST = 15  # campaigns drawn; the table holds all
CHANCE = 0.05


def draw(result: Result, words: Words) -> tuple[Figure, ...]:
    """What the tables at hand allow, in the order of their weight."""
    if result.refused is not None:
        return ()
    makers = {"arms": _arms, "qini": _qini, "tenths": _tenths, "groups": _groups, "funnel": _funnel, "campaigns": _responses}
    return tuple(figure for name, make in makers.items() if name in result.tables for figure in make(result, words))


def named(frame: pd.DataFrame, words: Words) -> pd.DataFrame:
    """Any table of the study, or `members`, as a reader gets it."""
    shown = frame.copy(deep=False)
    for column, prefix in (
        ("dimension", "dimensions"),
        ("outcome", "outcomes"),
        ("ranking", "rankings"),
        ("step", "steps"),
        ("status", "state"),
    ):
        if column in shown:
            shown[column] = [words(f"campaigns.{prefix}.{key}") for key in shown[column]]
    if "dimension" in frame and "group" in frame:
        shown["group"] = [group_name(*pair, words) for pair in zip(frame["dimension"], frame["group"], strict=True)]
    return titled(shown.rename(columns=_headed(frame)), "campaigns.columns", words)


def _headed(frame: pd.DataFrame) -> dict[str, str]:
    """What an end of an interval bounds; places in a ranking are shares, and so is the chance to respond."""
    if "response_rate" in frame:
        return {"low": "rate_low", "high": "rate_high", "per_contact": "per_contact_rate"}
    if "gain" in frame:
        return {"chance": "gain_chance"}
    if "customer_id" in frame:
        return {"response": "response_standing", "uplift": "uplift_standing", "chance": "probability", "effect": "effect_money"}
    return {"withheld": "withheld_share", "planned": "planned_share"}


def _column(name: str, words: Words) -> str:
    return words(f"campaigns.columns.{name}")


def group_name(dimension: str, group: str, words: Words) -> str:
    """A group as it is called; levels of spending are the product's own words."""
    return words(f"campaigns.levels.{group}") if dimension == "level" else group


def _figure(key: str, kind: str, spec: Spec, table: pd.DataFrame, words: Words, facts: Mapping[str, object], *, own: str = "") -> Figure:
    return Figure(
        key=own or key,
        title=words(f"campaigns.figures.{key}.title.{kind}", **facts),
        note=words(f"campaigns.figures.{key}.note", **facts),
        alt=words(f"campaigns.figures.{key}.alt", **facts),
        spec=spec,
        table=named(table, words),
        wide=key == "arms",
    )


def _span(low: float, high: float, words: Words, *, marks: Sequence[float] = ()) -> tuple[Spec, tuple[float, float]]:
    """Ticks of money and the reach of the axis: all intervals, and zero."""
    bottom, top = min(0.0, low, *marks), max(0.0, high, *marks)
    room = 0.04 * (top - bottom or 1.0)
    return ticks(top, lambda value: short(value, words), bottom=bottom), (bottom - room, top + room)


def _spanned(value: float, low: float, high: float, words: Words) -> str:
    return f"{words.money(value, compact=True)} ({words.money(low, compact=True)} … {words.money(high, compact=True)})"


def _arms(result: Result, words: Words) -> tuple[Figure, ...]:
    """Money caused by each arm; filled where it is beyond chance among all that its experiment asks."""
    every = result.tables["arms"]
    table = every[every["outcome"].isin(["money", "net"])].reset_index(drop=True)
    several = table["experiment"].nunique() > 1
    rows = [
        Interval(
            name=f"{row['experiment']} · {row['arm']}" if several else str(row["arm"]),
            sub=words(f"campaigns.outcomes.{row['outcome']}"),
            value=row["effect"],
            low=row["low"],
            high=row["high"],
            text=f"{_spanned(row['effect'], row['low'], row['high'], words)} · n = {words.number(row['n'])}",
            clear=_beyond(row),
        )
        for row in table.to_dict("records")
    ]
    scale, span = _span(float(table["low"].min()), float(table["high"].max()), words)
    money = table[table["outcome"] == "money"]
    clear = sum(_beyond(row) for row in money.to_dict("records"))
    (best,) = money.nlargest(1, "effect").to_dict("records")
    facts = {"n": len(money), "clear": clear, "arm": best["arm"], "effect": words.money(best["effect"], compact=True)}
    kind = "none" if not clear else "one" if len(money) == 1 else "some"
    spec = intervals(rows, ticks=scale, span=span)
    customers = int(money["n"].sum() + money.drop_duplicates("experiment")["controls"].sum())
    return (_figure("arms", kind, spec, every, words, facts | {"customers": customers}),)


def _beyond(row: Mapping[Hashable, Any]) -> bool:
    """Beyond chance; what follows from money and cost, and was not counted as a question, by its own interval."""
    known = row["p_holm"] == row["p_holm"]
    return bool((row["p_holm"] if known else row["p"]) <= CHANCE and not row["low"] <= 0 <= row["high"])


def _groups(result: Result, words: Words) -> tuple[Figure, ...]:
    """One figure a dimension: the effect in each group, filled where it is beyond chance among all groups looked at."""
    table = result.tables["groups"]
    return tuple(_group(table[table["dimension"] == name].reset_index(drop=True), str(name), words) for name in table["dimension"].unique())


def _group(table: pd.DataFrame, dimension: str, words: Words) -> Figure:
    rows = [
        Interval(
            name=group_name(dimension, str(row["group"]), words),
            value=row["effect"],
            low=row["low"],
            high=row["high"],
            text=f"{_spanned(row['effect'], row['low'], row['high'], words)} · n = {words.number(row['n'])}",
            clear=bool(row["q"] <= CHANCE and not row["low"] <= 0 <= row["high"]),
        )
        for row in table.to_dict("records")
    ]
    scale, span = _span(float(table["low"].min()), float(table["high"].max()), words)
    clear = [row for row in rows if row.clear]
    most = max(clear or rows, key=lambda row: row.value)
    p = float(table["apart"].iloc[0])
    facts = {
        "dimension": words(f"campaigns.dimensions.{dimension}"),
        "group": most.name,
        "effect": words.money(most.value, compact=True),
        "n": int(table["n"].sum()),
        "p": words.number(p, digits=2) if p >= 0.01 else f"< {words.number(0.01, digits=2)}",
    }
    kind = "alike" if p > CHANCE else "apart" if clear else "differs"
    return _figure("groups", kind, intervals(rows, ticks=scale, span=span), table, words, facts, own=f"groups_{dimension}")


def _qini(result: Result, words: Words) -> tuple[Figure, ...]:
    """Money gained by treating the first of each ranking, against treating as many by chance."""
    table = result.tables["qini"]
    uplift, response = (table[table["ranking"] == name].reset_index(drop=True) for name in ("uplift", "response"))
    lines = [
        _line(uplift, "chance", words("campaigns.by_chance"), GREY, words),
        _line(response, "gain", words("campaigns.rankings.response"), ORANGE, words),
        _line(uplift, "gain", words("campaigns.rankings.uplift"), BLUE, words, band=True),
    ]
    rankings = result.tables["rankings"]
    (worth,) = rankings[rankings["ranking"] == "uplift"].to_dict("records")
    low, high = min(0.0, *uplift["low"]), max(*uplift["high"], *response["gain"])
    scale = ticks(high, lambda value: short(value, words), bottom=low)
    spec = curves(lines, x=ticks(1.0, lambda share: words.share(share, digits=0)), y=scale, x_title=_column("share", words))
    spec["layout"]["yaxis"]["rangemode"] = "normal"
    facts = {name: words.money(worth[name], compact=True) for name in ("coefficient", "low", "high", "top")}
    return (_figure("qini", "apart" if worth["low"] > 0 else "nobody", spec, table, words, facts),)


def _line(table: pd.DataFrame, column: str, name: str, colour: str, words: Words, *, band: bool = False) -> Curve:
    return Curve(
        name=name,
        x=table["share"].tolist(),
        y=table[column].tolist(),
        low=table["low"].tolist() if band else None,
        high=table["high"].tolist() if band else None,
        text=[f"{words.share(at, digits=0)}: {words.money(gain)}" for at, gain in zip(table["share"], table[column], strict=True)],
        colour=colour,
        width=1.2 if colour == GREY else 2.2,
    )


def _rate(row: Mapping[object, float], words: Words) -> str:
    return f"{words.share(row['response_rate'])} ({words.number(100 * row['low'], digits=1)}–{words.number(100 * row['high'], digits=1)})"


def _tenths(result: Result, words: Words) -> tuple[Figure, ...]:
    """Who responded, by tenths of the ranking: a description of this campaign."""
    table = result.tables["tenths"]
    line = Curve(
        name=_column("response_rate", words),
        x=table["tenth"].tolist(),
        y=table["response_rate"].tolist(),
        low=table["low"].tolist(),
        high=table["high"].tolist(),
        text=[f"{row['tenth']}: {_rate(row, words)} · n = {words.number(row['n'])}" for row in table.to_dict("records")],
        colour=BLUE,
    )
    x = {"tickvals": table["tenth"].tolist(), "ticktext": [words.number(at) for at in table["tenth"]]}
    y = ticks(float(table["high"].max()), lambda share: words.share(share, digits=0))
    first, every = table.iloc[0], float((table["response_rate"] * table["n"]).sum() / table["n"].sum())
    facts = {
        "first": words.share(first["response_rate"]),
        "every": words.share(every),
        "n": int(table["n"].sum()),
    }
    spec = curves([line], x=x, y=y, x_title=_column("tenth", words))
    return (_figure("tenths", "apart" if first["low"] > every else "alike", spec, table, words, facts),)


def _funnel(result: Result, words: Words) -> tuple[Figure, ...]:
    table = result.tables["funnel"]
    text = [f"{words.number(row['customers'])} · {words.share(row['share'])}" for row in table.to_dict("records")]
    names = [words(f"campaigns.steps.{step}") for step in table["step"]]
    spec = bars(names, [Measure(name=_column("customers", words), values=table["customers"].tolist(), text=text, colour=BLUE)])
    steps = table.set_index("step")["share"]
    kind = "responded" if "responded" in steps.index else "bought"
    facts = {"share": words.share(float(steps[kind])), "n": int(table["customers"].iloc[0])}
    return (_figure("funnel", kind, spec, table, words, facts),)


def _responses(result: Result, words: Words) -> tuple[Figure, ...]:
    """Response of the latest campaigns. Campaigns reach different people: their responses are no contest."""
    every = result.tables["campaigns"]
    table = every[every["response_rate"].notna()].head(MOST).reset_index(drop=True)
    if table.empty:
        return ()
    rows = [
        Interval(
            name=str(row["campaign"]),
            value=row["response_rate"],
            low=row["low"],
            high=row["high"],
            text=f"{row['campaign']}: {_rate(row, words)} · n = {words.number(row['reached'])}",
            clear=True,
        )
        for row in table.to_dict("records")
    ]
    reach = min(1.0, 1.1 * float(table["high"].max()))
    most = table.iloc[int(table["response_rate"].argmax())]
    facts = {
        "campaign": str(most["campaign"]),
        "share": words.quantity(float(most["response_rate"]), Unit.SHARE),
        "n": int(table["reached"].sum()),
        "drawn": len(table),
        "of": len(every),
    }
    scale = ticks(reach, lambda share: words.share(share, digits=0))
    spec = intervals(rows, ticks=scale, span=(0.0, reach))
    return (_figure("campaigns", "one" if len(table) == 1 else "several", spec, every, words, facts),)
