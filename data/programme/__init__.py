"""An invented loyalty programme: a tea and coffee retailer with shops, an online shop, an app and office clients; two years, every
canonical table, and a documented truth (`truth.py`) to hold the product's pages against.

The same arguments give the same bytes. Both languages tell of the same people and orders; words, currency and price level differ.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from pathlib import Path

import pyarrow as pa
import pyarrow.csv

from data.programme import errors, sales, tables, truth
from data.programme.realised import realised
from data.programme.truth import Switches, Truth
from data.programme.words import LANGUAGES, Words
from data.programme.world import World, world

TABLES = (
    "customers",
    "transactions",
    "opportunities",
    "points",
    "tiers",
    "tier_rules",
    "contacts",
    "experiments",
    "feedback",
    "benefits",
    "costs",
    "targets",
    "events",
    "outcomes",
)


def make(folder: Path, language: str = "en", *, switches: Switches | None = None, customers: int = 20_000, seed: int = truth.SEED) -> Truth:
    """Write one CSV file per canonical table and truth.json into a folder.

    Returns  what truth.json holds
    Raises   KeyError for a language that is not "en" or "zh-CN"
    """
    switches, words = switches or Switches(), LANGUAGES[language]
    happened = world(switches, customers, seed)
    folder.mkdir(parents=True, exist_ok=True)
    counts: Counter[str] = Counter()
    rows: dict[str, int] = {}
    for name in TABLES:
        rows[name], planted = _write(folder / f"{name}.csv", name, happened, words, switches, seed)
        counts.update(planted)
    known = Truth(
        language=language,
        currency=words.currency,
        customers=customers,
        seed=seed,
        switches=asdict(switches),
        planted=planted_constants(),
        realised={**realised(happened, words), "data_errors": dict(counts), "rows": rows},
    )
    (folder / "truth.json").write_text(json.dumps(asdict(known), ensure_ascii=False, indent=1, default=str) + "\n", encoding="utf-8")
    return known


def planted_constants() -> dict[str, object]:
    """Every constant of truth.py by its name."""
    return {name: value for name, value in vars(truth).items() if name.isupper()}


def _write(path: Path, name: str, happened: World, words: Words, switches: Switches, seed: int) -> tuple[int, dict[str, int]]:
    """One file. Returns its rows, and the errors planted in it by kind."""
    columns, planted = _columns(name, happened, words, switches, seed)
    more, bad = errors.bad_rows(name, columns, words, seed) if switches.data_errors else ("", {})
    table = pa.table(columns, names=list(words.headers[name]))
    with path.open("wb") as file:
        file.write("".encode(words.encoding))  # the byte order mark, where the encoding has one
        pa.csv.write_csv(table, file)
        file.write(more.encode("utf-8"))
    return table.num_rows + sum(bad.values()), {**planted, **bad}


def _columns(name: str, happened: World, words: Words, switches: Switches, seed: int) -> tuple[list[pa.Array], dict[str, int]]:
    if name == "transactions":
        rows = sales.sold(happened)
        columns = sales.transactions(happened, words, rows)
        return errors.in_lines(columns, rows.usual, seed) if switches.data_errors else (columns, {})
    columns = getattr(tables, name)(happened, words)
    if name == "customers" and switches.data_errors:
        return errors.in_customers(columns, seed)
    return columns, {}
