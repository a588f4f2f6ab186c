"""What happened, as the canonical tables, in one language's words. Each function gives the columns in the order of its headers."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from data.programme import budget, sentences
from data.programme.calendar import DAYS, day_of
from data.programme.columns import at, customer_ids, money, named, on, yes
from data.programme.contacts import COSTS
from data.programme.feedback import COMPLAINT, NPS, TICKET
from data.programme.offices import LOST, OPEN
from data.programme.points import COST, REDEEM, VALUE
from data.programme.state import THRESHOLDS
from data.programme.tiers import BENEFIT_COSTS
from data.programme.truth import CAMPAIGN_ASSIGNED, CAMPAIGN_DAYS, CAMPAIGN_FROM
from data.programme.words import Words
from data.programme.world import World

DEPARTMENT_OF = (0, 1, 2, 3, 4, 2)  # of each topic


def customers(world: World, words: Words) -> list[pa.Array]:
    people, n = world.history.people, len(world.history.people)
    enrolled = people.enrols < DAYS
    left = enrolled & (people.enrols + people.leaves < DAYS)
    last = np.full(n, -1)
    last[world.spells.customer] = world.spells.tier
    cities = [city for region in words.cities for city in region]
    out = np.zeros(n, dtype=bool)
    out[world.contacts.customer[world.contacts.opted_out]] = True
    return [
        customer_ids(np.arange(n), n),
        on(people.created),
        yes(enrolled, words),
        on(people.enrols, enrolled),
        on(people.enrols + people.leaves, left),
        named(np.where(left, -1, last), words.tiers),
        pa.array(people.birth_year, mask=people.office),
        named(np.where(people.office, -1, people.gender), words.genders),
        named(people.region, words.regions),
        named(people.region * len(words.cities[0]) + people.city, cities),
        named(people.industry, words.industries),
        named(people.source, words.sources),
        customer_ids(people.friend, n),
        yes(people.consent & ~out, words),
    ]


def opportunities(world: World, words: Words) -> list[pa.Array]:
    deals, n = world.deals, len(world.history.people)
    here = np.flatnonzero((deals.state == LOST) | (deals.state == OPEN))
    here = here[np.argsort(deals.opened[here], kind="stable")]
    return [
        named(np.arange(len(here)), [f"D{number:05d}" for number in range(1, len(here) + 1)]),
        customer_ids(deals.customer[here], n),
        at(deals.opened[here] * 1440 + 540),
        at(deals.closed[here] * 1440 + 960, deals.closed[here] >= 0),
        named(np.where(deals.state[here] == LOST, 3, deals.stage[here]), words.stages),
        money(deals.amount[here], words),
    ]


def points(world: World, words: Words) -> list[pa.Array]:
    moves = world.ledger
    return [
        customer_ids(moves.customer, len(world.history.people)),
        at(moves.day * 1440 + moves.minute),
        named(moves.kind, words.movements),
        pa.array(moves.points * words.level),
        money(moves.points * VALUE, words),
        money(moves.points * COST, words, moves.kind == REDEEM),
        named(moves.reward, words.rewards),
        on(moves.expires, moves.expires >= 0),
    ]


def tiers(world: World, words: Words) -> list[pa.Array]:
    spells = world.spells
    return [
        customer_ids(spells.customer, len(world.history.people)),
        named(spells.tier, words.tiers),
        on(spells.since),
        on(spells.until, spells.until >= 0),
    ]


def tier_rules(world: World, words: Words) -> list[pa.Array]:
    n = len(words.tiers)
    return [
        pa.array(words.tiers),
        pa.array(range(1, n + 1)),
        named(np.zeros(n), [words.metric]),
        pa.array([threshold * words.level // 100 for threshold in THRESHOLDS]),
        on(np.full(n, -31)),
    ]


def contacts(world: World, words: Words) -> list[pa.Array]:
    sent = world.contacts
    letters = [f"NL-{month}" for month in budget.month_dates(24).astype(str)]
    return [
        customer_ids(sent.customer, len(world.history.people)),
        at(sent.day * 1440 + sent.minute),
        named(sent.medium, words.media),
        named(np.where(sent.month < 0, len(letters), sent.month), [*letters, words.experiment]),
        money(np.array(COSTS)[sent.medium], words),
        yes(sent.responded, words),
        yes(sent.opted_out, words),
        named((sent.minutes > 0).astype(np.int64), words.handlers),
        pa.array(np.round(sent.minutes, 1), mask=sent.minutes == 0),
    ]


def experiments(world: World, words: Words) -> list[pa.Array]:
    people = world.history.people
    tested = np.flatnonzero(people.in_test)
    n, start = len(tested), day_of(CAMPAIGN_FROM)
    return [
        named(np.zeros(n), [words.experiment]),
        customer_ids(tested, len(people)),
        named(people.treated[tested].astype(np.int64), words.arms),
        at(np.full(n, day_of(CAMPAIGN_ASSIGNED) * 1440 + 480)),
        on(np.full(n, start)),
        on(np.full(n, start + CAMPAIGN_DAYS - 1)),
    ]


def feedback(world: World, words: Words) -> list[pa.Array]:
    said = world.feedback
    inside = np.flatnonzero(said.at < DAYS * 1440)
    kind, topic, score = said.kind[inside], said.topic[inside], said.score[inside]
    content = (score >= np.where(kind == NPS, 7, 4)) & (kind != COMPLAINT) & (kind != TICKET)
    draws = zip(topic.tolist(), content.tolist(), said.sentence[inside].tolist(), strict=True)
    texts = [sentences.sentence(words.language, *draw) for draw in draws]
    silent = ((kind == NPS) | (said.sentence[inside] % 5 == 0)) & (kind != COMPLAINT)
    end = DAYS * 1440
    answered, resolved = said.answered[inside], said.resolved[inside]
    return [
        customer_ids(said.customer[inside], len(world.history.people)),
        at(said.at[inside]),
        named(kind, words.feedback),
        pa.array(score, mask=score < 0),
        pa.array(said.expected[inside], mask=said.expected[inside] < 0),
        named(np.where(kind == NPS, -1, topic), sentences.TOPICS[words.language]),
        pa.array(texts, mask=silent),
        at(answered, (answered >= 0) & (answered < end)),
        at(resolved, (resolved >= 0) & (resolved < end)),
        named(np.where(kind == NPS, 2, np.array(DEPARTMENT_OF)[topic]), words.departments),
    ]


def benefits(world: World, words: Words) -> list[pa.Array]:
    promised = world.benefits
    came = (promised.delivered >= 0) & (promised.delivered < DAYS * 1440)
    return [
        customer_ids(promised.customer, len(world.history.people)),
        named(promised.benefit, words.benefits),
        at(promised.promised),
        at(promised.delivered, came),
        money(np.array(BENEFIT_COSTS)[promised.benefit], words, came),
    ]


def costs(world: World, words: Words) -> list[pa.Array]:
    spent = budget.costs(world.history, world.ledger, world.benefits, world.contacts)
    months, kinds = spent.shape
    return [
        pa.array(np.repeat(budget.month_dates(months).astype("datetime64[D]"), kinds), pa.date32()),
        named(np.tile(np.arange(kinds), months), words.costs),
        named(np.tile(np.arange(kinds), months), words.suppliers),
        money(spent.ravel(), words),
    ]


def targets(world: World, words: Words) -> list[pa.Array]:
    rows = budget.targets(budget.months(world.history, world.deals, world.ledger))
    kpi, month, value = (np.array(column) for column in zip(*rows, strict=True))
    days = budget.month_dates(month.max() + 1).astype("datetime64[D]")[month]
    return [named(kpi, words.kpis), pa.array(days, pa.date32()), pa.array(value * np.where(kpi == 1, 1, words.level))]


def events(world: World, words: Words) -> list[pa.Array]:
    return [pa.array(column) for column in zip(*words.events, strict=True)]


def outcomes(world: World, words: Words) -> list[pa.Array]:
    rows = world.renewals
    return [
        customer_ids(rows.customer, len(world.history.people)),
        pa.array(rows.months),
        pa.array(rows.deliveries),
        pa.array(rows.change),
        pa.array(rows.late),
        named(rows.invoice, words.invoices),
        yes(rows.churned, words),
    ]
