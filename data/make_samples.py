"""Writes the sample files the app opens on: a small tea and coffee shop with a loyalty programme, in English and in Chinese.

    python data/make_samples.py [FOLDER]          # default: data/samples beside this file

Deterministic: the same code and the locked numpy write the same bytes. Invented from end to end; no real person is in it.
Buying follows the usual non-contractual picture: gamma-distributed purchase rates, a chance to drop out after each purchase
(Fader, Hardie & Lee 2005, doi:10.1287/mksc.1040.0098), thinned by season and weekday.
"""

from __future__ import annotations

import csv
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np

SEED = 20261031
CUSTOMERS = 1_200
FIRST, LAST = date(2024, 11, 1), date(2026, 10, 31)
DAYS = (LAST - FIRST).days + 1
SEASON = (0.78, 0.70, 0.80, 0.82, 0.84, 0.80, 0.74, 0.72, 0.84, 0.90, 1.00, 1.00)  # January to December
WEEKDAY = (0.72, 0.70, 0.74, 0.78, 0.92, 1.00, 0.88)
CAMPAIGNS = (
    (date(2024, 11, 25), date(2024, 12, 2)),
    (date(2025, 6, 9), date(2025, 6, 18)),
    (date(2025, 11, 24), date(2025, 12, 1)),
    (date(2026, 6, 8), date(2026, 6, 18)),
)
COST_SHARE = (0.48, 0.42, 0.58, 0.52, 0.55)  # cost of goods as a share of the list price, by category
POINT_VALUE, POINT_COST = 0.01, 0.006


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """What differs between the two languages: words, currency and price level."""

    folder: str
    encoding: str
    currency: str
    prices: tuple[tuple[float, ...], ...]
    categories: tuple[str, ...]
    regions: tuple[str, ...]
    channels: tuple[str, ...]
    sources: tuple[str, ...]
    genders: tuple[str, ...]
    tiers: tuple[tuple[str, float], ...]  # name, spend in the last 365 days from which it is given, lowest first
    yes_no: tuple[str, str]
    kinds: tuple[str, str]
    movements: dict[str, str]
    block: int  # points are redeemed in blocks of this size
    customers: tuple[str, ...]
    orders: tuple[str, ...]
    points: tuple[str, ...]


ENGLISH = Shop(
    folder="en",
    encoding="utf-8",
    currency="GBP",
    prices=(
        (7.5, 8.9, 9.8, 11.5, 13.0),
        (4.2, 5.5, 6.4, 8.8, 14.5),
        (12.0, 18.5, 24.0, 36.0, 62.0),
        (6.9, 9.5, 12.0, 15.5, 22.0),
        (16.0, 19.5, 28.0, 39.0, 55.0),
    ),
    categories=("Coffee beans", "Tea", "Brewing gear", "Cups and mugs", "Gift boxes"),
    regions=("London", "Midlands", "North West", "Scotland", "Wales"),
    channels=("Store", "Online shop", "App"),
    sources=("Store visit", "Search", "Social media", "Friend", "Fair"),
    genders=("Female", "Male", "Not stated"),
    tiers=(("Bronze", 0.0), ("Silver", 150.0), ("Gold", 400.0)),
    yes_no=("yes", "no"),
    kinds=("sale", "refund"),
    movements={"earn": "earn", "redeem": "redeem", "expire": "expire", "adjust": "adjust"},
    block=100,
    customers=(
        "Customer ID",
        "Email",
        "Customer since",
        "Member",
        "Enrolment date",
        "Membership end date",
        "Tier",
        "Region",
        "Gender",
        "Birth year",
        "Acquisition channel",
    ),
    orders=(
        "Order ID",
        "Line no",
        "Customer ID",
        "Order date",
        "Product code",
        "Category",
        "Channel",
        "Quantity",
        "List price",
        "Discount",
        "Amount",
        "Margin",
        "Currency",
        "Type",
    ),
    points=("Customer ID", "Points date", "Event type", "Points", "Face value", "Points cost", "Expires on"),
)

CHINESE = Shop(
    folder="zh-CN",
    encoding="utf-8-sig",  # Excel reads Chinese text only with the mark in front
    currency="CNY",
    prices=((58, 68, 78, 98, 118), (36, 48, 58, 88, 168), (98, 158, 198, 298, 528), (49, 69, 89, 118, 178), (128, 158, 238, 328, 468)),
    categories=("咖啡豆", "茶叶", "冲泡器具", "杯具", "礼盒"),
    regions=("华东", "华南", "华北", "西南", "华中"),
    channels=("门店", "网店", "小程序"),
    sources=("到店", "搜索", "社交媒体", "老客推荐", "展会"),
    genders=("女", "男", "未填"),
    tiers=(("银卡", 0.0), ("金卡", 1_300.0), ("钻石卡", 3_400.0)),
    yes_no=("是", "否"),
    kinds=("销售", "退款"),
    movements={"earn": "获得", "redeem": "兑换", "expire": "过期", "adjust": "调整"},
    block=1_000,
    customers=("客户编号", "邮箱", "注册日期", "是否会员", "入会日期", "退会日期", "会员等级", "地区", "性别", "出生年份", "来源渠道"),
    orders=(
        "订单编号",
        "行号",
        "客户编号",
        "下单时间",
        "商品编码",
        "品类",
        "销售渠道",
        "数量",
        "原价",
        "优惠金额",
        "实付金额",
        "毛利",
        "币种",
        "类型",
    ),
    points=("客户编号", "积分时间", "变动类型", "变动积分", "面值", "积分成本", "到期日"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One customer before any shop speaks about them. Days count from FIRST; negative is earlier."""

    number: int
    born: int
    rate: float
    dropout: float
    taste: np.ndarray
    channel: int
    region: int
    gender: int
    source: int
    birth_year: int
    enrols: bool
    wait: int
    leaves: bool
    saver: float

    @property
    def id(self) -> str:
        return f"C{self.number:05d}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One order line, `cents` so that money stays exact."""

    order: int
    number: int
    moment: datetime
    product: tuple[int, int]
    channel: int
    quantity: int
    list_cents: int
    discount_cents: int
    refund: bool = False

    @property
    def sign(self) -> int:
        return -1 if self.refund else 1

    @property
    def cents(self) -> int:
        return self.sign * (self.quantity * self.list_cents - self.discount_cents)

    @property
    def margin_cents(self) -> int:
        return self.cents - self.sign * round(self.quantity * self.list_cents * COST_SHARE[self.product[0]])


def people(rng: np.random.Generator) -> list[Person]:
    """The customers; a third of them bought before the window opens."""
    return [_person(rng, number) for number in range(1, CUSTOMERS + 1)]


def _person(rng: np.random.Generator, number: int) -> Person:
    old = rng.random() < 0.34
    return Person(
        number=number,
        born=-int(rng.integers(1, 540)) if old else int(rng.integers(0, DAYS - 5)),
        rate=float(rng.gamma(1.2, 0.066)) + 1e-4,
        dropout=float(rng.beta(0.8, 11.0)),
        taste=rng.dirichlet((3.0, 2.2, 0.7, 0.9, 0.6)),
        channel=int(rng.choice(3, p=(0.46, 0.32, 0.22))),
        region=int(rng.choice(5, p=(0.34, 0.22, 0.20, 0.14, 0.10))),
        gender=int(rng.choice(3, p=(0.54, 0.38, 0.08))),
        source=int(rng.choice(5, p=(0.38, 0.22, 0.20, 0.15, 0.05))),
        birth_year=int(np.clip(rng.normal(1986, 11), 1945, 2007)),
        enrols=bool(rng.random() < 0.74),
        wait=0 if rng.random() < 0.6 else int(rng.exponential(60)),
        leaves=bool(rng.random() < 0.05),
        saver=float(rng.beta(1.0, 2.5)),
    )


def moments(rng: np.random.Generator, person: Person) -> list[datetime]:
    """When the person buys, from the first order until dropping out; orders before the window are cut off."""
    day, days = float(person.born), [float(person.born)]
    while rng.random() >= person.dropout:
        day += rng.exponential(1 / person.rate)
        if day >= DAYS:
            break
        if _open(rng, int(day)):
            days.append(day)
    return [_moment(rng, int(day)) for day in days if day >= 0]


def _open(rng: np.random.Generator, day: int) -> bool:
    on = FIRST + timedelta(days=day)
    return bool(rng.random() < SEASON[on.month - 1] * WEEKDAY[on.weekday()] * (1.0 if _campaign(on) else 0.75))


def _campaign(on: date) -> bool:
    return any(start <= on <= end for start, end in CAMPAIGNS)


def _moment(rng: np.random.Generator, day: int) -> datetime:
    minutes = int(np.clip(rng.normal(15 * 60, 180), 8 * 60, 22 * 60))
    return datetime.combine(FIRST, datetime.min.time()) + timedelta(days=day, minutes=minutes)


def history(rng: np.random.Generator, buyers: list[Person]) -> list[tuple[Person, list[Line]]]:
    """Everybody's order lines without prices (`list_cents` 0); numbers are given in order of time."""
    visits = sorted((moment, person.number) for person in buyers for moment in moments(rng, person))
    lines: dict[int, list[Line]] = {person.number: [] for person in buyers}
    for order, (moment, number) in enumerate(visits, start=10_001):
        lines[number] += _basket(rng, buyers[number - 1], order, moment)
    return [(person, lines[person.number]) for person in buyers]


def _basket(rng: np.random.Generator, person: Person, order: int, moment: datetime) -> list[Line]:
    channel = person.channel if rng.random() < 0.82 else int(rng.integers(3))
    bought = [_line(rng, person, order, number, moment, channel) for number in range(1, 2 + int(rng.poisson(0.75)))]
    back = moment + timedelta(days=int(rng.integers(3, 21)))
    returned = [replace(line, moment=back, refund=True) for line in bought if rng.random() < 0.022 and back.date() <= LAST]
    return bought + returned


def _line(rng: np.random.Generator, person: Person, order: int, number: int, moment: datetime, channel: int) -> Line:
    cut = rng.choice((0, 10, 15, 20), p=(0.4, 0.2, 0.2, 0.2) if _campaign(moment.date()) else (0.9, 0.06, 0.03, 0.01))
    product = (int(rng.choice(5, p=person.taste)), int(rng.choice(5, p=(0.3, 0.26, 0.2, 0.15, 0.09))))
    quantity = int(rng.choice((1, 2, 3), p=(0.82, 0.14, 0.04)))
    return Line(
        order=order,
        number=number,
        moment=moment,
        product=product,
        channel=channel,
        quantity=quantity,
        list_cents=0,
        discount_cents=int(cut),
    )


def priced(shop: Shop, line: Line) -> Line:
    """The line at a shop's prices; until now `discount_cents` held the cut in per cent."""
    category, product = line.product
    each = round(shop.prices[category][product] * 100)
    cut = round(line.quantity * each * line.discount_cents / 100)
    return replace(line, list_cents=each, discount_cents=cut)


def membership(person: Person, lines: list[Line]) -> tuple[date | None, date | None]:
    """Enrolled and cancelled day, None where it did not happen within the window."""
    first = min((line.moment.date() for line in lines), default=FIRST + timedelta(days=max(person.born, 0)))
    enrolled = first + timedelta(days=person.wait)
    if not person.enrols or enrolled > LAST:
        return None, None
    cancelled = enrolled + timedelta(days=200 + person.number % 150)
    return enrolled, cancelled if person.leaves and cancelled <= LAST else None


def tier(shop: Shop, lines: list[Line]) -> str:
    """The tier the last 365 days of spend give."""
    spend = sum(line.cents for line in lines if line.moment.date() > LAST - timedelta(days=365)) / 100
    return [name for name, threshold in shop.tiers if spend >= threshold][-1] if spend > 0 else shop.tiers[0][0]


Movement = tuple[date, str, int, date | None]


def ledger(rng: np.random.Generator, shop: Shop, person: Person, lines: list[Line]) -> Iterator[Movement]:
    """Points of a member: one per unit of money, spent first in first out, gone 365 days after they were earned."""
    enrolled, cancelled = membership(person, lines)
    if enrolled is None:
        return
    held: deque[list] = deque()  # [last valid day, points left], oldest first
    for day, cents in _receipts(lines, enrolled, cancelled or LAST):
        yield from _expired(held, day)
        if cents < 0:
            yield day, "adjust", -_take(held, -cents // 100), None
            continue
        if cents >= 100:
            held.append([day + timedelta(days=365), cents // 100])
            yield day, "earn", cents // 100, held[-1][0]
        balance = sum(left for _, left in held) // shop.block * shop.block
        if balance and rng.random() < person.saver:
            yield day, "redeem", _take(held, balance), None
    yield from _expired(held, LAST)


def _receipts(lines: list[Line], enrolled: date, until: date) -> list[tuple[date, int]]:
    """(day, cents) of each order and refund while the membership lasts."""
    sums: dict[tuple[date, bool, int], int] = {}
    for line in lines:
        key = (line.moment.date(), line.refund, line.order)
        sums[key] = sums.get(key, 0) + line.cents
    return [(day, cents) for (day, _, _), cents in sorted(sums.items()) if enrolled <= day <= until]


def _expired(held: deque[list], day: date) -> Iterator[Movement]:
    while held and held[0][0] < day:
        last, left = held.popleft()
        yield last + timedelta(days=1), "expire", left, None


def _take(held: deque[list], points: int) -> int:
    """Takes up to `points`, oldest first; returns what was there to take."""
    taken = 0
    while held and taken < points:
        part = min(held[0][1], points - taken)
        taken += part
        held[0][1] -= part
        if held[0][1] == 0:
            held.popleft()
    return taken


def money(cents: float) -> str:
    return f"{cents / 100:.2f}"


def customer_rows(shop: Shop, all_lines: list[tuple[Person, list[Line]]]) -> Iterator[tuple[object, ...]]:
    for person, lines in all_lines:
        enrolled, cancelled = membership(person, lines)
        yield (
            person.id,
            f"{person.id.lower()}@example.com",
            FIRST + timedelta(days=person.born),
            shop.yes_no[enrolled is None],
            enrolled or "",
            cancelled or "",
            tier(shop, lines) if enrolled and not cancelled else "",
            shop.regions[person.region],
            shop.genders[person.gender],
            person.birth_year,
            shop.sources[person.source],
        )


def order_rows(shop: Shop, all_lines: list[tuple[Person, list[Line]]]) -> Iterator[tuple[object, ...]]:
    pairs = ((person, line) for person, lines in all_lines for line in lines)
    for person, line in sorted(pairs, key=lambda pair: (pair[1].moment, pair[1].order, pair[1].number)):
        category, product = line.product
        yield (
            line.order,
            line.number,
            person.id,
            f"{line.moment:%Y-%m-%d %H:%M}",
            f"P{category + 1}{product + 1:02d}",
            shop.categories[category],
            shop.channels[line.channel],
            line.sign * line.quantity,
            money(line.list_cents),
            money(line.sign * line.discount_cents),
            money(line.cents),
            money(line.margin_cents),
            shop.currency,
            shop.kinds[line.refund],
        )


def point_rows(rng: np.random.Generator, shop: Shop, all_lines: list[tuple[Person, list[Line]]]) -> Iterator[tuple[object, ...]]:
    moves = [(move, person.id) for person, lines in all_lines for move in ledger(rng, shop, person, lines)]
    for (day, kind, points, last), customer in sorted(moves, key=lambda move: (move[0][0], move[1])):
        if points:
            yield (
                customer,
                day,
                shop.movements[kind],
                points,
                money(points * POINT_VALUE * 100),
                money(points * POINT_COST * 100),
                last or "",
            )


def write(path: Path, encoding: str, header: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> None:
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def make(folder: Path) -> None:
    """Writes FOLDER/en/shop and FOLDER/zh-CN/shop, three files each."""
    rng = np.random.default_rng(SEED)
    bare = history(rng, people(rng))
    for shop in (ENGLISH, CHINESE):
        target = folder / shop.folder / "shop"
        target.mkdir(parents=True, exist_ok=True)
        lines = [(person, [priced(shop, line) for line in own]) for person, own in bare]
        write(target / "customers.csv", shop.encoding, shop.customers, customer_rows(shop, lines))
        write(target / "orders.csv", shop.encoding, shop.orders, order_rows(shop, lines))
        write(target / "points.csv", shop.encoding, shop.points, point_rows(np.random.default_rng(SEED + 1), shop, lines))


if __name__ == "__main__":
    make(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "samples")
