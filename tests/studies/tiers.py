"""Small programmes with tiers written out in full: members between two days, and a review that put some where the rule does not."""

from __future__ import annotations

RULES = """tier,rank,metric,threshold,reviewed on
Bronze,1,net sales of the last 12 months,0,2024-01-01
Silver,2,net sales of the last 12 months,100,2024-01-01
Gold,3,net sales of the last 12 months,300,2024-01-01
"""

# who, spells, what was bought in March 2024
SEVENTEEN: tuple[tuple[str, str, int], ...] = (
    ("b1", "Bronze 2023-01-01", 95),  # near Silver, lacks 5
    ("b2", "Bronze 2023-01-01", 80),
    ("b3", "Bronze 2023-01-01", 150),  # belongs in Silver by now
    ("b4", "Bronze 2023-01-01", 0),
    ("u1", "Bronze 2023-01-01, Silver 2024-07-01", 130),
    ("u2", "Bronze 2023-01-01, Silver 2024-07-01", 130),
    ("u3", "Bronze 2023-01-01, Silver 2024-07-01", 130),
    ("d1", "Silver 2023-01-01, Bronze 2024-07-01", 10),
    ("d2", "Silver 2023-01-01, Bronze 2024-07-01", 10),
    ("s1", "Silver 2023-01-01", 280),  # near Gold, lacks 20
    ("s2", "Silver 2023-01-01", 60),  # below Silver, lacks 40
    ("s3", "Silver 2023-01-01", 120),
    ("g1", "Gold 2023-01-01", 400),
    ("l1", "Gold 2023-01-01 2024-09-30", 400),  # has left by the end
    ("n1", "Bronze 2024-05-01", 0),  # new
    ("n2", "Bronze 2024-05-01", 0),
    ("x1", "Bronze 2024-04-01 2024-06-30", 0),  # came and left in between
)


def spells() -> str:
    rows = []
    for who, told, _ in SEVENTEEN:
        parts = [part.split() for part in told.split(", ")]
        ends = [*(f"{part[1][:4]}-06-30" for part in parts[1:]), parts[-1][2] if len(parts[-1]) > 2 else ""]
        rows += [f"{who},{part[0]},{part[1]},{end}" for part, end in zip(parts, ends, strict=True)]
    return "\n".join(["customer id,tier,valid from,valid to", *rows])


def orders() -> str:
    """An order each in March, and one of nobody's on the last day."""
    rows = [f"o-{who},{who},2024-03-15,{spent}" for who, _, spent in SEVENTEEN if spent]
    return "\n".join(["order id,customer id,order date,amount", "first,zz,2022-12-30,1", *rows, "last,zz,2024-12-31,1"])


def reviewed() -> tuple[str, str]:
    """Spells and orders of 14 members reviewed on 1 July 2024. Ten reached Silver by 20 June and got it; two did too and were left in
    Bronze; two were lifted who had spent 50. Five of the ten had spent 60 three days before, and 60 a year before, which no longer counted.
    Later one of the ten spends 300 more."""
    ten = [f"r{at}" for at in range(10)]
    lifted = {**dict.fromkeys(ten, "Silver"), "w0": "Bronze", "w1": "Bronze", "w2": "Silver", "w3": "Silver"}
    rows = [f"{who},Bronze,2023-07-01,2024-06-30\n{who},{tier},2024-07-01," for who, tier in lifted.items()]
    bought = [f"o-{who},{who},2024-06-20,{50 if who in ('w2', 'w3') else 90 if who in ten[:5] else 150}" for who in lifted]
    bought += [f"{who}-{day},{who},{day},60" for who in ten[:5] for day in ("2023-06-16", "2024-06-17")]
    tiers = "\n".join(["customer id,tier,valid from,valid to", *rows])
    head = ["order id,customer id,order date,amount", "first,zz,2023-06-15,1"]
    return tiers, "\n".join([*head, *bought, "more,r0,2024-12-01,300", "last,zz,2024-12-31,1"])
