"""Everything that happened, in no language yet."""

from __future__ import annotations

from dataclasses import dataclass

from data.programme.contacts import Contacts, contacts
from data.programme.feedback import Feedback, feedback
from data.programme.offices import Deals, Renewals, deals, renewals
from data.programme.people import people
from data.programme.points import Ledger, ledger
from data.programme.simulate import History, simulate
from data.programme.tiers import Benefits, Spells, benefits, spells
from data.programme.truth import Switches


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Everything that happened, in no language yet."""

    history: History
    ledger: Ledger
    contacts: Contacts
    feedback: Feedback
    deals: Deals
    renewals: Renewals
    spells: Spells
    benefits: Benefits


def world(switches: Switches, customers: int, seed: int) -> World:
    """The two years of so many customers. The same arguments give the same world."""
    history = simulate(people(seed, customers, switches), switches, seed)
    filed = spells(history, switches, seed)
    return World(
        history=history,
        ledger=ledger(history, seed),
        contacts=contacts(history.people, switches, seed),
        feedback=feedback(history.people, history.orders, switches, seed),
        deals=deals(history.people, switches, seed),
        renewals=renewals(history.people, switches, seed),
        spells=filed,
        benefits=benefits(history, filed, switches, seed),
    )
