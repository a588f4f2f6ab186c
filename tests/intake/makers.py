"""Files as known systems export them: every header of the real export, a few rows, totals worked out by hand.

The totals stand beside the rows they come from, so that a reader can add them up without running anything.
"""

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

HEADERS = {
    name: text.replace("\n", "").split("|")
    for name, text in tomllib.loads(Path(__file__).with_name("headers.toml").read_text("utf-8")).items()
}

# Planted in every personal column; no stored file may hold one of them.
PEOPLE = (
    "Ferreira",
    "Okonkwo",
    "Lindqvist",
    "ana.ferreira@example.com",
    "chidi@example.org",
    "maja@example.net",
    "+351 912 345 678",
    "Rua das Flores 12",
    "张伟明",
    "杭州云栖茶业",
    "成都锦里食品",
    "13800138000",
    "西湖区文三路90号",
    "zhangwm@example.cn",
    "李会计",
)


def export(path: Path, header: Sequence[str], rows: Sequence[Mapping[str, object]], encoding: str = "utf-8") -> Path:
    """A CSV file with all of `header`; what a row does not name stays empty. A name outside the header is a mistake in the maker."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, header, restval="", extrasaction="raise", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def zoho_contacts(folder: Path, *, written_out: bool = False) -> Path:
    """Four contacts, three of whom have bought."""
    created = "Jul 8, 2024 2:56 PM" if written_out else "2024-07-08 14:56:28"
    people = (
        ("zcrm_4150868000001101", "Ana", "Ferreira", "ana.ferreira@example.com", "zcrm_4150868000001201", "Web form", "Porto"),
        ("zcrm_4150868000001102", "Chidi", "Okonkwo", "chidi@example.org", "zcrm_4150868000001202", "Trade fair", "Lagos"),
        ("zcrm_4150868000001103", "Maja", "Lindqvist", "maja@example.net", "zcrm_4150868000001201", "Web form", "Uppsala"),
        ("zcrm_4150868000001104", "Ana", "Okonkwo", "", "zcrm_4150868000001202", "Partner", "Lagos"),
    )
    rows = [
        {
            "Record Id": key,
            "First Name": first,
            "Last Name": last,
            "Contact Name": f"{first} {last}",
            "Email": email,
            "Account Name.id": account,
            "Account Name": "Ferreira Lda",
            "Lead Source": source,
            "Mailing City": city,
            "Mailing Street": "Rua das Flores 12",
            "Phone": "+351 912 345 678",
            "Created Time": created,
            "Modified Time": created,
            "Contact Owner.id": "zcrm_4150868000000901",
            "Contact Owner": "Sam Keeper",
            "Currency": "USD",
            "Exchange Rate": "1",
            "Email Opt Out": "false",
            "Locked": "false",
        }
        for key, first, last, email, account, source, city in people
    ]
    return export(folder / "Contacts_2026_02_10.csv", HEADERS["zoho_contacts"], rows)


def zoho_accounts(folder: Path) -> Path:
    """Two accounts."""
    rows = [
        {
            "Record Id": f"zcrm_415086800000120{number}",
            "Account Name": "Ferreira Lda",
            "Industry": industry,
            "Billing City": "Porto",
            "Billing Street": "Rua das Flores 12",
            "Phone": "+351 912 345 678",
            "Created Time": "2024-07-01 09:00:00",
            "Account Owner": "Sam Keeper",
            "Locked": "false",
        }
        for number, industry in ((1, "Retail"), (2, "Technology"))
    ]
    return export(folder / "Accounts_2026_02_10.csv", HEADERS["zoho_accounts"], rows)


def zoho_deals(folder: Path, *, written_out: bool = False) -> Path:
    """Six deals.

    Won       84,835.00 + 1,200.50 + 300.00 + 99.99 = 86,435.49 of three customers, 2025-03-14 to 2025-06-30;
              the last has no contact, its account stands in
    Not won   Closed Lost 5,000.00, Negotiation/Review 7,250.00
    By account  1201: 85,135.00 (two deals), 1202: 1,300.49 (two deals)
    """
    deals = (
        ("2101", "$84,835.00 ", "2025-03-14", "Mar 14, 2025", "1201", "1101", "Closed Won"),
        ("2102", "$1,200.50 ", "2025-04-02", "Apr 2, 2025", "1202", "1102", "Closed Won"),
        ("2103", "$300.00 ", "2025-06-30", "Jun 30, 2025", "1201", "1101", "Closed Won"),
        ("2104", "$5,000.00 ", "2025-02-11", "Feb 11, 2025", "1201", "1103", "Closed Lost"),
        ("2105", "$7,250.00 ", "2026-08-31", "Aug 31, 2026", "1202", "1102", "Negotiation/Review"),
        ("2106", "$99.99 ", "2025-05-05", "May 5, 2025", "1202", "", "Closed Won"),
    )
    created = "Oct 7, 2024 6:55 PM" if written_out else "2024-10-07 18:55:00"
    rows = [
        {
            "Record Id": f"zcrm_415086800000{key}",
            "Amount": amount,
            "Deal Name": f"Renewal {key}",
            "Closing Date": text if written_out else iso,
            "Account Name.id": f"zcrm_415086800000{account}",
            "Account Name": "Ferreira Lda",
            "Contact Name.id": contact and f"zcrm_415086800000{contact}",
            "Contact Name": contact and "Ana Ferreira",
            "Stage": stage,
            "Type": "Existing Business",
            "Probability (%)": "100" if "Won" in stage else "40",
            "Currency": "USD",
            "Expected Revenue": amount,
            "Created Time": created,
            "Modified Time": created,
            "Deal Owner": "Sam Keeper",
        }
        for key, amount, iso, text, account, contact, stage in deals
    ]
    return export(folder / "Deals_2026_05_28.csv", HEADERS["zoho_deals"], rows)


def fxiaoke_customers(folder: Path) -> Path:
    """Three customers, known to the orders by name only."""
    rows = [
        {
            "客户名称": name,
            "客户编号": f"CUST2024{number:04d}",
            "客户级别": level,
            "来源": "展会",
            "客户状态": "已成交",
            "1级行业": industry,
            "国家": "中国",
            "省": province,
            "市": city,
            "详细地址": "西湖区文三路90号",
            "电话": "13800138000",
            "邮件": "zhangwm@example.cn",
            "负责人": "王销售",
            "创建人": "王销售",
            "创建时间": "2024-06-18 09:30",
            "最后修改时间": "2025-09-01 10:00",
            "锁定状态": "未锁定",
        }
        for number, (name, level, industry, province, city) in enumerate(
            (
                ("张伟明", "普通客户", "餐饮", "北京市", "北京市"),
                ("杭州云栖茶业有限公司", "重要客户", "零售", "浙江省", "杭州市"),
                ("成都锦里食品有限公司", "VIP客户", "食品", "四川省", "成都市"),
            ),
            start=1,
        )
    ]
    return export(folder / "客户_20260210.csv", HEADERS["fxiaoke_customers"], rows, "gb18030")


def fxiaoke_orders(folder: Path, *, full_width: bool = False) -> Path:
    """Six orders, two of which never came to be.

    Sales   10,000.00 + (25,600.50 - 600.50) + (1,234.56 - 234.56) + (500.00 - 500.00) = 36,000.00
            four orders of three customers (the one refunded in full still bought), 2025-03-01 to 2025-08-08
    Out     已作废 8,000.00, 审核中 3,000.00
    """
    orders = (
        ("SO20250301-001", "张伟明", "2025-03-01", "10000.00", "0.00", "已确认"),
        ("SO20250415-002", "杭州云栖茶业有限公司", "2025-04-15", "25,600.50", "600.50", "已收货"),
        ("SO20250520-003", "杭州云栖茶业有限公司", "2025-05-20", "8000.00", "0.00", "已作废"),
        ("SO20250601-004", "成都锦里食品有限公司", "2025-06-01", "3000.00", "0.00", "审核中"),
        ("SO20250710-005", "张伟明", "2025-07-10", "1234.56", "234.56", "已收货"),
        ("SO20250808-006", "成都锦里食品有限公司", "2025-08-08", "500.00", "500.00", "已收货"),
    )
    rows = [
        {
            "销售订单编号": number,
            "客户名称": name,
            "下单日期": day,
            "销售订单金额(元)": amount,
            "产品合计": amount,
            "整单折扣": "100",
            "已回款金额(元)": amount,
            "待回款金额(元)": "0.00",
            "已退款金额(元)": refund,
            "已开票金额(元)": "0.00",
            "状态": status,
            "结算方式": "赊销",
            "收货人": "李会计",
            "收货人电话": "13800138000",
            "收货地址": "西湖区文三路90号",
            "负责人": "王销售",
            "创建时间": f"{day} 10:15",
            "最后修改时间": f"{day} 10:20",
        }
        for number, name, day, amount, refund, status in orders
    ]
    wide = str.maketrans("()", "（）") if full_width else {}
    header = [name.translate(wide) for name in HEADERS["fxiaoke_orders"]]
    named = [{name.translate(wide): value for name, value in row.items()} for row in rows]
    return export(folder / "销售订单_20260210.csv", header, named, "gb18030")


def fxiaoke_payments(folder: Path) -> Path:
    """Two payments for orders above: counting them too would add 35,000.00 that was sold once."""
    rows = [
        {
            "回款编号": f"HK2025-{number}",
            "客户名称": name,
            "订单编号": order,
            "本次回款总金额（元）": amount,
            "回款日期": day,
            "回款方式": "电汇",
            "财务确认人": "李会计",
            "状态": "已回款",
            "回款提交时间": f"{day} 16:00",
        }
        for number, name, order, amount, day in (
            (1, "张伟明", "SO20250301-001", "10000.00", "2025-03-20"),
            (2, "杭州云栖茶业有限公司", "SO20250415-002", "25000.00", "2025-05-02"),
        )
    ]
    return export(folder / "回款_20260210.csv", HEADERS["fxiaoke_payments"], rows, "gb18030")


def shopify_orders(folder: Path) -> Path:
    """Six orders on nine lines; money stands on an order's first line only.

    Loaded  #1001 120.00 - 20.00 tax = 100.00 (two lines) · #1002 60.00 - 10.00 tax - 12.00 refunded = 38.00
            #1004 24.00 - 24.00 refunded = 0.00 · #1006 33.00 - 3.00 tax = 30.00 (the buyer of #1001)
            168.00 on four orders of three customers, five lines
    Out     #1003 cancelled, three lines · #1005 nobody's order, one line
    """
    orders = (
        ("#1001", "ana.ferreira@example.com", "paid", "120.00", "20.00", "0.00", "", 2, "2025-03-14 10:22:31 +0000"),
        ("#1002", "chidi@example.org", "partially_refunded", "60.00", "10.00", "12.00", "", 1, "2025-04-01 08:00:00 +0000"),
        ("#1003", "maja@example.net", "voided", "500.00", "0.00", "0.00", "2025-04-03 12:00:00 +0000", 3, "2025-04-02 12:00:00 +0000"),
        ("#1004", "maja@example.net", "refunded", "24.00", "0.00", "24.00", "", 1, "2025-05-06 12:30:00 +0000"),
        ("#1005", "", "paid", "15.00", "0.00", "0.00", "", 1, "2025-05-07 12:30:00 +0000"),
        ("#1006", "ana.ferreira@example.com", "paid", "33.00", "3.00", "0.00", "", 1, "2025-06-09 17:45:10 +0000"),
    )
    rows = []
    for name, email, status, total, tax, refunded, cancelled, lines, created in orders:
        first = {
            "Financial Status": status,
            "Currency": "EUR",
            "Taxes": tax,
            "Total": total,
            "Subtotal": total,
            "Shipping": "0.00",
            "Discount Amount": "0.00",
            "Refunded Amount": refunded,
            "Cancelled at": cancelled,
            "Outstanding Balance": "0.00",
            "Id": f"'52104483{name[1:]}",
            "Source": "web",
            "Accepts Marketing": "yes",
            "Billing Name": email and "Ana Ferreira",
            "Billing Street": email and "Rua das Flores 12",
            "Billing City": "Porto",
            "Billing Phone": email and "+351 912 345 678",
            "Shipping Name": email and "Maja Lindqvist",
        }
        for line in range(1, lines + 1):
            item = {
                "Name": name,
                "Email": email,
                "Created at": created,
                "Lineitem quantity": "1",
                "Lineitem name": f"Tea no. {line}",
                "Lineitem price": "12.00",
                "Lineitem sku": f"TEA-{line}",
                "Vendor": "Leaf & Co",
            }
            rows.append({**item, **first} if line == 1 else item)
    return export(folder / "orders_export_1.csv", HEADERS["shopify_orders"], rows)


def shopify_customers(folder: Path) -> Path:
    """The three buyers above and one who has not bought."""
    rows = [
        {
            "Customer ID": f"'721044830112{number}",
            "First Name": first,
            "Last Name": last,
            "Email": email,
            "Accepts Email Marketing": consent,
            "Default Address City": city,
            "Default Address Country Code": country,
            "Default Address Address1": "Rua das Flores 12",
            "Phone": "+351 912 345 678",
            "Total Spent": spent,
            "Total Orders": orders,
            "Tax Exempt": "no",
        }
        for number, first, last, email, consent, city, country, spent, orders in (
            (1, "Ana", "Ferreira", "ana.ferreira@example.com", "yes", "Porto", "PT", "153.00", "2"),
            (2, "Chidi", "Okonkwo", "chidi@example.org", "no", "Lagos", "NG", "60.00", "1"),
            (3, "Maja", "Lindqvist", "maja@example.net", "yes", "Uppsala", "SE", "0.00", "2"),
            (4, "Ana", "Okonkwo", "ana.okonkwo@example.org", "no", "Lagos", "NG", "0.00", "0"),
        )
    ]
    return export(folder / "customers_export.csv", HEADERS["shopify_customers"], rows)


def _member(number: int) -> str:
    return f"0lM5g000000000{number}EAA"


def salesforce(folder: Path) -> tuple[Path, Path, Path, Path]:
    """Members, tiers, ledger and journal of one programme.

    Members  three, one of whom has left on 2025-09-30
    Tiers    four spells: Silver then Gold for the first, Silver for the others
    Ledger   credits 120 + 80 + 40 = 240, debits 100
    Journal  120.00 + 80.50 + 39.50 = 240.00 of two members, 2025-03-14 to 2025-07-01; one deleted entry and one cancelled are out
    """
    stamp = "2025-01-02T03:04:05.000Z"
    members = [
        {
            "Id": _member(number),
            "MembershipNumber": f"MBR-{number:05d}",
            "EnrollmentDate": enrolled,
            "EnrollmentChannel": "Web",
            "MemberStatus": status,
            "MemberType": "Individual",
            "MembershipEndDate": left,
            "CurrencyIsoCode": "EUR",
            "CreatedDate": stamp,
            "IsDeleted": "false",
            "CanReceivePromotions": "true",
            "ProgramId": "0lp5g0000000001AAA",
            "ContactId": f"0035g00000000{number}AAA",
        }
        for number, enrolled, status, left in (
            (1, "2024-02-01", "Active", ""),
            (2, "2024-05-20", "Active", ""),
            (3, "2024-11-11", "Inactive", "2025-09-30"),
        )
    ]
    tiers = [
        {
            "Id": f"0lt5g00000000{spell}AAA",
            "LoyaltyMemberId": _member(number),
            "LoyaltyTierId": f"0lr5g0000000{name}",
            "Name": name,
            "EffectiveDate": start,
            "TierExpirationDate": end,
            "IsDeleted": "false",
            "CreatedDate": stamp,
            "ReasonForChange": "Qualified",
            "CurrencyIsoCode": "EUR",
        }
        for spell, number, name, start, end in (
            (1, 1, "Silver", "2024-02-01", "2025-03-31"),
            (2, 1, "Gold", "2025-04-01", "2026-12-31"),
            (3, 2, "Silver", "2024-05-20", "2026-12-31"),
            (4, 3, "Silver", "2024-11-11", "2025-09-30"),
        )
    ]
    ledger = [
        {
            "Id": f"0ll5g00000000{entry}AAA",
            "LoyaltyProgramMemberId": _member(number),
            "ActivityDate": f"{day}T09:30:00.000Z",
            "EventType": event,
            "Points": points,
            "ExpiryDate": expiry,
            "IsDeleted": "false",
            "CreatedDate": stamp,
            "Name": f"LL-{entry:06d}",
            "LoyaltyProgramCurrencyId": "0lc5g0000000001AAA",
            "TransactionJournalId": f"0lV5g00000000{entry}AAA",
        }
        for entry, number, day, event, points, expiry in (
            (1, 1, "2025-03-14", "Credit", "120", "2026-12-31"),
            (2, 2, "2025-05-02", "Credit", "80", "2026-12-31"),
            (3, 1, "2025-06-10", "Debit", "100", ""),
            (4, 1, "2025-07-01", "Credit", "40", "2026-12-31"),
        )
    ]
    journal = [
        {
            "Id": f"0lV5g00000000{entry}AAA",
            "MemberId": _member(number),
            "ActivityDate": f"{day}T09:30:00.000Z",
            "TransactionAmount": amount,
            "Status": status,
            "Name": f"TJ-{entry:06d}",
            "CurrencyIsoCode": "EUR",
            "Channel": "Store",
            "IsDeleted": deleted,
            "JournalDate": f"{day}T09:30:00.000Z",
            "JournalTypeId": "0lE5g0000000001AAA",
            "LoyaltyProgramId": "0lp5g0000000001AAA",
            "CreatedDate": stamp,
            "Comment": "Lindqvist called about this",
            "Brand": "Leaf & Co",
            "ExternalTransactionNumber": f"POS-{entry}",
        }
        for entry, number, day, amount, status, deleted in (
            (1, 1, "2025-03-14", "120.00", "Processed", "false"),
            (2, 2, "2025-05-02", "80.50", "Processed", "false"),
            (4, 1, "2025-07-01", "39.50", "Processed", "false"),
            (5, 2, "2025-08-01", "999.00", "Processed", "true"),
            (6, 2, "2025-08-02", "500.00", "Cancelled", "false"),
        )
    ]
    return (
        export(folder / "LoyaltyProgramMember.csv", HEADERS["salesforce_members"], members),
        export(folder / "LoyaltyMemberTier.csv", HEADERS["salesforce_tiers"], tiers),
        export(folder / "LoyaltyLedger.csv", HEADERS["salesforce_ledger"], ledger),
        export(folder / "TransactionJournal.csv", HEADERS["salesforce_journal"], journal),
    )
