"""A full count says so; an estimate whose interval happens to be narrow does not pass for one."""

from __future__ import annotations

import pytest

from analytics.i18n import Words
from analytics.results import Estimate, Unit, exact, wilson


def test_a_full_count_says_that_it_is_one() -> None:
    assert Words("en").interval(exact(7, unit=Unit.COUNT, n=7)) == "full count"


def test_an_interval_of_no_width_is_still_an_interval() -> None:
    median = Estimate(value=31, low=31, high=31, n=2_284, unit=Unit.DAYS)
    assert Words("en").interval(median) == "95% interval 31 days to 31 days"


def test_wilsons_interval_has_the_published_bounds() -> None:
    # Newcombe (1998), Statistics in Medicine 17:857-872, table I, method 3: 81/263, 15/148, 0/20
    for hits, n, low, high in ((81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611)):
        share = wilson(hits, n)
        assert (share.low, share.high) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


def test_a_share_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="n >= 1"):
        wilson(0, 0)


def test_a_share_changes_by_percentage_points_and_money_by_per_cent() -> None:
    """45 % after 40 % is 5 points up (and not 12.5 %); 90 after 120 is a quarter less."""
    words = Words("en")
    assert words.change(0.45, 0.40, Unit.SHARE) == words("units.percentage_points", n="+5.0")
    assert words.change(90, 120, Unit.MONEY) == "-25.0%"
    assert words.change(90, -10, Unit.COUNT) == "+100"
    assert words.change(-10, 0, Unit.COUNT) == "-10"
    assert words.change(0.4, 0.4, Unit.SHARE) == words("units.percentage_points", n="0.0")
