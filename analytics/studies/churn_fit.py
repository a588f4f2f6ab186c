"""The fit `churn`: models tried on horizons that are over, the better one taken a step on to customers as they are now.

Kept facts     kind, horizon (days), bounded, at and now (days), active, chosen, recalibrated, quality (name -> estimate), churned and n and
               said (sum of the risks of the held-out), customers, sample (customers learned from, 0 for all), skipped, behaviour
               or, when the answer is refused: refused (key, facts), leak (column -> AUC) when something gave it away
Kept tables    people (customer_id, risk, low, high, worth, driver), held (customer_id, risk, churned, tier), models, decay, drivers,
               dependence; survival, hazard and apart where leaving is told
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analytics.fits import Fit, Fitted, Tell
from analytics.studies import churn_data as data
from analytics.studies.churn_data import PARTS, Part, World
from analytics.studies.churn_sql import RANKS

if TYPE_CHECKING:
    from analytics.models.churn import Model, Slice, Trial
    from analytics.models.drivers import Driver
    from analytics.warehouse import Warehouse

LEAST, LEAST_LEFT = 100, 30  # customers in a slice, and customers of it who left, and who stayed
LARGE, SAMPLE, BATCH = 200_000, 100_000, 250_000  # customers above which a sample is learned from, its size, customers scored at once
NAMED, DRAWN = 5, 6  # drivers by which customers are told apart, and drivers whose course is drawn
TRIED = 3  # slices a trial takes: to learn from, to recalibrate on, to be judged on


def make(warehouse: Warehouse, params: Mapping[str, Any], tell: Tell) -> Fitted:
    """Read, try, explain, score."""
    tell("read", 0, 4)
    kind = data.kind_of(warehouse, params["kind"])
    if kind is None:
        return _refused("kind", kind=params["kind"])
    without = frozenset(name.strip() for name in params["without"].split(",") if name.strip())
    if kind == "snapshot":
        return _of_snapshot(warehouse, without, tell)
    world = (
        data.contract(warehouse, params["horizon"]) if kind == "contract" else data.purchases(warehouse, params["horizon"], params["who"])
    )
    return _of_moments(warehouse, world, without, tell)


def _refused(key: str, **facts: object) -> Fitted:
    return Fitted(facts={"refused": {"key": f"churn.refused.{key}", "facts": facts}})


def _of_moments(warehouse: Warehouse, world: World, without: frozenset[str], tell: Tell) -> Fitted:
    """Slices a horizon apart; the last whose horizon is over is held out."""
    if not world.moments:
        return _refused(f"nothing.{world.kind}")
    if len(world.moments) < 3:
        return _refused("short", horizon=world.horizon, least=SHORTEST_PAST * world.horizon)
    part = Part(last=-(-PARTS * SAMPLE // world.customers) if world.customers > LARGE else PARTS)
    past, people = _past(warehouse, world, part, without)
    if (lacking := _lacking(list(past.values())[-2:], world.kind)) is not None:
        return lacking
    tell("try", 1, 4)
    slices = list(past.values())
    trials, chosen, measured = _tried(slices)
    if (leak := _leak(slices[-2], slices[-1], measured)) is not None:
        return leak
    tell("explain", 2, 4)
    held = slices[-1]
    drivers, courses = _explained([(chosen.models[0], held)], chosen.models[0], held)
    tell("score", 3, 4)
    ready = _ahead(chosen, slices)
    scored = _scored(warehouse, world, ready, chosen, held, drivers, tell)
    days = list(past)
    tables = {
        "people": scored,
        "held": _held(people[days[-1]], chosen, held),
        "models": _models(trials, held, chosen),
        "decay": _decay(chosen, slices, days),
        "drivers": _driver_rows(drivers),
        "dependence": courses,
        **_stays(warehouse, world),
    }
    facts = {
        "horizon": world.horizon,
        "bounded": world.bounded,
        "at": days[-1].isoformat(),
        "now": world.moments[-1].at.isoformat(),
        "active": world.active,
        "skipped": world.skipped,
        "behaviour": world.behaviour,
        "worth": _basis(warehouse, scored),
        "customers": len(scored),
        "sample": round(world.customers * part.last / PARTS) if part.last < PARTS else 0,
    }
    return Fitted(facts={"kind": world.kind, **facts, **_facts(chosen, held, measured)}, tables=_filled(tables))


SHORTEST_PAST = 3  # horizons of history: one to look back on, one to learn from, one to be judged on


def _of_snapshot(warehouse: Warehouse, without: frozenset[str], tell: Tell) -> Fitted:
    """Every customer is judged by a model that did not know them."""
    from analytics.models.churn import NAMES, best, crossed, fit, folds
    from analytics.models.drivers import standing_out, typical

    ids, every = data.snapshot(warehouse, without)
    if every.features.shape[1] == 0:
        return _refused("no_columns")
    if (lacking := _lacking([every], "snapshot")) is not None:
        return lacking
    rows = np.random.default_rng(7).permutation(len(ids))[: SAMPLE if len(ids) > LARGE else None]
    few = every.at(np.sort(rows))
    tell("try", 1, 4)
    parts = {name: folds(name, few) for name in NAMES}
    trials: list[Trial] = [crossed(name, few, parts[name]) for name in NAMES]
    chosen = best(trials, few.churned)
    measured = _measured(chosen, few)
    if (leak := _leak(few, None, measured)) is not None:
        return leak
    tell("explain", 2, 4)
    model = fit(chosen.name, few)
    drivers, courses = _explained([(known, few.at(rows)) for known, rows in parts[chosen.name]], model, few)
    tell("score", 3, 4)
    risk = chosen.risk if len(few.churned) == len(ids) else model.risk(every.features)
    names = [driver.name for driver in drivers if driver.clear][:NAMED]
    who = standing_out(model, every.features, model.risk(every.features), names, typical(every.features[~every.churned]))
    people = _people(ids, risk, np.full(len(ids), np.nan), who, chosen, few)[~every.churned]
    tables = {
        "people": people,
        "held": pd.DataFrame({"customer_id": ids[np.sort(rows)], "risk": chosen.risk, "churned": few.churned}),
        "models": _models(trials, few, chosen),
        "drivers": _driver_rows(drivers),
        "dependence": courses,
    }
    sample = len(rows) if len(rows) < len(ids) else 0
    facts = {
        "kind": "snapshot",
        "horizon": 0,
        "bounded": "",
        "active": False,
        "customers": len(people),
        "sample": sample,
        "skipped": 0,
        "behaviour": True,
        "worth": "",
    }
    return Fitted(facts={**facts, **_facts(chosen, few, measured)}, tables=_filled(tables))


def _basis(warehouse: Warehouse, scored: pd.DataFrame) -> str:
    """What a customer's worth is counted in: margin, sales, or "" where no money is known."""
    present = warehouse.present().get("transactions", frozenset())
    if not scored["worth"].any() or "amount" not in present:
        return ""
    return "margin" if "margin" in present else "sales"


def _past(warehouse: Warehouse, world: World, part: Part, without: frozenset[str]) -> tuple[dict[date, Slice], dict[date, pd.DataFrame]]:
    """The slices whose horizon is over, by day, with the columns that all of them have; and their customers."""
    found = {moment.at: data.slice_at(warehouse, world, moment, part) for moment in world.moments[:-1]}
    usable = {day: pair for day, pair in found.items() if _enough(pair[1])}
    usable = usable if len(usable) > 1 else found
    slices = data.alike({day: data.sliced(*pair, without) for day, pair in usable.items()})
    return slices, {day: frame for day, (frame, _) in usable.items()}


def _enough(churned: np.ndarray) -> bool:
    left = int(churned.sum())
    return len(churned) >= LEAST and LEAST_LEFT <= left <= len(churned) - LEAST_LEFT


def _lacking(slices: Sequence[Slice], kind: str) -> Fitted | None:
    """Why nothing can be learned: too few customers, too few who left, or too few who stayed."""
    for part in slices:
        n, left = len(part.churned), int(part.churned.sum())
        if n < LEAST:
            return _refused("few_customers", n=n, least=LEAST)
        if not LEAST_LEFT <= left <= n - LEAST_LEFT:
            return _refused(f"few_events.{kind}", left=left, stayed=n - left, least=LEAST_LEFT)
        if part.features.shape[1] == 0:
            return _refused("no_columns")
    return None


def _tried(slices: list[Slice]) -> tuple[list[Trial], Trial, dict[str, Any]]:
    from analytics.models.churn import best, tried

    trials = tried(slices[-TRIED:])
    chosen = best(trials, slices[-1].churned)
    return trials, chosen, _measured(chosen, slices[-1])


def _measured(trial: Trial, held: Slice) -> dict[str, Any]:
    from analytics.models.calibration import quality

    return {name: asdict(estimate) for name, estimate in quality(trial.risk, held.churned).items()}


def _leak(learn: Slice, judge: Slice | None, measured: Mapping[str, Any]) -> Fitted | None:
    """Predictions that are too good to be true are not shown; the columns that give the answer away are named."""
    from analytics.models.leakage import LIMIT, suspects

    if measured["auc"]["value"] <= LIMIT:
        return None
    found = suspects(learn, later=judge)
    facts = {"columns": ", ".join(found), "auc": f"{measured['auc']['value']:.3f}", "limit": f"{LIMIT:.2f}"}
    return Fitted(facts={"refused": {"key": "churn.refused.leak", "facts": facts}, "leak": found})


def _ahead(chosen: Trial, slices: Sequence[Slice]) -> Model:
    from analytics.models.churn import ahead

    return ahead(chosen, slices)


def _explained(pairs: Sequence[tuple[Model, Slice]], model: Model, held: Slice) -> tuple[list[Driver], pd.DataFrame]:
    """What risks hang on (pairs: models and customers they did not know), and how they run along the clear drivers."""
    from analytics.models.drivers import dependence, importance

    drivers = importance(pairs)
    drawn = [driver.name for driver in drivers if driver.clear][:DRAWN]
    parts = [dependence(model, held, name).assign(driver=name) for name in drawn]
    courses = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
    return drivers, courses.assign(at=courses["at"].astype(str)) if len(courses) else courses


def _driver_rows(drivers: Sequence[Driver]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"driver": d.name, "importance": d.importance.value, "low": d.importance.low, "high": d.importance.high, "clear": d.clear}
            for d in drivers
        ]
    )


def _scored(
    warehouse: Warehouse, world: World, model: Model, chosen: Trial, held: Slice, drivers: Sequence[Driver], tell: Tell
) -> pd.DataFrame:
    """Everybody as they are now, in batches."""
    from analytics.models.drivers import standing_out, typical

    names = [driver.name for driver in drivers if driver.clear][:NAMED]
    usual = typical(held.features[~held.churned])
    batches = -(-world.customers // BATCH)
    ends = [round(PARTS * at / batches) for at in range(batches + 1)]
    parts = []
    for at in range(batches):
        tell("score", at, batches)
        frame, _ = data.slice_at(warehouse, world, world.moments[-1], Part(first=ends[at], last=ends[at + 1]))
        now = _now(frame, held)
        risk = model.risk(now)
        worth = frame["worth"].to_numpy(float) if "worth" in frame else np.full(len(frame), np.nan)
        parts.append(_people(frame.index, risk, worth, standing_out(model, now, risk, names, usual), chosen, held))
    return pd.concat(parts, ignore_index=True)


def _now(frame: pd.DataFrame, like: Slice) -> pd.DataFrame:
    """The columns the model knows, of the same types."""
    numbers = {name: "float64" for name in like.features if pd.api.types.is_numeric_dtype(like.features[name])}
    return frame.reindex(columns=list(like.features.columns)).astype(numbers)


def _people(ids: pd.Index, risk: np.ndarray, worth: np.ndarray, driver: np.ndarray, chosen: Trial, held: Slice) -> pd.DataFrame:
    from analytics.models.calibration import around

    low, high = around(risk, chosen.risk, held.churned)
    return pd.DataFrame({"customer_id": ids, "risk": risk, "low": low, "high": high, "worth": worth, "driver": driver})


def _held(frame: pd.DataFrame, chosen: Trial, held: Slice) -> pd.DataFrame:
    """What was said of the held-out customers and what came; their tier as it was on that day."""
    told = pd.DataFrame({"customer_id": frame.index, "risk": chosen.risk, "churned": held.churned})
    return told.assign(tier=frame["tier"].to_numpy()) if "tier" in frame else told


def _models(trials: Sequence[Trial], held: Slice, chosen: Trial) -> pd.DataFrame:
    """One row a trial and measure: model, recalibrated, chosen, measure, value, low, high, n."""
    rows = []
    for trial in trials:
        head = {"model": trial.name, "recalibrated": trial.recalibrated, "chosen": trial is chosen}
        for name, estimate in _measured(trial, held).items():
            rows.append({**head, "measure": name, **{end: estimate[end] for end in ("value", "low", "high", "n")}})
    return pd.DataFrame(rows)


def _decay(chosen: Trial, slices: Sequence[Slice], days: Sequence[date]) -> pd.DataFrame:
    """The same kind of model, learned once from the oldest slice and never again, at each later day: does it still hold?"""
    from analytics.models.calibration import quality
    from analytics.models.churn import fit

    model, rows = fit(chosen.name, slices[0]), []
    for day, part in zip(days[1:], slices[1:], strict=True):
        found = quality(model.risk(part.features), part.churned)
        row = {"at": pd.Timestamp(day), "days": (day - days[0]).days, "n": len(part.churned), "churn_rate": float(part.churned.mean())}
        rows.append(
            row | {f"{name}{end}": getattr(found[name], f) for name in ("auc", "brier", "brier_base", "ece") for end, f in _ENDS.items()}
        )
    return pd.DataFrame(rows)


_ENDS = {"": "value", "_low": "low", "_high": "high"}


def _stays(warehouse: Warehouse, world: World) -> dict[str, pd.DataFrame]:
    """Survival and hazard of memberships, of all and by tier and cohort."""
    if world.kind != "contract":
        return {}
    from analytics.studies.churn_stays import stays

    members, until, _ = data.memberships(warehouse, Part())
    ranks = warehouse.frame(RANKS)
    return stays(members, until, dict(zip(ranks["tier"], ranks["rank"], strict=True)))


def _facts(chosen: Trial, held: Slice, measured: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "chosen": chosen.name,
        "recalibrated": chosen.recalibrated,
        "quality": measured,
        "churned": int(held.churned.sum()),
        "n": len(held.churned),
        "said": float(chosen.risk.sum()),
    }


def _filled(tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    return {name: table.reset_index(drop=True) for name, table in tables.items() if len(table)}


CHURN = Fit(id="churn", steps=("read", "try", "explain", "score"), make=make)
