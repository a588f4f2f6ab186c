"""What text values look like, and the SQL that turns them into a column's type: a value, or null when it cannot be read.

Formats are found on samples and then declared: the same text is read the same way in every row of a column.
"""

from __future__ import annotations

import hmac
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

import duckdb

from analytics import duck
from analytics.contract import Column, Kind, plain

MISSING = ("na", "n/a", "null", "none", "\\n", "-", "--", "nil", "无", "空")
YES = ("yes", "y", "true", "t", "1", "1.0", "active", "是", "有", "已", "对", "会员", "已流失", "流失", "churned")
NO = ("no", "n", "false", "f", "0", "0.0", "inactive", "否", "无", "未", "错", "非会员", "未流失", "在网", "retained")
WITHHELD = ("true", "yes", "1", "control", "holdout", "hold-out", "withheld", "对照", "对照组", "保留组", "空白组")
TREATED = ("false", "no", "0", "treated", "treatment", "test", "实验", "实验组", "营销组")

_CLOCK = r"([ T]+\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?( ?[AaPp][Mm])?)?"
_OFFSET = r"\s?(Z|UTC|[+-]\d{2}(:?\d{2})?)"
# Shapes of a date, tried in this order; the first that matches names the value's format.
SHAPES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("offset", re.compile(rf"\d{{4}}-\d{{1,2}}-\d{{1,2}}{_CLOCK[:-1]}{_OFFSET}")),
    ("iso", re.compile(rf"\d{{4}}-\d{{1,2}}-\d{{1,2}}{_CLOCK}")),
    ("slash", re.compile(rf"\d{{4}}[/.]\d{{1,2}}[/.]\d{{1,2}}{_CLOCK}")),
    ("chinese", re.compile(rf"\d{{4}}年\d{{1,2}}月\d{{1,2}}日{_CLOCK}")),
    ("year_month", re.compile(r"\d{4}[-/.年](0?[1-9]|1[0-2])月?")),
    ("compact", re.compile(r"(19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])")),
    ("short", re.compile(rf"\d{{1,2}}[/.-]\d{{1,2}}[/.-](\d{{4}}|\d{{2}}),?{_CLOCK}")),
    ("words", re.compile(rf"[A-Za-z]{{3,9}}\.? \d{{1,2}},? \d{{4}},?{_CLOCK}")),
    ("words_day", re.compile(rf"\d{{1,2}}[ -][A-Za-z]{{3,9}}\.?,?[ -]\d{{4}},?{_CLOCK}")),
    ("serial", re.compile(r"[2-6]\d{4}(\.\d+)?")),
    ("epoch", re.compile(r"1\d{9}(\d{3})?")),
)
_NUMBER = re.compile(r"[-+(]?\s*(?:[$€£¥￥]|[A-Z]{3})?\s*[-+]?(?:\d[\d., \u00a0']*|[.,]\d+)\s*(?:[$€£¥￥元]|[A-Z]{3})?\s*[)-]?")
_EXPONENT = re.compile(r"[-+]?\d(\.\d+)?[eE][-+]?\d{1,2}")
# Characters of a written amount that carry no value: spaces, apostrophes, currency signs and codes.
_NOISE = r"[\s\x{00a0}\x{202f}''’$€£¥￥元]|^(USD|EUR|GBP|CNY|RMB|JPY|CAD|AUD|HKD)|(USD|EUR|GBP|CNY|RMB|JPY|CAD|AUD|HKD)$"


@dataclass(frozen=True, slots=True, kw_only=True)
class Locale:
    """How one file writes: decimal mark "." or ",", day-month order "dmy" | "mdy", the workspace's time zone."""

    decimal: str = "."
    date_order: str = "dmy"
    time_zone: str = "UTC"


def date_shape(value: str) -> str | None:
    """The name of the date format a text is in, or None."""
    text = value.strip()
    return next((name for name, pattern in SHAPES if pattern.fullmatch(text)), None)


def is_number(value: str) -> bool:
    return bool(_NUMBER.fullmatch(value.strip()) or _EXPONENT.fullmatch(value.strip()))


def fits(kind: Kind, values: Sequence[str], column: Column) -> float:
    """Share of sample values that a column of this kind could hold; 1 when there is no sample."""
    known = [value.strip() for value in values if value.strip() and value.strip().lower() not in MISSING]
    if not known:
        return 1.0
    match kind:
        case Kind.DATE | Kind.TIME:
            good = sum(date_shape(v) is not None for v in known)
        case Kind.MONEY | Kind.NUMBER:
            good = sum(is_number(v) for v in known)
        case Kind.YEAR:
            good = sum(bool(re.fullmatch(r"(18|19|20)\d{2}(\.0)?年?", v)) or date_shape(v) not in (None, "serial") for v in known)
        case Kind.MONTH:
            good = sum(bool(re.fullmatch(r"(0?[1-9]|1[0-2])(\.0)?月?|[A-Za-z]{3,9}", v)) for v in known)
        case Kind.FLAG:
            words = {*YES, *NO, *WITHHELD, *TREATED} if column.name == "holdout" else {*YES, *NO}
            good = sum(v.lower() in words for v in known)
        case Kind.CODE:
            good = sum(code(column, v) is not None for v in known)
        case _:
            return 1.0
    return good / len(known)


def code(column: Column, value: str) -> str | None:
    """The canonical value that a word of a CODE column means."""
    word = plain(value)
    for canonical, words in column.values:
        if word == canonical or word in map(plain, words):
            return canonical
    return next((canonical for canonical, words in column.values if word.endswith(_endings(words))), None)


def _endings(words: Sequence[str]) -> tuple[str, ...]:
    """Chinese names a movement by its last word: 积分兑换 is a 兑换, 消费获得 a 获得."""
    return tuple(word for word in words if len(word) > 1 and not word.isascii())


# --- what a file's samples say about its writing


def decimal_evidence(values: Sequence[str]) -> Counter[str]:
    """Votes for the decimal mark among numbers; "?" counts values that read both ways and differ by a thousand."""
    votes: Counter[str] = Counter()
    for value in values:
        text = re.sub(r"[^\d.,]", "", value)
        marks = re.findall(r"[.,]", text)
        if not marks or not is_number(value):
            continue
        last = marks[-1]
        tail = len(text) - text.rfind(last) - 1
        if len(set(marks)) == 2:
            votes[last] += 1
        elif len(marks) > 1:
            votes["," if last == "." else "."] += 1  # a repeated mark groups thousands
        elif tail != 3 or text.startswith(("0.", "0,", ".", ",")) or text.find(last) > 3:
            votes[last] += 1
        else:
            votes["?"] += 1
    return votes


def order_evidence(values: Sequence[str]) -> Counter[str]:
    """Votes for day-first or month-first among dates like 31/12/2025; "?" counts those that read both ways."""
    votes: Counter[str] = Counter()
    for value in values:
        if date_shape(value) != "short":
            continue
        first, second = (int(part) for part in re.split(r"[/.-]", value.strip())[:2])
        if first == second:
            continue
        vote = "dmy" if first > 12 else "mdy" if second > 12 else "?"
        votes["." if vote == "?" and "." in value.split(" ")[0] else vote] += 1
    if votes.pop(".", 0) and not votes["mdy"]:
        votes["dmy"] += 1  # dots are written day first unless the file itself shows otherwise
    return +votes


# --- SQL


MACROS = (
    f"""create macro clean_number(v) as (
        case when v like '(%)' then '-' || regexp_replace(trim(v, '()'), '{_NOISE.replace("'", "''")}', '', 'g')
             when v like '%-' then '-' || regexp_replace(rtrim(v, '-'), '{_NOISE.replace("'", "''")}', '', 'g')
             else regexp_replace(v, '{_NOISE.replace("'", "''")}', '', 'g') end)""",
    r"""create macro dot_number(v) as (
        case when regexp_full_match(v, '[+-]?\d{1,3}(,\d{3})+(\.\d*)?') then replace(v, ',', '')
             when regexp_full_match(v, '[+-]?(\d+\.?\d*|\.\d+)') then v end)""",
    r"""create macro comma_number(v) as (
        case when regexp_full_match(v, '[+-]?\d{1,3}(\.\d{3})+(,\d*)?') then replace(replace(v, '.', ''), ',', '.')
             when regexp_full_match(v, '[+-]?(\d+,?\d*|,\d+)') then replace(v, ',', '.') end)""",
    r"""create macro read_dot(v) as (
        coalesce(try_cast(v as decimal(18,4)), case
             when regexp_full_match(v, '[+-]?\d(\.\d+)?[eE][+-]?\d{1,2}') then try_cast(try_cast(v as double) as decimal(18,4))
             else try_cast(dot_number(clean_number(v)) as decimal(18,4)) end))""",
    "create macro read_comma(v) as (try_cast(comma_number(clean_number(v)) as decimal(18,4)))",
    "create macro pseudonym(v) as ("
    "'p_' || left(sha256((select outer_pad from secret) || unhex(sha256((select inner_pad from secret) || "
    "encode(translate(lower(trim(v)), '（）　', '() '))))), 32))",
)


def add_macros(connection: duckdb.DuckDBPyConnection, key: str) -> None:
    """Give a connection the macros; `pseudonym` hides under the workspace's key (hex)."""
    for sql in ("create temp table secret (inner_pad blob, outer_pad blob)", *MACROS):
        connection.execute(sql)
    connection.execute("insert into secret values (?, ?)", list(secret_pads(key)))


def pseudonym(value: str, key: str) -> str:
    """What the macro `pseudonym` makes of a value under the workspace's key (hex)."""
    plain = value.strip(" ").lower().translate(str.maketrans("（）　", "() "))
    return "p_" + hmac.new(bytes.fromhex(key), plain.encode(), sha256).hexdigest()[:32]


def secret_pads(key: str) -> tuple[bytes, bytes]:
    """HMAC-SHA256's inner and outer pad of a hex key: `pseudonym` then is HMAC(key, lower(trim(value)))."""
    block = bytes.fromhex(key).ljust(64, b"\x00")
    return bytes(b ^ 0x36 for b in block), bytes(b ^ 0x5C for b in block)


# Characters no one sees, as RE2 writes them: what parts words, and controls and what has no width or turns the direction of text.
_SPACING = r"\t-\r"
_UNPRINTED = r"\x00-\x08\x0e-\x1f\x7f\x{80}-\x{9f}\x{61c}\x{200b}\x{200e}\x{200f}\x{202a}-\x{202e}\x{2066}-\x{2069}\x{feff}"


def filled(column: str, *, clean: bool = False, tidy: bool = False) -> str:
    """A source column without hidden characters (`clean`: it is known to have none) and surrounding space (`tidy`); empty is null."""
    name = duck.quoted(column)
    if clean and tidy:
        return name
    return f"nullif(trim({name if clean else _unhidden(name)}), '')"


def hidden(column: str) -> str:
    """Whether a cell holds characters no one sees, line ends and tabs apart."""
    return rf"regexp_matches({duck.quoted(column)}, '[\x0b\x0c{_UNPRINTED}]')"


def _unhidden(name: str) -> str:
    """Line ends and tabs become spaces, so that words stay apart; what has no width goes without a trace, so that ids stay whole."""
    return rf"regexp_replace(regexp_replace({name}, '[{_SPACING}]', ' ', 'g'), '[{_UNPRINTED}]', '', 'g')"


def unreadable(text: str, value: str) -> str:
    """Whether a text that says something has no value. The words for "missing" say nothing."""
    words = ", ".join(duck.text(word) for word in MISSING)
    return f"case when {value} is null and {text} is not null then lower({text}) not in ({words}) else false end"


def cast(column: Column, text: str, samples: Sequence[str], locale: Locale, holdout: Mapping[str, bool]) -> str:
    """SQL that reads `text` as the column's type; null when it cannot be read."""
    match column.kind:
        case Kind.ID:
            return _identifier(text, samples)
        case Kind.TEXT:
            return text
        case Kind.MONEY | Kind.NUMBER:
            return f"{'read_dot' if locale.decimal == '.' else 'read_comma'}({text})"
        case Kind.DATE:
            return f"cast({_moment(text, samples, locale)} as date)"
        case Kind.TIME:
            return _moment(text, samples, locale)
        case Kind.YEAR:
            whole = f"try_cast(regexp_extract({text}, '^((18|19|20)\\d{{2}})(\\.0)?年?$', 1) as integer)"
            if all(re.fullmatch(r"\d{4}(\.0)?年?", value) for value in samples):
                return whole
            return f"coalesce({whole}, year({_moment(text, samples, locale)}))"
        case Kind.MONTH:
            named = f"month(try_strptime({text}, ['%b', '%B']))"
            return f"coalesce(try_cast(regexp_extract({text}, '^(0?[1-9]|1[0-2])(\\.0)?月?$', 1) as integer), {named})"
        case Kind.FLAG:
            return _flag(column, text, holdout)
        case Kind.CODE:
            return _code(column, text)


def _identifier(text: str, samples: Sequence[str]) -> str:
    """Exact text, less what a spreadsheet put around it: a leading apostrophe, .0 on every value."""
    if samples and all(re.fullmatch(r'=".*"', value) for value in samples):
        text = f"nullif(trim({text}, '=\"'), '')"
    if samples and all(value.startswith("'") for value in samples):
        text = f"nullif(ltrim({text}, ''''), '')"
    if samples and all(re.fullmatch(r"\d+\.0", value) for value in samples):
        text = rf"regexp_replace({text}, '^(\d+)\.0$', '\1')"
    return text


def _moment(text: str, samples: Sequence[str], locale: Locale) -> str:
    """A timestamp in the workspace's zone, in the formats seen in the samples, the commonest first."""
    shapes = Counter(shape for value in samples if (shape := date_shape(value)))
    readers = [_reader(shape, text, locale) for shape, _ in shapes.most_common()]
    return f"coalesce({', '.join(readers)})" if readers else f"try_cast({text} as timestamp)"


def _reader(shape: str, text: str, locale: Locale) -> str:
    day = {"dmy": "%d/%m/", "mdy": "%m/%d/"}[locale.date_order if locale.date_order in ("dmy", "mdy") else "dmy"]
    match shape:
        case "offset":
            has_zone = f"regexp_matches({text}, ':\\d{{2}}(\\.\\d+)?\\s*(Z|UTC|[+-]\\d{{2}}(:?\\d{{2}})?)$')"
            offset = rf"regexp_replace(regexp_replace({text}, '\s*UTC$', 'Z'), '\s*([+-]\d{{2}}):?(\d{{2}})$', '\1:\2')"
            return f"case when {has_zone} then timezone({duck.text(locale.time_zone)}, try_cast({offset} as timestamptz)) end"
        case "iso":
            return f"try_cast({text} as timestamp)"
        case "slash":
            return f"try_cast(replace(replace({text}, '/', '-'), '.', '-') as timestamp)"
        case "chinese":
            return _strptime(text, ("%Y年%m月%d日",))
        case "year_month":
            return f"try_strptime(regexp_replace({text}, '^(\\d{{4}})\\D(\\d{{1,2}})月?$', '\\1-\\2'), '%Y-%m')"
        case "compact":
            return f"try_strptime({text}, '%Y%m%d')"
        case "short":
            long, two = (f"{day}%Y", f"{day}%y")
            slashed = f"replace(replace(replace({text}, '.', '/'), '-', '/'), ',', '')"
            is_long = f"regexp_matches({text}, '^\\d{{1,2}}\\D\\d{{1,2}}\\D\\d{{4}}')"
            return f"case when {is_long} then {_strptime(slashed, (long,))} else {_strptime(slashed, (two,))} end"
        case "words":
            return _strptime(f"replace(replace({text}, ',', ''), '.', '')", ("%b %d %Y", "%B %d %Y"))
        case "words_day":
            return _strptime(f"replace(replace(replace({text}, ',', ''), '.', ''), '-', ' ')", ("%d %b %Y", "%d %B %Y"))
        case "serial":
            number = f"try_cast(case when regexp_full_match({text}, '[2-6]\\d{{4}}(\\.\\d+)?') then {text} end as double)"
            return f"timestamp '1899-12-30' + to_seconds(round({number} * 86400))"
        case _:
            seconds = f"try_cast(case when regexp_full_match({text}, '1\\d{{9}}(\\d{{3}})?') then left({text}, 10) end as bigint)"
            return f"timezone({duck.text(locale.time_zone)}, to_timestamp({seconds}))"


def _strptime(text: str, days: Sequence[str]) -> str:
    clocks = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p", " %H:%M:%S.%f")
    formats = ", ".join(duck.text(day + clock) for day in days for clock in clocks)
    return f"try_strptime({text}, [{formats}])"


def _flag(column: Column, text: str, holdout: Mapping[str, bool]) -> str:
    yes, no = (WITHHELD, TREATED) if column.name == "holdout" else (YES, NO)
    yes = (*yes, *(word.lower() for word, withheld in holdout.items() if withheld and column.name == "holdout"))
    no = (*no, *(word.lower() for word, withheld in holdout.items() if not withheld and column.name == "holdout"))
    listed = [", ".join(duck.text(word) for word in words) for words in (yes, no)]
    return f"case when lower({text}) in ({listed[0]}) then true when lower({text}) in ({listed[1]}) then false end"


def _code(column: Column, text: str) -> str:
    word = rf"regexp_replace(lower({text}), '[\s_\-]+', '', 'g')"
    arms = []
    for canonical, words in column.values:
        listed = ", ".join(duck.text(plain(name)) for name in (canonical, *words))
        arms.append(f"when {word} in ({listed}) then {duck.text(canonical)}")
    for canonical, words in column.values:
        if endings := " or ".join(f"{word} like {duck.text('%' + ending)}" for ending in _endings(words)):
            arms.append(f"when {endings} then {duck.text(canonical)}")
    return f"case {' '.join(arms)} end"
