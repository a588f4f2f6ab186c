"""Arrays of codes, days, minutes and pence as columns of a file."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from data.programme.calendar import ORIGIN
from data.programme.words import Words


def named(codes: np.ndarray, words: Sequence[str]) -> pa.Array:
    """Words by code; negative codes are empty."""
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32), mask=codes < 0), pa.array(list(words))).dictionary_decode()


def customer_ids(numbers: np.ndarray, n: int) -> pa.Array:
    return named(numbers, [f"C{number:06d}" for number in range(1, n + 1)])


def on(days: np.ndarray, known: np.ndarray | bool = True) -> pa.Array:
    values = ORIGIN + np.where(known, days, 0).astype("timedelta64[D]")
    return pa.array(values, pa.date32(), mask=~np.broadcast_to(known, days.shape))


def at(minutes: np.ndarray, known: np.ndarray | bool = True) -> pa.Array:
    values = ORIGIN.astype("datetime64[s]") + (np.where(known, minutes, 0) * 60).astype("timedelta64[s]")
    return pa.array(values, mask=~np.broadcast_to(known, minutes.shape))


def money(pence: np.ndarray, words: Words, known: np.ndarray | bool = True) -> pa.Array:
    return pa.array(np.round(pence * words.level, 2) / 100, mask=~np.broadcast_to(known, pence.shape))


def yes(flags: np.ndarray, words: Words) -> pa.Array:
    return named(np.where(flags, 0, 1), words.yes_no)
