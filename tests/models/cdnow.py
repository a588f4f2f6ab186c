"""CDNOW as the literature uses it: the sample of 2,357 customers, 39 weeks to learn from and 39 weeks to hold against."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from tests.conftest import packaged

CUT = pd.Timestamp("1997-09-30")


@dataclass(frozen=True, kw_only=True)
class Sample:
    """x, t_x, T (weeks), repeat orders of 39 further weeks, mean spend of the repeat orders (0 without one); (2357,) each."""

    x: np.ndarray
    t_x: np.ndarray
    T: np.ndarray
    ahead: np.ndarray
    mean: np.ndarray


def sample() -> Sample:
    """Days with a purchase are counted, as the published figures do."""
    folder = packaged("lifetimes", "datasets")
    lines = pd.read_csv(
        folder / "CDNOW_sample.txt", sep=r"\s+", names=["master", "id", "day", "discs", "spend"], dtype={"id": str, "day": str}
    )
    lines["day"] = pd.to_datetime(lines["day"], format="%Y%m%d")
    days = lines.groupby(["id", "day"], as_index=False)["spend"].sum()
    days["first"] = days.groupby("id")["day"].transform("min")
    known, later = days[days["day"] <= CUT], days[days["day"] > CUT]
    found = known.groupby("id").agg(x=("day", "size"), first=("first", "first"), last=("day", "max"))
    repeat = known[known["day"] > known["first"]].groupby("id")["spend"].mean()
    return Sample(
        x=found["x"].to_numpy(float) - 1,
        t_x=(found["last"] - found["first"]).dt.days.to_numpy(float) / 7,
        T=(CUT - found["first"]).dt.days.to_numpy(float) / 7,
        ahead=later.groupby("id").size().reindex(found.index, fill_value=0).to_numpy(float),
        mean=repeat.reindex(found.index, fill_value=0.0).to_numpy(float),
    )
