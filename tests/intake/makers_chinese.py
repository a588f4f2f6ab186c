"""Lists of members from Chinese shop systems, and 纷享销客 as other tenants label it or as its API names it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tests.intake.makers import HEADERS, export

LEVELS = ("普通会员", "银卡会员", "金卡会员")
_PERSON = ("张伟明", "zhangwm@example.cn", "13800138000", "西湖区文三路90号")


def members_gbk(folder: Path) -> Path:
    """Three members of three levels, known by their nickname only. GBK."""
    _, mail, phone, street = _PERSON
    rows = [
        {
            "会员名": f"云栖{number}",
            "邮箱地址": mail,
            "手机号码": phone,
            "会员组": "线上",
            "会员等级": level,
            "注册时间": f"2024-0{number}-11 10:00:00",
            "注册地": "杭州",
            "性别": "女",
            "生日": "1990-05-01",
            "证件号": "330106199005010021",
            "所在省份": "浙江",
            "所在地市": "杭州",
            "地址": street,
            "邮编": "310000",
        }
        for number, level in enumerate(LEVELS, start=1)
    ]
    return export(folder / "会员.csv", HEADERS["members_gbk"], rows, "gbk")


def members_cards(folder: Path) -> Path:
    """Three members with cards; money and points left on the cards are balances, not movements."""
    name, mail, phone, street = _PERSON
    rows = [
        {
            "会员卡号": f"VIP0000{number}",
            "真实姓名": name,
            "性别": "男",
            "所属分组": "门店",
            "移动电话": phone,
            "QQ": "100200300",
            "E-mail": mail,
            "余额": "120.50",
            "总金额": "3000.00",
            "剩余积分": "800",
            "总积分": "3000",
            "领卡时间": f"2023-05-1{number} 09:30:00",
            "联系地址": street,
        }
        for number in (1, 2, 3)
    ]
    return export(folder / "会员卡.csv", HEADERS["members_cards"], rows, "gb18030")


def members_gb2312(folder: Path) -> Path:
    """Three members by member number. GB2312."""
    rows = [
        {
            "ID": str(9000 + number),
            "邮箱": _PERSON[1],
            "手机号": _PERSON[2],
            "会员昵称": "张伟明",
            "会员号": f"HY2024{number:04d}",
            "会员等级": level,
            "注册时间": f"2024/{number}/3 8:05",
            "登陆时间": "2025/6/1 20:00",
            "状态": "正常",
            "来源站点": "微信小程序",
        }
        for number, level in enumerate(LEVELS, start=1)
    ]
    return export(folder / "会员2.csv", HEADERS["members_gb2312"], rows, "gb2312")


def members_bom(folder: Path) -> Path:
    """Three registered users, two of whom have a member level. UTF-8 with BOM."""
    rows = [
        {
            "ID": str(100 + number),
            "昵称": "张伟明",
            "手机号": _PERSON[2],
            "性别": "女",
            "城市": "成都",
            "真实姓名": _PERSON[0],
            "认证状态": "已认证",
            "会员等级": level,
            "积分": "350",
            "注册时间": f"2024-0{number}-20 12:00:00",
        }
        for number, level in enumerate((LEVELS[0], LEVELS[2], ""), start=1)
    ]
    return export(folder / "users.csv", HEADERS["members_bom"], rows, "utf-8-sig")


def fxiaoke_payment_lines(folder: Path) -> Path:
    """Four lines: 6,000.00 + 4,000.00 for one order, 25,000.00 for another; 1,000.00 voided. 35,000.00 in all."""
    rows = [
        {
            "回款明细编号": f"HKMX-{number}",
            "回款编号": "HK2025-1",
            "客户名称": name,
            "销售订单编号": order,
            "本次回款金额（元）": amount,
            "回款日期": day,
            "回款方式": "电汇",
            "财务确认人": "李会计",
            "状态": status,
        }
        for number, name, order, amount, day, status in (
            (1, "张伟明", "SO20250301-001", "6,000.00", "2025-03-20", "已回款"),
            (2, "张伟明", "SO20250301-001", "4,000.00", "2025-03-28", "已回款"),
            (3, "杭州云栖茶业有限公司", "SO20250415-002", "25,000.00", "2025-05-02", "已回款"),
            (4, "杭州云栖茶业有限公司", "SO20250415-002", "1,000.00", "2025-05-03", "已作废"),
        )
    ]
    return export(folder / "回款明细_20260210.csv", HEADERS["fxiaoke_payment_lines"], rows, "gb18030")


def fxiaoke_customers_api(folder: Path) -> Path:
    """Three customers under API names, one of them invalid."""
    rows = [
        {
            "name": name,
            "account_no": f"C{number}",
            "account_level": "VIP",
            "account_source": "展会",
            "province": "浙江省",
            "city": "杭州市",
            "address": "西湖区文三路90号",
            "tel": "13800138000",
            "email": "zhangwm@example.cn",
            "owner": "王销售",
            "create_time": "2024-06-18 09:30",
            "life_status": life,
        }
        for number, (name, life) in enumerate(
            (("张伟明", "normal"), ("杭州云栖茶业有限公司", "normal"), ("成都锦里食品有限公司", "invalid")), start=1
        )
    ]
    return export(folder / "AccountObj.csv", HEADERS["fxiaoke_customers_api"], rows)


def fxiaoke_orders_api(folder: Path) -> Path:
    """Four orders under API names: 10,000.00 + (25,600.50 - 600.50) = 35,000.00 of two customers; one invalid, one under review."""
    rows = [
        {
            "name": number,
            "account_id": customer,
            "order_time": day,
            "order_amount": amount,
            "payment_amount": amount,
            "receivable_amount": "0",
            "refund_amount": refund,
            "order_status": "7",
            "life_status": life,
            "settle_type": "赊销",
            "owner": "王销售",
            "record_type": "default__c",
            "ship_to_tel": "13800138000",
            "create_time": f"{day} 10:15",
        }
        for number, customer, day, amount, refund, life in (
            ("SO1", "张伟明", "2025-03-01", "10000.00", "0", "normal"),
            ("SO2", "杭州云栖茶业有限公司", "2025-04-15", "25600.50", "600.50", "normal"),
            ("SO3", "杭州云栖茶业有限公司", "2025-05-20", "8000.00", "0", "invalid"),
            ("SO4", "成都锦里食品有限公司", "2025-06-01", "3000.00", "0", "under_review"),
        )
    ]
    return export(folder / "SalesOrderObj.csv", HEADERS["fxiaoke_orders_api"], rows)


def fxiaoke_payments_api(folder: Path) -> Path:
    """Three payments under API names: 10,000.00 + 25,000.00; one not yet in force."""
    rows = [
        {
            "name": f"HK{number}",
            "account_id": customer,
            "order_id": f"SO{number}",
            "payment_amount": amount,
            "payment_time": day,
            "payment_term": "电汇",
            "finance_employee_id": "李会计",
            "life_status": life,
        }
        for number, customer, amount, day, life in (
            (1, "张伟明", "10000.00", "2025-03-20", "normal"),
            (2, "杭州云栖茶业有限公司", "25000.00", "2025-05-02", "normal"),
            (3, "杭州云栖茶业有限公司", "700.00", "2025-05-09", "ineffective"),
        )
    ]
    return export(folder / "PaymentObj.csv", HEADERS["fxiaoke_payments_api"], rows)


def renamed(path: Path, labels: Mapping[str, str]) -> Path:
    """The same export from a tenant who calls some columns by other names."""
    header, rest = path.read_text("gb18030").split("\n", 1)
    names = [labels.get(name, name) for name in header.strip().split(",")]
    path.write_text("\n".join([",".join(names), rest]), "gb18030")
    return path
