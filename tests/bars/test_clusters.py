"""A17, cluster honesty: true clusters are found, their number and their members; in noise there are none.

Worlds are made here, customer by customer. TIERWISE_SEEDS sets how many of each kind (200 by default in `make bars`).
"""

import os

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

from analytics.models.segments import Clusters, cluster

SEEDS = int(os.environ.get("TIERWISE_SEEDS", "200"))
FEW = 12
BASE = {"orders": "count", "amount": "money", "recency_days": "days"}
NOISE = ("lognormal", "uniform", "poisson", "negative_binomial", "buy_till_you_die")


def customers_of_kinds(seed: int, k: int, n: int = 1_500) -> tuple[pd.DataFrame, np.ndarray]:
    """k kinds of customers, their centres at least six standard deviations apart in orders, basket and recency."""
    rng = np.random.default_rng(seed)
    spread = np.array([0.35, 0.35, 25.0])
    centres = _centres(rng, k, spread)
    kind = rng.choice(k, n, p=rng.dirichlet(np.full(k, 20)))
    orders = np.exp(rng.normal(centres[kind, 0], spread[0])).round().clip(1)
    basket = np.exp(rng.normal(centres[kind, 1], spread[1]))
    recency = rng.normal(centres[kind, 2], spread[2]).round().clip(0)
    return pd.DataFrame({"orders": orders, "amount": orders * basket, "recency_days": recency}), kind


def _centres(rng: np.random.Generator, k: int, spread: np.ndarray) -> np.ndarray:
    while True:
        centres = rng.uniform([np.log(2), np.log(5), 10], [np.log(80), np.log(400), 350], (k, 3))
        gaps = np.linalg.norm((centres[:, None] - centres[None]) / spread, axis=-1) + 1e9 * np.eye(k)
        if gaps.min() >= 6:
            return centres


def one_crowd(seed: int, shape: str, n: int = 1_500) -> pd.DataFrame:
    """Customers of one kind: what differs between them differs by degrees."""
    rng = np.random.default_rng(seed)
    match shape:
        case "lognormal":
            logs = rng.multivariate_normal([2, 6, 0], [[0.5, 0.4, -0.2], [0.4, 0.6, -0.2], [-0.2, -0.2, 0.6]], n)
            rows = [np.exp(logs[:, 0]).round().clip(1), np.exp(logs[:, 1]), (40 * np.exp(logs[:, 2])).round()]
        case "uniform":
            rows = [np.exp(rng.uniform(0, 4, n)).round().clip(1), np.exp(rng.uniform(3, 8, n)), rng.integers(0, 365, n)]
        case "poisson" | "negative_binomial":
            rate = np.full(n, 6.0) if shape == "poisson" else rng.gamma(0.8, 5, n)
            orders = rng.poisson(rate)
            orders = orders[orders > 0]
            rows = [orders, [rng.lognormal(3.5, 0.6, x).sum() for x in orders], [np.floor(rng.uniform(0, 365, x).min()) for x in orders]]
        case _:
            rows = [*zip(*(_till_death(rng) for _ in range(n)), strict=True)]
    return pd.DataFrame(dict(zip(BASE, rows, strict=True)))


def _till_death(rng: np.random.Generator) -> tuple[int, float, int]:
    """One customer of the BG/NBD world: orders at a personal rate, dropping out after any order."""
    rate, drop, seen = rng.gamma(0.6, 0.05), rng.beta(1, 3), 365 - rng.uniform(0, 300)
    orders, last = 1, 0.0
    while rng.random() >= drop and last + (wait := rng.exponential(1 / rate)) <= seen:
        orders, last = orders + 1, last + wait
    return orders, float(rng.lognormal(3.5, 0.7, orders).sum()), int(seen - last)


def found(seed: int, k: int) -> tuple[bool, float]:
    frame, kind = customers_of_kinds(seed, k)
    cut: Clusters = cluster(frame, BASE)
    return cut.clear and cut.k == k, adjusted_rand_score(kind, cut.labels)


@pytest.mark.parametrize("k", [2, 3, 4, 5, 6])
def test_true_clusters_are_found_in_a_few_worlds(k: int) -> None:
    results = [found(1_000 * k + seed, k) for seed in range(FEW // 4)]
    assert all(right and agreement >= 0.95 for right, agreement in results), results


@pytest.mark.parametrize("shape", NOISE)
def test_no_clusters_are_claimed_in_a_few_crowds(shape: str) -> None:
    assert not any(cluster(one_crowd(seed, shape), BASE).clear for seed in range(FEW // 4))


@pytest.mark.bars
@pytest.mark.timeout(3600)
def test_a17_true_clusters_are_found() -> None:
    results = [found(seed, 2 + seed % 5) for seed in range(SEEDS)]
    right = np.mean([right for right, _ in results])
    agreement = np.mean([agreement >= 0.95 for _, agreement in results])
    print(f"true k found {right:.3f}, adjusted Rand >= .95 {agreement:.3f} of {SEEDS} worlds")
    assert right >= 0.99
    assert agreement >= 0.99


@pytest.mark.bars
@pytest.mark.timeout(3600)
def test_a17_noise_has_no_clear_clusters() -> None:
    claimed = [cluster(one_crowd(seed, NOISE[seed % len(NOISE)]), BASE).clear for seed in range(SEEDS)]
    print(f"clusters claimed in noise {np.mean(claimed):.3f} of {SEEDS} crowds")
    assert np.mean(claimed) <= 0.05
