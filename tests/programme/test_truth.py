"""The truth is counted from tagged orders, and the files hold those orders and no others."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from data.programme import truth
from data.programme.calendar import DAYS, REVIEWS, day_of, month_of
from data.programme.causes import Cause
from data.programme.feedback import is_late
from data.programme.points import oldest_first
from data.programme.realised import realised, treated_months
from data.programme.state import GOLD, tier_of
from data.programme.truth import Switches
from data.programme.words import ENGLISH
from data.programme.world import world
from tests.programme.conftest import Made, simulated


def test_the_programme_effect_is_the_tagged_orders_over_the_treated_months() -> None:
    world = simulated(Switches())
    history, known = world.history, realised(world, ENGLISH)["programme"]["groups"]["all"]
    margin = 0
    for line, order in enumerate(history.lines.order.tolist()):
        back = history.lines.returned[line]
        if history.orders.cause[order] in (Cause.PROGRAMME, Cause.THRESHOLD) and not 0 <= back < DAYS:
            margin += int(history.lines.margin[line])
    assert known["member_months"] == int(treated_months(history).sum())
    assert known["margin"] * known["member_months"] == pytest.approx(margin / 100, rel=1e-3)


def test_no_order_of_the_programme_falls_before_the_month_after_enrolment() -> None:
    history = simulated(Switches()).history
    mine = history.orders.cause == Cause.PROGRAMME
    enrolled = history.people.enrols[history.orders.customer[mine]]
    assert mine.sum() > 100
    assert (month_of(history.orders.day[mine]) > month_of(enrolled)).all()


def test_the_joining_month_holds_the_joining_orders() -> None:
    history = simulated(Switches()).history
    mine = history.orders.cause == Cause.JOINING
    enrolled = history.people.enrols[history.orders.customer[mine]]
    assert (month_of(history.orders.day[mine]) == month_of(enrolled)).all()
    joiners = ((history.people.enrols >= 0) & (history.people.enrols < DAYS)).sum()
    assert mine.sum() / joiners == pytest.approx(truth.JOINING_BURST, rel=0.1)


def test_each_tier_gains_what_its_constant_says() -> None:
    history = simulated(Switches(), 7_000).history
    orders, treated = history.orders, treated_months(history)
    working = treated[month_of(orders.day), orders.customer]
    for tier, effect in enumerate(truth.PROGRAMME_EFFECT[:4]):
        here = (orders.tier == tier) & working
        added, usual = (here & (orders.cause == Cause.PROGRAMME)).sum(), (here & (orders.cause == Cause.BASE)).sum()
        assert abs(added / usual - effect) < 4 * math.sqrt(effect / usual) + 0.05 * effect, tier


def test_the_files_hold_what_the_truth_counts(planted: Made) -> None:
    lines, totals = planted.frame("transactions"), planted.truth.realised["totals"]
    assert lines["Amount"].sum() == pytest.approx(totals["net_sales"], abs=0.01)
    assert lines.loc[lines["Type"] == "sale", "Order ID"].nunique() == totals["orders"]
    assert (lines["Type"] == "refund").sum() == totals["refund_lines"]
    assert len(planted.frame("customers").dropna(subset=["Enrolment date"])) == totals["members_enrolled"]


def test_points_add_up_and_no_balance_is_ever_negative(planted: Made) -> None:
    moves = planted.frame("points")
    signed = moves["Points"] * moves["Event type"].map({"earn": 1, "redeem": -1, "expire": -1, "adjust": 1})
    assert signed.groupby(moves["Customer ID"]).cumsum().min() >= 0
    gone = moves[moves["Event type"] == "expire"]
    assert gone["Points date"].min() == pd.Timestamp("2025-12-01")
    earned = moves[moves["Event type"] == "earn"]
    assert (pd.to_datetime(earned["Expires on"]) - earned["Points date"]).dt.days.between(364, 397).all()


def test_what_rewards_cost_is_what_redeemed_points_cost(planted: Made) -> None:
    costs, moves = planted.frame("costs"), planted.frame("points")
    booked = costs.loc[costs["Cost category"] == "Rewards", "Cost amount"].sum()
    assert booked == pytest.approx(moves.loc[moves["Event type"] == "redeem", "Points cost"].sum(), abs=0.5)
    assert (moves["Points cost"].notna() == (moves["Event type"] == "redeem")).all()


def test_the_plan_covers_the_second_year_and_half_of_the_next(planted: Made) -> None:
    plan = planted.frame("targets").groupby("KPI")["Month"].agg(["min", "max", "count"])
    assert (plan["min"] == "2025-11-01").all() and (plan["max"] == "2027-04-01").all() and (plan["count"] == 18).all()


def test_the_naive_gap_is_many_times_what_the_programme_causes(planted: Made) -> None:
    known = planted.truth.realised
    assert known["naive_gap"]["margin_per_month"] > 3 * known["programme"]["groups"]["all"]["margin"] > 0


def test_without_selection_the_naive_gap_is_nearly_right() -> None:
    gaps, effects = [], []
    for seed in (1, 2, 3):
        known = realised(world(Switches().but(without=["selection"]), 7_000, seed), ENGLISH)
        gaps.append(known["naive_gap"]["margin_per_month"])
        effects.append(known["programme"]["groups"]["all"]["margin"])
    assert abs(np.mean(gaps) - np.mean(effects)) < 0.8  # with selection it is about four too large


def test_margins_are_plausible(planted: Made) -> None:
    lines = planted.frame("transactions")
    assert lines["Margin"].sum() / lines["Amount"].sum() == pytest.approx(0.45, abs=0.01)
    assert (lines.loc[lines["Type"] == "sale", "Margin"] < 0).mean() < 0.001


def gain(switches: Switches) -> tuple[float, float]:
    """Change of monthly orders around enrolment against those who do so later or never, with its standard error.

    From the five to two months before to the one to four months after; customers known for half a year by then.
    """
    history = simulated(switches, 7_000).history
    people, n = history.people, len(history.people)
    orders = np.zeros((24, n))
    np.add.at(orders, (month_of(history.orders.day), history.orders.customer), 1)
    enrolled = np.where(people.enrols < DAYS, month_of(np.clip(people.enrols, -1, DAYS)), 99)
    found, weight = [], []
    for month in range(6, 20):
        known = (month_of(people.created) < month - 6) & ~people.office
        change = orders[month + 1 : month + 5].mean(axis=0) - orders[month - 5 : month - 1].mean(axis=0)
        mine, others = change[known & (enrolled == month)], change[known & (enrolled > month + 4)]
        found.append(mine.mean() - others.mean())
        weight.append(1 / (mine.var() / len(mine) + others.var() / len(others)))
    return float(np.average(found, weights=weight)), 1 / math.sqrt(sum(weight))


def test_without_the_programme_those_who_join_change_no_more_than_those_who_join_later() -> None:
    found, error = gain(Switches().but(without=["all"]))
    assert abs(found) < 3 * error


def test_with_hidden_confounding_they_do_though_the_programme_does_nothing() -> None:
    found, error = gain(Switches().but(without=["all"], including=["hidden_confounding"]))
    assert found > 3 * error


def test_a_quarter_of_the_orders_after_a_late_delivery_do_not_happen() -> None:
    history = simulated(Switches(), 7_000).history
    orders, lost = history.orders, (history.lost.lost == Cause.LATE).sum()
    late = {}
    for place in np.flatnonzero(is_late(orders)).tolist():
        late.setdefault(int(orders.customer[place]), []).append(int(orders.delivered[place]) // 1440)
    pairs = zip(orders.customer.tolist(), orders.day.tolist(), strict=True)
    kept = sum(any(0 < day - came <= truth.AFTER_LATE_DAYS for came in late.get(customer, ())) for customer, day in pairs)
    assert lost / (lost + kept) == pytest.approx(1 - truth.AFTER_LATE, abs=0.02)


def test_reaching_gold_lifts_orders_for_a_quarter() -> None:
    history = simulated(Switches(), 7_000).history
    orders, added, usual = history.orders, 0, 0
    before = history.first_tiers
    for day, tiers in zip(REVIEWS, history.tiers, strict=True):
        reached = np.flatnonzero((tiers == GOLD) & (before < GOLD))
        quarter = np.isin(orders.customer, reached) & (orders.day >= day + 7) & (orders.day < day + 85)
        added += int((quarter & (orders.cause == Cause.THRESHOLD)).sum())
        usual += int((quarter & (orders.cause == Cause.BASE)).sum())
        before = tiers
    assert abs(added / usual - truth.THRESHOLD_JUMP) < 4 * math.sqrt(truth.THRESHOLD_JUMP / usual)


def test_the_campaign_brings_orders_of_the_treated_and_in_its_weeks_only() -> None:
    history = simulated(Switches(), 7_000).history
    orders, people, start = history.orders, history.people, day_of(truth.CAMPAIGN_FROM)
    treated = (people.in_test & people.treated)[orders.customer]
    inside = (orders.day >= start) & (orders.day < start + truth.CAMPAIGN_DAYS)
    mine = orders.cause == Cause.CAMPAIGN
    assert treated[mine].all() and (np.abs(orders.day[mine] - start - truth.CAMPAIGN_DAYS / 2) <= truth.CAMPAIGN_DAYS / 2 + 3).all()
    usual = (treated & inside & (orders.cause == Cause.BASE)).sum()
    assert abs(mine.sum() / usual - truth.CAMPAIGN_EFFECT) < 4 * math.sqrt(truth.CAMPAIGN_EFFECT / usual)


def test_a_review_rests_on_the_net_sales_of_the_365_days_before() -> None:
    history = simulated(Switches()).history
    orders, lines, day = history.orders, history.lines, REVIEWS[6]
    spend = np.zeros(len(history.people), dtype=int)
    for order, net, back in zip(lines.order.tolist(), lines.net.tolist(), lines.returned.tolist(), strict=True):
        sold = bool(day - 365 <= orders.day[order] < day)
        spend[orders.customer[order]] += net * (sold - (back >= 0 and day - 365 <= back < day))
    assert (history.spend[6] == spend).all()


def test_points_are_spent_oldest_first() -> None:
    held = np.array([[5, 0], [7, 3], [1, 4]])
    assert oldest_first(held, np.array([8, 4])).tolist() == [[0, 0], [4, 0], [1, 3]]


def test_tiers_follow_the_spend_of_the_year_before_the_review() -> None:
    assert tier_of(np.array([0, 11_999, 12_000, 59_999, 250_000])).tolist() == [0, 0, 1, 2, 4]
