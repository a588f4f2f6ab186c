"""One customer's life on one axis of time: months, and below them stages, tiers, contacts, feedback and redeemed points."""

from __future__ import annotations

from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING

import pandas as pd

from analytics.figures.look import BLUE, GREEN, GREY, ORANGE, RED, SKY, ramp, ticks
from analytics.figures.timeline import Lane, Marks, Month, Spell, timeline
from analytics.results import Result, Unit
from analytics.studies.base import Figure
from analytics.studies.customer_words import named
from analytics.studies.lifecycle_figures import COLOURS
from analytics.studies.lifecycle_figures import stage as stage_name
from analytics.studies.tables import short

if TYPE_CHECKING:
    from analytics.i18n import Words

_MARKS = {"complaint": (RED, 2), "ticket": (ORANGE, 1), "review": (SKY, 3)}  # colour and symbol; answers to surveys are blue and round


def life(result: Result, words: Words) -> Figure:
    """Bars of the months; a lane for each kind of thing the data tells."""
    months = result.tables["months"]
    kind, unit = ("amount", Unit.MONEY) if "amount" in months else ("orders", Unit.COUNT)
    best = months.iloc[int(months[kind].argmax())]
    lanes, top = _lanes(result, words), max(float(months[kind].max()), 1.0)
    facts = {
        "months": int((months["orders"] > 0).sum()),
        "of": len(months),
        "best": words.month(best["month"].date()),
        "value": words.quantity(float(best[kind]), unit),
    }
    return Figure(
        key="timeline",
        title=words(f"figures.timeline.title.{kind}", **facts),
        note=words(f"figures.timeline.note.{kind}"),
        alt=words("figures.timeline.alt", **facts, lanes=" · ".join(lane.name for lane in lanes) or "–"),
        spec=timeline(
            [_month(row, kind, unit, words) for _, row in months.iterrows()],
            lanes,
            ticks=ticks(top, lambda value: short(value, words), about=4 if unit is Unit.MONEY else min(4, int(top))),  # no half orders
            names=[(month.date(), words.month(month.date())) for month in months["month"]],
        ),
        table=named(months, words),
        wide=True,
    )


def _month(row: pd.Series, kind: str, unit: Unit, words: Words) -> Month:
    value = float(row[kind])
    facts = {"month": words.month(row["month"].date()), "orders": int(row["orders"]), "value": words.quantity(value, unit)}
    return Month(day=row["month"].date(), value=value, text=words(f"figures.timeline.touch.{kind}", **facts))


def _lanes(result: Result, words: Words) -> list[Lane]:
    makers = {"stages": _stages, "tiers": _tiers, "contacts": _contacts, "feedback": _feedback, "points": _redeemed}
    return [make(result, words) for name, make in makers.items() if name in result.tables]


def _stages(result: Result, words: Words) -> Lane:
    """Runs of months at whose end the customer stood in the same stage."""
    spells = []
    for key, run in groupby(result.tables["stages"].to_dict("records"), key=lambda row: str(row["stage"])):
        ends = list(run)
        first, last, name = ends[0]["month"].date(), ends[-1]["month_end"].date(), stage_name(key, words)
        spells.append(Spell(first=first, last=max(first, last), name=name, text=_spell(name, first, last, words), colour=COLOURS[key]))
    return Lane(name=words("customer.lanes.stages"), spells=spells)


def _spell(name: str, first: object, last: object, words: Words) -> str:
    return words("figures.timeline.touch.spell", name=name, first=first, last=last)


def _tiers(result: Result, words: Words) -> Lane:
    """Spells in a tier, an open one up to the end of the last month; darker is higher where the rules rank tiers."""
    table, end = result.tables["tiers"].iloc[::-1], _end(result)
    ranks = sorted(table["rank"].dropna().unique()) if "rank" in table else []
    colours = dict(zip(ranks, ramp(len(ranks)), strict=True))
    spells = []
    for row in table.to_dict("records"):
        first = row["valid_from"].date()
        last = min(row["valid_to"].date(), end) if pd.notna(row.get("valid_to")) else end
        text = _spell(str(row["tier"]), first, last, words)
        spells.append(
            Spell(first=first, last=max(first, last), name=str(row["tier"]), text=text, colour=colours.get(row.get("rank"), ramp(1)[0]))
        )
    return Lane(name=words("customer.lanes.tiers"), spells=spells)


def _end(result: Result) -> date:
    """The last day drawn."""
    if "stages" in result.tables:
        return result.tables["stages"]["month_end"].iloc[-1].date()  # type: ignore[no-any-return]
    return (result.tables["months"]["month"].iloc[-1] + pd.offsets.MonthEnd(0)).date()  # type: ignore[no-any-return]


def _contacts(result: Result, words: Words) -> Lane:
    """Contacts; those that were answered, and those after which the customer opted out, stand out."""
    table = result.tables["contacts"].reindex(columns=["day", "channel", "campaign_id", "responded", "opted_out"])
    out, answered = (table[name].eq(True).fillna(False).astype(bool) for name in ("opted_out", "responded"))
    parts = (("sent", GREY, 0, ~out & ~answered), ("responded", GREEN, 1, answered & ~out), ("opted_out", RED, 2, out))
    told = ["channel", "campaign_id"]
    marks = [_marks(table[kind], words(f"customer.contacts.{key}"), told, colour, symbol, words) for key, colour, symbol, kind in parts]
    return Lane(name=words("customer.lanes.contacts"), marks=marks)


def _feedback(result: Result, words: Words) -> Lane:
    table = result.tables["feedback"].reindex(columns=["day", "kind", "score", "topic"])
    kinds = {str(kind): rows for kind, rows in table.groupby("kind")}
    told = ["score", "topic"]
    marks = [_marks(rows, words(f"customer.codes.{kind}"), told, *_MARKS.get(kind, (BLUE, 0)), words) for kind, rows in kinds.items()]
    return Lane(name=words("customer.lanes.feedback"), marks=marks)


def _redeemed(result: Result, words: Words) -> Lane:
    table = result.tables["points"]
    rows = table[table["kind"] == "redeem"].assign(points=lambda frame: -frame["points"])
    return Lane(name=words("customer.lanes.points"), marks=[_marks(rows, words("customer.codes.redeem"), ["points"], ORANGE, 4, words)])


def _marks(rows: pd.DataFrame, name: str, told: list[str], colour: str, symbol: int, words: Words) -> Marks:
    """One kind of things that happened; on touch the day, what it was and what else is `told` of it."""
    days = [day.date() for day in rows["day"]]
    more = [[_short(value, words) for value in row if pd.notna(value)] for row in rows[told].itertuples(index=False)]
    text = [" · ".join((words.day(day), name, *parts)) for day, parts in zip(days, more, strict=True)]
    return Marks(name=name, days=days, text=text, colour=colour, symbol=symbol)


def _short(value: object, words: Words) -> str:
    return words.number(value) if isinstance(value, int | float) else str(value)
