"""The cost ledger: what the programme and the rest of the budget cost, month by month, each cost counted once.

A cost of the programme that the ledger does not name is taken from the tables that hold it: rewards from the points redeemed, benefits from
those delivered, communication from the contacts. One that the ledger does name is taken from the ledger alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from analytics.contract import plain

if TYPE_CHECKING:
    from analytics.warehouse import Warehouse

PROGRAMME = ("rewards", "benefits", "platform", "people", "communication", "other")
BUDGET = ("acquisition", "other_marketing", "product")
UNSEEN = ("platform", "people", "other")  # of what no other table tells: without any, the programme's cost is not known
LUMP = "lump"  # one line for the whole programme: nothing is added to it

# first that fits: "membership acquisition" is acquisition, "points platform" the platform, "email marketing" communication. What could be a
# cost of the programme counts as one: a return must not be flattered.
_WORDS = {
    "acquisition": "acqui|newcustomer|prospect|performancemarketing|recruit|获客|拉新|引流|新客",
    "people": "staff|team|people|personnel|payroll|salar|wage|training|labour|labor|headcount|人员|人工|人力|工资|薪酬|薪资|培训",
    "platform": "platform|software|licen|technology|system|hosting|saas|it|cloud|平台|系统|软件|技术|服务器|许可",
    "communication": "communication|messag|mailing|email|sms|contact|postage|callcentre|callcenter|沟通|触达|短信|通讯|邮件|呼叫|外呼",
    "rewards": "reward|redemption|redeem|points|voucher|cashback|coupon|积分|奖励|兑换|返现|代金券|优惠券|礼券",
    "benefits": "benefit|perk|privilege|gift|lounge|delivery|shipping|权益|特权|礼遇|礼品|赠品|福利",
    "other_marketing": "marketing|brand|advertis|media|print|sponsor|event|市场|营销|品牌|广告|推广|投放|媒介|赞助",
    "product": "product|research|development|rd|merchandise|产品|研发|商品",
    "other": "other|misc|sundry|consult|legal|agency|其他|杂项|咨询|法务",
    LUMP: "programme|program|loyalty|membership|loyaltyprogramme|loyaltyprogram|忠诚度计划|会员计划|会员|计划|忠诚度",
}
_WHOLE = frozenset(
    ["it", "rd", "other", "product", "event", "system", "计划", "会员", "商品", "programme", "program", "loyalty", "membership"]
)

LEDGER = """-- costs as told by the user
select
    cast(date_trunc('month', month) as date) as month, category, coalesce(supplier, '') as supplier, cast(sum(amount) as double) as amount
from costs where category is not null and coalesce(month <= (select day from as_of_day), true) group by all order by all
"""

DERIVED = """-- costs of the programme that other tables hold: a row a month and kind
select month, kind, cast(sum(cost) as double) as amount
from (
    select month, 'rewards' as kind, cost from points_months where kind = 'redeem'
    union all
    select cast(date_trunc('month', delivered_at) as date), 'benefits', cost from benefits
    where delivered_at < (select day + interval 1 day from as_of_day)
    union all
    select cast(date_trunc('month', occurred_at) as date), 'communication', cost from contacts
    where occurred_at < (select day + interval 1 day from as_of_day)
)
where cost is not null group by all order by all
"""


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """rows      month, kind, category and supplier ("" where another table tells the cost), amount, told (by the ledger itself)
    unknown   categories that no word of ours fits: counted as other costs of the programme
    complete  whether what only a ledger can tell (platform, people, or the programme as one line) is in it
    """

    rows: pd.DataFrame
    unknown: tuple[str, ...]
    complete: bool

    def programme(self) -> pd.DataFrame:
        return self.rows[self.rows["kind"].isin(PROGRAMME)]


def ledger(warehouse: Warehouse) -> Ledger:
    """All costs by month and kind; empty rows where the data tells none."""
    told = warehouse.frame(LEDGER)
    kinds = {category: kind_of(category) for category in told["category"].unique()}
    told = told.assign(kind=told["category"].map(kinds).fillna("other"), told=True)
    lump = bool((told["kind"] == LUMP).any())
    told["kind"] = told["kind"].replace(LUMP, "other")
    named = {*told["kind"], *(("rewards", "benefits", "communication") if lump else ())}
    derived = warehouse.frame(DERIVED).assign(category="", supplier="", told=False)
    rows = pd.concat([told, derived[~derived["kind"].isin(named)]], ignore_index=True)
    return Ledger(
        rows=rows[["month", "kind", "category", "supplier", "amount", "told"]].sort_values(["month", "kind"], ignore_index=True),
        unknown=tuple(category for category, kind in kinds.items() if kind is None),
        complete=bool(told["kind"].isin(UNSEEN).any()),
    )


def kind_of(category: str) -> str | None:
    """What a category of a user's ledger is; None when none of our words is in it.

    >>> kind_of("Customer acquisition"), kind_of("技术平台"), kind_of("Loyalty programme")
    ('acquisition', 'platform', 'lump')
    """
    text, words = plain(category), set(re.findall(r"[a-z]+", category.casefold()))
    return next((kind for kind, known in _WORDS.items() if any(_in(word, text, words) for word in known.split("|"))), None)


def _in(word: str, text: str, words: set[str]) -> bool:
    """Short and general words must stand alone: "it" is not in "benefits"."""
    return word == text or word in words if word in _WHOLE else word in text
