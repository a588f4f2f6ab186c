"""The tiers from the lowest to the highest, and what the rules ask for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from analytics.warehouse import Warehouse

ORDER = """-- tiers from the lowest: by the rules where they name every one, else by what a customer in it brings, or earns where nothing
-- has a price
with seen as (
    select tier from customer_features where tier is not null union select tier from tier_spells
),
ranks as (
    select tier, min(rank) as rank from tier_rules where tier is not null and rank is not null group by tier
),
standing as (
    select tier, avg(coalesce(amount, 0)::double) as money, avg(coalesce(points_earned, 0)::double) as points, count(*) as customers
    from customer_features where tier is not null group by tier
),
told as (
    select tier, rank, coalesce(money, 0) as money, coalesce(points, 0) as points, coalesce(customers, 0) as customers
    from seen left join ranks using (tier) left join standing using (tier)
)
select tier from told
order by
    case when (select bool_and(rank is not null) from told) then rank end,
    case when (select max(money) from told) > 0 then money else points end, customers desc, tier
"""


def tiers_in_order(warehouse: Warehouse) -> tuple[str, ...]:
    """The tiers that customers have or had, from the lowest; none where the data knows none."""
    return tuple(str(tier) for tier in warehouse.frame(ORDER)["tier"])
