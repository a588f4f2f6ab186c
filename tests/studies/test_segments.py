"""Segments of forty customers worked out by hand, of one CDNOW customer, and of data that has no segments to give."""

import json
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest

from analytics import studies
from analytics.access import Access
from analytics.i18n import LANGUAGES, Words
from analytics.results import Result
from analytics.studies.base import Filters
from analytics.studies.segments import Params, members
from analytics.studies.segments_figures import named
from analytics.warehouse import Warehouse, open_warehouse
from tests.conftest import Cli
from tests.studies.conftest import Shop

END = date(2024, 12, 31)


def forty(*, amount: bool = True) -> str:
    """Customer i of 1..40 has i orders of 10.00, one every ten days, the last one i days before the end (one order is on the last day)."""
    rows = ["order id,customer id,order date,region" + (",amount" if amount else "")]
    for i in range(1, 41):
        days = [END - timedelta(days=i - 1 + 10 * j) for j in range(i)]
        rows += [f"{i}-{j},{i:02d},{day},{'north' if i <= 20 else 'south'}" + (",10.00" if amount else "") for j, day in enumerate(days)]
    return "\n".join(rows)


def segments(house: Warehouse, **params: object) -> Result:
    return studies.answer(studies.CATALOGUE["segments"], house, Params(**params))


def test_forty_customers_fall_where_the_rules_put_them(shop: Shop) -> None:
    result = segments(shop(orders=forty()))
    # scores change every eight customers; first orders lie 11 i - 11 days back: at most 90 for i <= 9
    counts = dict(zip(result.tables["segments"]["segment"], result.tables["segments"]["n"], strict=True))
    assert counts == {"new": 9, "light": 7, "slipping": 8, "cant_lose": 8, "at_risk": 8}
    row = result.tables["segments"].set_index("segment").loc["cant_lose"]
    assert row["money"] == 10 * sum(range(33, 41))
    assert row["money_share"] == pytest.approx(2920 / 8200)
    assert (row["frequency_median"], row["recency_median"]) == (36.5, 35.5)
    assert result.estimates["top_segment_share"].value == pytest.approx(8 / 40)
    assert result.estimates["top_segment_money_share"].low < 2920 / 8200 < result.estimates["top_segment_money_share"].high


def test_the_map_holds_every_customer_and_all_money_once(shop: Shop) -> None:
    grid = segments(shop(orders=forty())).tables["rfm"]
    assert len(grid) == 25
    assert grid["customers"].sum() == 40
    assert grid["money"].sum() == pytest.approx(8200)
    assert grid.set_index(["recency", "frequency"]).loc[(1, 5), "customers"] == 8


def test_a_period_recomputes_recency_frequency_and_money_inside_it(shop: Shop) -> None:
    house = shop(orders=forty())
    found = members(house, Params(filters=Filters(period=("2024-11", "2024-11")))).set_index("customer_id")
    # customer 05 ordered on 27, 17 and 7 December, 27 and 17 November
    assert found.loc["05", ["orders", "amount", "recency_days"]].tolist() == [2, 20.0, 3]
    assert "01" not in found.index
    both = members(house, Params(filters=Filters(period=("2024-11", "2024-12")))).set_index("customer_id")
    assert both.loc["05", ["orders", "amount", "recency_days"]].tolist() == [5, 50.0, 4]


def test_without_amounts_recency_and_frequency_make_the_segments(shop: Shop) -> None:
    result = segments(shop(orders=forty(amount=False)))
    assert "money" not in result.tables["segments"]
    assert "top_segment_money_share" not in result.estimates
    assert [note.key for note in result.warnings] == ["segments.warnings.no_money"]
    assert result.verdict.key.startswith("segments.verdict.count.")


def test_the_members_are_everyone_and_the_answer_lists_as_many_as_asked(shop: Shop) -> None:
    house = shop(orders=forty())
    everyone = members(house, Params())
    assert len(everyone) == 40
    assert everyone["customer_id"].iloc[0] == "40"
    assert len(segments(house, list_size=3).tables["customers"]) == 3


def test_one_crowd_has_no_clear_clusters_and_the_answer_says_so(shop: Shop) -> None:
    result = segments(shop(orders=forty()), method="clusters")
    assert result.verdict.key == "segments.verdict.no_clear_clusters"
    assert any(note.key.startswith("segments.warnings.unclear.") for note in result.warnings)
    assert result.tables["evidence"]["chosen"].sum() == 1


def test_a_given_number_of_clusters_is_kept(shop: Shop) -> None:
    result = segments(shop(orders=forty()), method="clusters", clusters="3")
    assert result.estimates["segments"].value == 3
    assert len(result.tables["evidence"]) == 8  # one cluster and two to eight


def test_too_few_customers_are_refused_in_words(shop: Shop) -> None:
    result = segments(shop(orders="order id,customer id,order date,amount\n1,A,2024-01-01,5\n2,B,2024-01-02,5\n"))
    assert result.refused is not None
    assert result.estimates == {}
    assert "30" in Words("en").note(result.refused)


def test_a_customer_list_alone_locks_the_study(shop: Shop) -> None:
    result = segments(shop(members="member id,tier\nA,Gold\nB,Silver\n"))
    assert result.refused is not None
    assert "transactions" in str(result.refused.facts["columns"])


def test_the_answer_travels_as_json_in_both_languages(shop: Shop) -> None:
    result = segments(shop(orders=forty()), method="clusters")
    for language in LANGUAGES:
        answer = json.loads(json.dumps(studies.result_json(result, Words(language), params=Params()), allow_nan=False))
        assert answer["tables"]["evidence"][0]["stability"] is None  # one cluster cannot be unstable
        assert answer["verdict"]["text"]
        assert set(answer["estimates"]["customers"]) == {"value", "low", "high", "n", "unit", "level"}


def test_readers_see_names_and_rules_never_keys(shop: Shop) -> None:
    table = segments(shop(orders=forty())).tables["segments"]
    assert named(table, Words("en"))["Segment"].tolist() == ["New customers", "Recent, occasional", "Slipping", "Can't lose", "At risk"]
    assert named(table, Words("zh-CN"))["客户分群"].tolist()[0] == "新客户"
    assert all("90" in rule for rule in named(table.head(1), Words("en"))["Rule"])


def test_one_cdnow_customer_by_hand(cli: Cli, cdnow: Path) -> None:
    # 00003: 2 Jan 20.76, 30 Mar 20.76, 2 Apr 19.54, 15 Nov 57.45, 25 Nov 1997 20.96, 28 May 1998 16.99; the data ends on 30 June 1998
    cli("import", cdnow, "--workspace", "cdnow").done()
    found = members(open_warehouse(Access(workspace="cdnow")), Params()).set_index("customer_id")
    row = found.loc["00003"]
    assert (row["orders"], row["recency_days"]) == (6, 33)
    assert row["amount"] == pytest.approx(156.46)
    assert (row["first_on"], row["last_on"]) == (pd.Timestamp("1997-01-02"), pd.Timestamp("1998-05-28"))
    assert (row["recency"], row["frequency"], row["monetary"]) == _scores(cdnow, "00003")
    assert row["segment"] == "champions"
    assert len(found) == 23_570


def _scores(path: Path, customer: str) -> tuple[int, int, int]:
    """The same scores from the raw file: the customer's mid-rank among all, in fifths."""
    raw = pd.read_csv(path, sep=r"\s+", skiprows=1, names=["id", "date", "cds", "value"], dtype={"id": str})
    by = raw.groupby("id").agg(recency=("date", "max"), frequency=("date", "size"), monetary=("value", "sum")).round(2)

    def score(column: pd.Series) -> int:
        below, equal = (column < column[customer]).sum(), (column == column[customer]).sum()
        return int(-(-5 * (below + equal / 2) // len(column)))

    return score(by["recency"]), score(by["frequency"]), score(by["monetary"])
