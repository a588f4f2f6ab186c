"""What an industry takes for granted: windows and thresholds with which every study starts. The user can change each of them.

Words that differ (orders, bookings, transactions ...) stand in i18n/terms.toml.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """The usual windows of an industry.

    active_days   window of the active rate, days
    repeat_days   days within which a second order counts as a return
    new_days      days since the first order up to which a customer is new
    slipping, dormant, lost   silence as a multiple of the customer's own time between orders
    cohort        grain of cohorts
    horizon       months ahead that are forecast
    """

    active_days: int = 90
    repeat_days: int = 90
    new_days: int = 90
    slipping: float = 1.5
    dormant: float = 3.0
    lost: float = 6.0
    cohort: Literal["month", "quarter"] = "month"
    horizon: int = 3


DEFAULT_PRESET = "retail"

# Retail: methods of this product (90 days). Banks: 90 days without a transaction is how a dormant card is usually counted, and a
# missed salary month already means something. Airlines count a member as active over 12 months. Businesses buy by quarter and
# year. A small business sees its regulars weekly and has too few months for a longer look ahead.
PRESETS: dict[str, Preset] = {
    "retail": Preset(),
    "bank": Preset(active_days=90, repeat_days=30, new_days=60, slipping=2.0, dormant=4.0, lost=8.0, horizon=6),
    "airline": Preset(active_days=365, repeat_days=365, new_days=180, slipping=1.5, dormant=2.5, lost=4.0, cohort="quarter", horizon=6),
    "b2b": Preset(active_days=180, repeat_days=180, new_days=180, slipping=1.5, dormant=2.5, lost=4.0, cohort="quarter", horizon=6),
    "small_business": Preset(active_days=60, repeat_days=60, new_days=60, slipping=1.5, dormant=3.0, lost=5.0, horizon=2),
}
