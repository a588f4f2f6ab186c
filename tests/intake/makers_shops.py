"""Exports of WooCommerce, Square and Taobao: every header, a few rows in the exporter's way of writing, totals worked out by hand."""

from __future__ import annotations

from pathlib import Path

from tests.intake.makers import HEADERS, export

NICKNAMES = ("tb_云栖小店", "tb_jinli88")


def woocommerce_orders(folder: Path) -> Path:
    """Nine orders on eleven rows; a refund is a negative row under its order's number.

    Loaded  5001 120.00 · 5002 1,234.50 · 5008 60.00 less 15.00 refunded = 1,399.50; four rows, three orders, two customers
    Out     5003 refunded in full, two rows · 5004 cancelled, 5007 failed · 5005 pending, 5006 on hold · 5009 a guest without a name
    """
    orders = (
        ("5001", "completed", "Ana Ferreira", 120.00, "2025-03-14 10:22:31"),
        ("5002", "processing", "Chidi Okonkwo", 1234.50, "2025-03-15 09:00:00"),
        ("5003", "refunded", "Maja Lindqvist", 80.00, "2025-03-16 12:00:00"),
        ("5003", "completed", "Maja Lindqvist", -80.00, "2025-03-20 12:00:00"),
        ("5004", "cancelled", "Maja Lindqvist", 55.00, "2025-03-21 08:15:00"),
        ("5005", "pending", "Chidi Okonkwo", 10.00, "2025-03-22 08:15:00"),
        ("5006", "on-hold", "Chidi Okonkwo", 20.00, "2025-03-23 08:15:00"),
        ("5007", "failed", "Chidi Okonkwo", 5.00, "2025-03-24 08:15:00"),
        ("5008", "completed", "Ana Ferreira", 60.00, "2025-04-02 18:30:00"),
        ("5008", "completed", "Ana Ferreira", -15.00, "2025-04-09 18:30:00"),
        ("5009", "completed", "", 33.00, "2025-04-10 18:30:00"),
    )
    rows = [
        {
            "Date": moment,
            "Order #": number,
            "N. Revenue (formatted)": f"${net:,.2f}" if net >= 0 else f"-${-net:,.2f}",
            "Status": status,
            "Customer": customer,
            "Customer type": "returning",
            "Product(s)": "2× Tea, 1× Cup",
            "Items sold": "3",
            "Net Sales": f"{net:g}",
            "Attribution": "Organic: Google",
        }
        for number, status, customer, net, moment in orders
    ]
    return export(folder / "wc-orders-report-export.csv", HEADERS["woocommerce_orders"], rows, "utf-8-sig")


def woocommerce_customers(folder: Path) -> Path:
    """Five customers: three by name, a second Ana Ferreira whom the orders cannot tell from the first, one without a name."""
    people = (
        ("Ana Ferreira", "ana", "ana.ferreira@example.com", "2024-06-01 10:00:00", "PT", "Porto", "13"),
        ("Chidi Okonkwo", "chidi", "chidi@example.org", "2024-07-01 10:00:00", "NG", "Lagos", "LA"),
        ("Maja Lindqvist", "maja", "maja@example.net", "2024-08-01 10:00:00", "SE", "Uppsala", "C"),
        ("Ana Ferreira", "ferreira2", "ana2@example.com", "2024-09-01 10:00:00", "PT", "Lisboa", "11"),
        ("", "", "guest@example.com", "", "PT", "Faro", "08"),
    )
    rows = [
        {
            "Name": name,
            "Username": login,
            "Last Active": "2025-04-09 18:30:00",
            "Sign Up": signed,
            "Email": email,
            "Orders": "2",
            "Total Spend": "165",
            "AOV": "82.5",
            "Country / Region": country,
            "City": city,
            "Region": region,
            "Postal Code": "4000-001",
            "Billing Phone": "+351 912 345 678",
            "Role": "customer",
        }
        for name, login, email, signed, country, city, region in people
    ]
    return export(folder / "wc-customers-report-export.csv", HEADERS["woocommerce_customers"], rows, "utf-8-sig")


def square_row(number: str, day: str, net: str, event: str, customer: str, **more: str) -> dict[str, str]:
    """A line of either Square export; what is left empty stays empty."""
    return {
        "Date": day,
        "Time": "10:22:31",
        "Time Zone": "Eastern Time (US & Canada)",
        "Gross Sales": "$2,000.00",
        "Discounts": "-$3.00",
        "Net Sales": net,
        "Tax": "$1.10",
        "Transaction ID": number,
        "Payment ID": f"p{number}",
        "Event Type": event,
        "Location": "Main Street",
        "Customer ID": customer,
        "Customer Name": customer and "Ana Ferreira",
        **more,
    }


def _collected(partly_refunded: str) -> dict[str, str]:
    return {
        "Partial Refunds": partly_refunded,
        "Tip": "$2.00",
        "Total Collected": "$2,000.00",
        "Net Total": "$1,900.00",
        "PAN Suffix": "4242",
    }


def square_transactions(folder: Path) -> Path:
    """Four payments and one refund.

    Loaded  T1 1,234.50 · T2 40.00 less 10.00 refunded in part · T4 60.00 and its refund -60.00 = 1,264.50
            four rows, three orders, two customers
    Out     T3 12.00, nobody's
    """
    events = (
        ("T1", "03/14/2025", "$1,234.50", "$0.00", "Payment", "C1"),
        ("T2", "03/15/2025", "$40.00", "-$10.00", "Payment", "C2"),
        ("T3", "03/16/2025", "$12.00", "$0.00", "Payment", ""),
        ("T4", "04/01/2025", "$60.00", "$0.00", "Payment", "C1"),
        ("T4", "04/02/2025", "-$60.00", "$0.00", "Refund", "C1"),
    )
    rows = [square_row(number, day, net, event, customer, **_collected(part)) for number, day, net, part, event, customer in events]
    return export(folder / "transactions-2025.csv", HEADERS["square_transactions"], rows)


def square_items(folder: Path) -> Path:
    """The lines of the transactions above: 1,200.00 + 34.50 + 40.00 - 10.00 + 60.00 - 60.00 = 1,264.50 on six rows; 12.00 is nobody's."""
    lines = (
        ("T1", "03/14/2025", "$1,200.00", "Payment", "C1", "Espresso machine", "1"),
        ("T1", "03/14/2025", "$34.50", "Payment", "C1", "Beans", "3"),
        ("T2", "03/15/2025", "$40.00", "Payment", "C2", "Grinder", "1"),
        ("T2", "03/20/2025", "-$10.00", "Refund", "C2", "Grinder", "-1"),
        ("T3", "03/16/2025", "$12.00", "Payment", "", "Beans", "1"),
        ("T4", "04/01/2025", "$60.00", "Payment", "C1", "Cups", "6"),
        ("T4", "04/02/2025", "-$60.00", "Refund", "C1", "Cups", "-6"),
    )
    rows = [
        square_row(number, day, net, event, customer, Item=item, Qty=quantity, Category="Coffee", SKU="")
        for number, day, net, event, customer, item, quantity in lines
    ]
    return export(folder / "items-2025.csv", HEADERS["square_items"], rows)


def taobao_orders(folder: Path) -> Path:
    """Five orders in GBK, their numbers written ="...", so that a spreadsheet leaves them alone.

    Loaded  100.00 + 1,234.50 + 65.50 (on its way) = 1,400.00 of two customers
    Out     one closed after payment, 50.00; one that was never paid
    """
    orders = (
        ("158219563422113456", NICKNAMES[0], "100.00", "交易成功", "2025-05-16 09:41:10"),
        ("158219563422113457", NICKNAMES[1], "1234.50", "交易成功", "2025-05-18 21:05:00"),
        ("158219563422113458", NICKNAMES[0], "50.00", "交易关闭", "2025-05-20 10:00:00"),
        ("158219563422113459", NICKNAMES[1], "0.00", "等待买家付款", ""),
        ("158219563422113460", NICKNAMES[0], "65.50", "卖家已发货，等待买家确认", "2025-06-02 11:11:11"),
    )
    rows = [
        {
            "订单编号": f'="{number}"',
            "买家会员名": nickname,
            "买家支付宝账号": "zhangwm@example.cn",
            "买家应付货款": paid,
            "买家应付邮费": "0.00",
            "总金额": paid,
            "买家实际支付金额": paid,
            "订单状态": status,
            "收货人姓名": "张伟明",
            "收货地址": "浙江省 杭州市 西湖区文三路90号",
            "联系手机": "'13800138000",
            "订单创建时间": moment or "2025-05-21 08:00:00",
            "订单付款时间": moment,
            "宝贝标题": "龙井茶 250g",
            "宝贝种类": "1",
            "宝贝总数量": "2",
            "店铺名称": "云栖旗舰店",
            "订单关闭原因": "订单未关闭",
        }
        for number, nickname, paid, status, moment in orders
    ]
    return export(folder / "ExportOrderList202506.csv", HEADERS["taobao_orders"], rows, "gbk")
