"""The figures of the study `lifecycle`: stages and their money, stages over time, transitions, second orders, deals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from analytics.figures.bars import Measure, bars
from analytics.figures.curves import Curve, curves
from analytics.figures.heat import heat
from analytics.figures.intervals import Interval, intervals
from analytics.figures.layers import Layer, layers
from analytics.figures.look import BLUE, GREEN, GREY, ORANGE, RAMP, RED, SKY, label, ticks
from analytics.results import Result
from analytics.studies.base import Figure
from analytics.studies.events import marked
from analytics.studies.pipeline_figures import draw_deals
from analytics.studies.tables import short, titled

if TYPE_CHECKING:
    from analytics.i18n import Words

# from those who are with us to those who have gone; told apart by their order too, never by colour alone
COLOURS = {
    "growing": RAMP[8],
    "active": BLUE,
    "won_back": GREEN,
    "new": SKY,
    "slipping": ORANGE,
    "dormant": RED,
    "lost": GREY,
}
MOST = 12  # groups drawn; the table holds all
WITH_US = ("growing", "active", "won_back", "new")
_HEADED = {"low": "share_low", "high": "share_high", "money_low": "money_share_low", "money_high": "money_share_high"}
_HEADED |= {name: name.replace("difference", "share_gap") for name in ("difference", "difference_low", "difference_high")}


def draw(result: Result, words: Words) -> tuple[Figure, ...]:
    """What the tables at hand allow, in the order of their weight."""
    if result.refused is not None:
        return ()
    makers = {"stages": _stages, "months": _months, "groups": _groups, "transitions": _transitions, "newest": _newest}
    shown = [make(result, words) for name, make in makers.items() if name in result.tables]
    return (*shown, *(draw_deals(result.tables["deals"], words) if "deals" in result.tables else ()))


def stage(key: str, words: Words) -> str:
    """A stage as it is called."""
    return words(f"lifecycle.stages.{key}")


def named(frame: pd.DataFrame, words: Words) -> pd.DataFrame:
    """Any table of the stages, or `members`, as a reader gets it: stages and months by name, headings in words."""
    shown = frame.drop(columns=["risk", "window", "start", "end", "complete", "clear"], errors="ignore").rename(columns=_HEADED)
    for column in {"stage", "from", "to"} & set(shown):
        shown[column] = [stage(key, words) for key in shown[column]]
    if "dimension" in shown:
        shown["dimension"] = [words(f"lifecycle.dimensions.{key}") for key in shown["dimension"]]
    if "month" in shown:
        shown["month"] = [words.month(month) for month in shown["month"]]
    return titled(shown, "lifecycle.columns", words)


def _span(value: float, low: float, high: float, words: Words) -> str:
    return f"{words.share(value)} ({words.number(100 * low, digits=1)}–{words.number(100 * high, digits=1)})"


def _stages(result: Result, words: Words) -> Figure:
    """Customers and money side by side."""
    table = result.tables["stages"]
    money = "money_share" in table and bool(table["money_share"].notna().all())
    measures = [_measure(table, "share", "low", "high", words)]
    measures += [_measure(table, "money_share", "money_low", "money_high", words)] if money else []
    risk, kind = table[table["risk"]], "money" if money else "count"
    facts = {"share": words.share(risk["share"].sum(), digits=0), "n": int(table["customers"].sum())}
    if money:
        facts |= {"money": words.money(risk["money"].sum(), compact=True), "of": words.share(risk["money_share"].sum(), digits=0)}
    return Figure(
        key="stages",
        title=words(f"lifecycle.figures.stages.title.{kind}", **facts),
        note=words(f"lifecycle.figures.stages.note.{kind}", **facts),
        alt=words(f"lifecycle.figures.stages.alt.{kind}", **facts),
        spec=bars([stage(key, words) for key in table["stage"]], measures),
        table=named(table, words),
    )


def _measure(table: pd.DataFrame, column: str, low: str, high: str, words: Words) -> Measure:
    spans = zip(table[column], table[low], table[high], strict=True)
    return Measure(name=words(f"lifecycle.columns.{column}"), values=table[column].tolist(), text=[_span(*span, words) for span in spans])


def _months(result: Result, words: Words) -> Figure:
    """How the customer base is made up at each month end; those with us at the bottom. In numbers: nobody drops out of the base, so the
    share of those with us falls as the data grows longer, whatever they do."""
    table = result.tables["months"]
    counts = table.pivot(index="month", columns="stage", values="customers").reindex(columns=list(COLOURS)).fillna(0.0)
    days, names = [month.date().isoformat() for month in counts.index], [words.month(month) for month in counts.index]
    parts = [
        Layer(
            name=stage(key, words),
            shares=counts[key].tolist(),
            text=[f"{name} · {stage(key, words)}: {words.number(count)}" for name, count in zip(names, counts[key], strict=True)],
            colour=COLOURS[key],
        )
        for key in COLOURS
    ]
    top = float(counts.sum(axis=1).max())
    spec = layers(days, names, parts, ticks=ticks(top, lambda count: short(count, words)), top=top)
    kind, facts = _course(counts[list(WITH_US)].sum(axis=1), words)
    figure = Figure(
        key="months",
        title=words(f"lifecycle.figures.months.title.{kind}", **facts),
        note=words("lifecycle.figures.months.note", first=names[0], last=names[-1]),
        alt=words("lifecycle.figures.months.alt", first=names[0], last=names[-1], **facts),
        spec=spec,
        table=named(table, words),
    )
    return marked(figure, result, days, words)


def _course(with_us: pd.Series, words: Words) -> tuple[str, dict[str, object]]:
    """The last month end against the one a year before, or the first there is."""
    now, before = with_us.iloc[-1], with_us.iloc[max(len(with_us) - 13, 0)]
    facts: dict[str, object] = {
        "month": words.month(with_us.index[-1]),
        "now": int(now),
        "then": int(before),
        "before": words.month(with_us.index[max(len(with_us) - 13, 0)]),
    }
    if len(with_us) == 1 or abs(now - before) < 0.01 * before:
        return "level", facts
    return ("up" if now > before else "down"), facts


def _groups(result: Result, words: Words) -> Figure:
    """The dimension in which a group differs most, of those beyond chance where there are any."""
    table = result.tables["groups"]
    pool = table[table["clear"]] if table["clear"].any() else table
    top = pool.sort_values("difference").iloc[-1]
    part = table[table["dimension"] == top["dimension"]]
    overall = part["silent"].sum() / part["customers"].sum()
    largest = part.nlargest(MOST, "customers").index
    shown = part.loc[largest.union(part.index[part["value"] == top["value"]])].sort_values("share", ascending=False)
    spans = [_span(*bounds, words) for bounds in zip(shown["share"], shown["low"], shown["high"], strict=True)]
    rows = [
        Interval(
            name=str(row["value"]),
            value=row["share"],
            low=row["low"],
            high=row["high"],
            text=f"{row['value']}: {span} · n = {words.number(row['customers'])}",
            clear=bool(row["clear"]),
        )
        for (_, row), span in zip(shown.iterrows(), spans, strict=True)
    ]
    reach = min(1.0, 1.15 * float(shown["high"].max()))
    kind = "clear" if top["clear"] and top["difference"] > 0 else "alike"
    facts = {
        "value": str(top["value"]),
        "share": words.share(top["share"], digits=0),
        "overall": words.share(overall, digits=0),
        "dimension": words(f"lifecycle.dimensions.{top['dimension']}"),
        "n": int(part["customers"].sum()),
    }
    return Figure(
        key="groups",
        title=words(f"lifecycle.figures.groups.title.{kind}", **facts),
        note=words("lifecycle.figures.groups.note", **facts),
        alt=words("lifecycle.figures.groups.alt", **facts),
        spec=intervals(rows, ticks=ticks(reach, lambda share: words.share(share, digits=0)), span=(0.0, reach), marked=float(overall)),
        table=named(table, words),
    )


def _transitions(result: Result, words: Words) -> Figure:
    """Each row adds up to one: where the customers of a stage were at the later month end."""
    table = result.tables["transitions"]
    rows, columns = list(dict.fromkeys(table["from"])), list(dict.fromkeys(table["to"]))
    cells = {(row["from"], row["to"]): row for _, row in table.iterrows()}
    z = [[cells[row, column]["share"] if cells[row, column]["n"] else None for column in columns] for row in rows]
    text = [[words.share(share, digits=0) if share is not None else "" for share in line] for line in z]
    hover = [[_touch(cells[row, column], words) for column in columns] for row in rows]
    kind, facts = _way(table, words)
    start, end = words.day(table["start"].iloc[0]), words.day(table["end"].iloc[0])
    span = {"start": start, "end": end, "n": int(table["n"].sum())}
    x, y = [stage(key, words) for key in columns], [stage(key, words) for key in rows]
    return Figure(
        key="transitions",
        title=words(f"lifecycle.figures.transitions.title.{kind}", **facts, **span),
        note=words("lifecycle.figures.transitions.note", **span),
        alt=words("lifecycle.figures.transitions.alt", **span),
        spec=heat(z, text, hover, x=x, y=y, x_title=end, y_title=start),
        table=named(table, words),
    )


def _touch(row: pd.Series, words: Words) -> str:
    way = f"{stage(str(row['from']), words)} → {stage(str(row['to']), words)}"
    return label(f"{way}: {_span(row['share'], row['low'], row['high'], words)} · n = {words.number(row['n'])}", most=120)


def _way(table: pd.DataFrame, words: Words) -> tuple[str, dict[str, object]]:
    """What became of the slipping customers; of all when nobody was slipping."""
    part = table[table["from"] == "slipping"].set_index("to")
    if part.empty:
        stayed = table.loc[table["from"] == table["to"], "n"].sum() / table["n"].sum()
        return "stayed", {"share": words.share(stayed, digits=0)}
    back, gone = (part.loc[list(stages), "share"].sum() for stages in (WITH_US, ("dormant", "lost")))
    return "slipping", {"back": words.share(back, digits=0), "gone": words.share(gone, digits=0)}


def _newest(result: Result, words: Words) -> Figure:
    table = result.tables["newest"]
    names = [words.month(month) for month in table["month"]]
    places = list(range(len(table)))
    spans = [_span(*bounds, words) for bounds in zip(table["share"], table["low"], table["high"], strict=True)]
    text = [f"{name}: {span}" for name, span in zip(names, spans, strict=True)]
    part = Curve(
        name=words("lifecycle.columns.share"),
        x=places,
        y=table["share"].tolist(),
        low=table["low"].tolist(),
        high=table["high"].tolist(),
        text=text,
        colour=BLUE,
    )
    step = max(1, -(-len(names) // 6))
    shown = places[(len(places) - 1) % step :: step]
    last = table.iloc[-1]
    facts = {"share": words.share(last["share"]), "month": names[-1], "days": int(last["window"]), "n": int(table["eligible"].sum())}
    spec = curves(
        [part],
        x={"tickvals": shown, "ticktext": [names[at] for at in shown]},
        y=ticks(float(table["high"].max()), lambda share: words.share(share, digits=0)),
    )
    return Figure(
        key="newest",
        title=words("lifecycle.figures.newest.title", **facts),
        note=words("lifecycle.figures.newest.note", **facts),
        alt=words("lifecycle.figures.newest.alt", **facts),
        spec=spec,
        table=named(table, words),
    )
