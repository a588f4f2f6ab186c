"""The importer under thousands of files no one would write. TIERWISE_EXAMPLES sets how many of each sort."""

import csv
import os
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.intake.anything import (
    DAMAGED,
    DELIMITERS,
    ENCODINGS,
    FREE,
    HEADED,
    MAGIC,
    ROWS,
    SCRAPS,
    as_csv,
    as_file,
    assert_control_sums,
    outcome,
)

EXAMPLES = int(os.environ.get("TIERWISE_EXAMPLES", "1000"))
RUN = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
SORTS = {"free": FREE, "scraps": SCRAPS, "headed": HEADED, "magic": MAGIC, "damaged": DAMAGED}


@pytest.mark.bars
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("sort", SORTS)
def test_any_bytes_are_loaded_or_refused_in_words(sort: str) -> None:
    seen: Counter[str] = Counter()

    @RUN
    @given(content=SORTS[sort])
    def run(content: bytes) -> None:
        seen[outcome(content)] += 1

    run()
    print(f"{sort}: {seen.total()} files, {seen['loaded']} loaded, {seen.total() - seen['loaded']} refused: {dict(seen.most_common())}")
    assert seen.total() >= min(EXAMPLES, 100)


@pytest.mark.bars
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("kind", ["csv", "xlsx", "parquet", "jsonl"])
def test_any_orders_come_back_with_their_control_sums(kind: str) -> None:
    tried: Counter[str] = Counter()
    ways = st.tuples(
        st.sampled_from(DELIMITERS),
        st.sampled_from(ENCODINGS),
        st.sampled_from(["\n", "\r\n"]),
        st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    )

    @RUN
    @given(rows=ROWS, way=ways)
    def run(rows: list, way: tuple[str, str, str, int]) -> None:
        tried[kind] += 1
        if kind != "csv":
            assert_control_sums(as_file(rows, kind), f"orders.{kind}", rows)
            return
        delimiter, encoding, end, quoting = way
        content = as_csv(rows, delimiter=delimiter, encoding=encoding, end=end, quoting=quoting)
        assert_control_sums(content, "orders.csv", rows, delimiter=delimiter, encoding=encoding)

    run()
    print(f"{kind}: {tried[kind]} tables of orders, every control sum equal")
    assert tried[kind] >= min(EXAMPLES, 100)
