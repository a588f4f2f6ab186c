"""The Complete Journey's campaigns and coupons come in without a hand on the mapping, and are told as response, never as effect."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from analytics import studies
from analytics.access import Access
from analytics.studies.campaigns import Params
from analytics.warehouse import open_warehouse
from tests.conftest import Cli

FILES = ("campaigns", "campaign_descriptions", "coupon_redemptions")


@pytest.fixture
def raw(complete_journey: Path) -> dict[str, pd.DataFrame]:
    return {name: pd.read_parquet(complete_journey.with_name(f"{name}.parquet")) for name in FILES}


def test_campaigns_are_contacts_and_redeemed_coupons_are_responses(cli: Cli, complete_journey: Path, raw: dict[str, pd.DataFrame]) -> None:
    run = cli("import", *[complete_journey.with_name(f"{name}.parquet") for name in FILES], "--workspace", "cj").done()
    assert [file["source"] for file in run.json["files"]] == [
        "dunnhumby_campaigns",
        "dunnhumby_campaign_descriptions",
        "dunnhumby_redemptions",
    ]
    house = open_warehouse(Access(workspace="cj"))
    held = house.row("select count(*), count(distinct customer_id), count(distinct campaign_id), sum(responded::int) from contacts")
    redeemed = raw["coupon_redemptions"][["household_id", "campaign_id"]].drop_duplicates()
    assert held == (6_589, 1_559, 27, len(redeemed)) == (6_589, 1_559, 27, 792)

    found = studies.answer(studies.CATALOGUE["campaigns"], house, Params(campaign="18"))
    assert found.refused is None and found.grade is None
    assert found.verdict.key == "campaigns.verdict.response"
    sent = raw["campaigns"].query("campaign_id == 18")["household_id"]
    answered = redeemed.query("campaign_id == 18")["household_id"].isin(sent).sum()
    rate = found.estimates["response_rate"]
    assert (rate.n, rate.value) == (len(sent), pytest.approx(answered / len(sent)))
    assert "incremental" not in found.estimates and "arms" not in found.tables
    assert len(found.tables["campaigns"]) == 27
