"""What is bought next: by hand on a few purchases, by simulation where the truth is known."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.models.next_need import MODEL, RULES, Habit, Holdout, Known, Purchases, holdout, known, learn, probabilities, ranked

TEA, COFFEE, CUPS = 0, 1, 2


def purchases(*rows: tuple[int, int, set[int]], k: int = 3) -> Purchases:
    """(customer, day, basket) rows."""
    baskets = np.zeros((len(rows), k), bool)
    for at, (_, _, basket) in enumerate(rows):
        baskets[at, list(basket)] = True
    return Purchases(customer=np.array([row[0] for row in rows]), day=np.array([row[1] for row in rows]), baskets=baskets)


def test_what_is_known_counts_each_purchase_once_and_keeps_the_last_basket() -> None:
    found = known(purchases((0, 1, {TEA}), (0, 5, {TEA, CUPS}), (0, 9, {COFFEE}), (1, 2, {CUPS})))
    assert found.counts.tolist() == [[2, 1, 1], [0, 0, 1]]
    assert found.purchases.tolist() == [3, 1]
    assert found.last.tolist() == [[False, True, False], [False, False, True]]


def test_a_share_of_few_purchases_is_pulled_towards_everybodys() -> None:
    habit = Habit(share=np.array([0.5, 0.3, 0.2]), firmness=np.full(3, 4.0), follows=np.eye(3))
    state = Known(counts=np.array([[1.0, 0, 0], [16, 0, 0]]), purchases=np.array([1.0, 16]), last=np.array([[1, 0, 0]] * 2, bool))
    found = probabilities(habit, state)
    assert found[0] == pytest.approx([(1 + 2) / 5, 1.2 / 5, 0.8 / 5])  # (own + firmness x share) / (purchases + firmness)
    assert found[1] == pytest.approx([(16 + 2) / 20, 1.2 / 20, 0.8 / 20])


def test_sequence_takes_part_with_the_rest_of_the_weight() -> None:
    follows = np.array([[0.1, 0.8, 0.1], [0.2, 0.2, 0.6], [0.5, 0.3, 0.2]])
    habit = Habit(share=np.array([0.5, 0.3, 0.2]), firmness=np.full(3, 1e9), follows=follows, weight=0.25)
    state = Known(counts=np.zeros((1, 3)), purchases=np.zeros(1), last=np.array([[True, True, False]]))
    expected = 0.25 * np.array([0.5, 0.3, 0.2]) + 0.75 * np.array([0.15, 0.5, 0.35])  # the mean of what follows tea and coffee
    assert probabilities(habit, state)[0] == pytest.approx(expected, abs=1e-6)


def test_each_rule_names_categories_in_its_own_order_and_ties_go_to_the_popular_one() -> None:
    habit = Habit(share=np.array([0.2, 0.5, 0.3]), firmness=np.ones(3), follows=np.eye(3))
    state = Known(counts=np.array([[5.0, 1, 1]]), purchases=np.array([5.0]), last=np.array([[False, False, True]]))
    assert ranked("popular", habit, state).tolist() == [[COFFEE, CUPS, TEA]]
    assert ranked("most", habit, state).tolist() == [[TEA, COFFEE, CUPS]]
    assert ranked("last", habit, state).tolist() == [[CUPS, COFFEE, TEA]]


def test_the_first_purchase_after_the_day_judges_and_nothing_later() -> None:
    # who bought nothing before day 10, or nothing after it, is not judged; coffee is in most purchases before it
    rows = (
        (0, 1, {COFFEE}), (0, 2, {TEA}), (0, 3, {TEA}), (0, 10, {TEA}), (0, 11, {CUPS}),
        (1, 4, {COFFEE}), (1, 5, {COFFEE}), (1, 12, {CUPS}),
        (2, 6, {COFFEE}),
        (3, 13, {TEA}),
    )  # fmt: skip
    found = holdout(purchases(*rows), 10)
    assert found is not None
    assert found.places["popular"].tolist() == [2, 3]  # coffee, tea, cups
    assert found.places["most"].tolist() == [1, 3]
    assert found.rate("most", 1).value == 0.5
    assert found.rate("popular", 3).value == 1


def test_nobody_who_came_back_is_nothing_to_judge_by() -> None:
    assert holdout(purchases((0, 1, {TEA}), (1, 12, {TEA})), 10) is None


def test_gains_are_paired_over_the_same_customers() -> None:
    places = {name: np.array([1, 1, 2, 2]) for name in RULES} | {MODEL: np.array([1, 2, 1, 1])}
    gain = Holdout(places=places, expected=0.5).gain(MODEL, "most", 1)
    assert gain.value == pytest.approx(0.25)  # +1 twice, -1 once, 0 once
    assert gain.high - gain.value == pytest.approx(1.96 * np.std([0, -1, 1, 1]) / 2)


@pytest.mark.parametrize(
    ("model", "chosen"),
    [((0.8, 0.9), MODEL), ((0.5, 0.9), "most"), ((0.6, 0.6), "most"), ((0.3, 1.0), "most"), ((0.6, 1.0), MODEL)],
)
def test_the_model_must_clearly_beat_the_best_rule_and_lose_nowhere(model: tuple[float, float], chosen: str) -> None:
    def places(first: float, three: float) -> np.ndarray:
        return np.repeat([1, 3, 4], np.round(1000 * np.array([first, three - first, 1 - three])).astype(int))

    rules = {"popular": places(0.3, 0.9), "last": places(0.4, 0.9), "most": places(0.6, 0.9)}
    assert Holdout(places={**rules, MODEL: places(*model)}, expected=0.5).chosen == chosen


def habits(seed: int, n: int = 6_000, k: int = 6) -> Purchases:
    """Everybody has probabilities of their own, and buys one category at a time, on 2 to 11 days."""
    rng = np.random.default_rng(seed)
    taste = rng.dirichlet(0.15 * np.arange(k, 0, -1), n)
    customer = np.repeat(np.arange(n), rng.integers(2, 12, n))
    bought = (taste[customer].cumsum(axis=1) > rng.random((len(customer), 1))).argmax(axis=1)
    return _one_a_day(customer, bought, k)


def chains(seed: int, n: int = 3_000, k: int = 6) -> Purchases:
    """Who has bought one category buys the next one after it, four times in five."""
    rng = np.random.default_rng(seed)
    customer = np.repeat(np.arange(n), 6)
    stray = np.where(rng.random(len(customer)) < 0.2, rng.integers(0, k, len(customer)), 1).reshape(n, 6)
    return _one_a_day(customer, ((rng.integers(0, k, (n, 1)) + stray.cumsum(axis=1)) % k).ravel(), k)


def _one_a_day(customer: np.ndarray, bought: np.ndarray, k: int) -> Purchases:
    day = np.arange(len(customer)) - np.searchsorted(customer, customer)
    return Purchases(customer=customer, day=day, baskets=np.eye(k, dtype=bool)[bought])


def test_probabilities_come_true_where_everybody_has_a_taste_of_their_own() -> None:
    world = habits(3)
    last = world.last
    habit, state = learn(world.where(~last)), known(world.where(~last))
    assert habit.weight >= 0.75
    told, came = probabilities(habit, state).ravel(), world.baskets[last].ravel()
    for low, high in ((0.0, 0.1), (0.1, 0.3), (0.3, 0.5), (0.5, 0.7), (0.7, 0.9)):
        some = (told >= low) & (told < high)
        assert some.sum() > 100
        assert told[some].mean() == pytest.approx(came[some].mean(), abs=0.05)


def test_where_one_thing_leads_to_the_next_the_sequence_is_learnt_and_the_model_wins() -> None:
    found = holdout(chains(4), 5)
    assert found is not None
    assert found.chosen == MODEL
    assert found.rate(MODEL, 1).value == pytest.approx(0.8 + 0.2 / 6, abs=0.03)
    assert found.rate(found.rule, 1).value < 0.4
    assert learn(chains(4)).weight == 0


def test_where_nothing_tells_customers_apart_the_popular_category_is_named() -> None:
    rng = np.random.default_rng(5)
    customer = np.repeat(np.arange(3_000), 5)
    world = _one_a_day(customer, rng.choice(6, len(customer), p=[0.4, 0.2, 0.1, 0.1, 0.1, 0.1]), 6)
    found = holdout(world, 4)
    assert found is not None
    assert found.chosen == "popular"
