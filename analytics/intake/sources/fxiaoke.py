"""纷享销客 (Fxiaoke) CRM. Each tenant may rename its labels, and the API exports field names instead: both are known by `also`.

Labels and API names of the objects 客户, 销售订单, 回款 and 回款明细. What counts is decided by the status as it is written:
voided, rejected and withdrawn orders are out, and those that are not in force yet.
"""

from __future__ import annotations

from dataclasses import replace

from analytics.contract import Kind
from analytics.intake.sources.base import NO_CUSTOMER, Context, Rule, Source, headers, left_out

_COMPANY = ("公司名称", "客户全称", "门店名称", "企业名称", "单位名称", "经销商名称", "客户")

_LIFE = {"life": ("生命状态", Kind.TEXT)}
_LIFE_NAMES = {"生命状态": ("lifestatus",)}
_MARKS = headers("生命状态")  # API names do not tell one object from another

FXIAOKE_CUSTOMERS = Source(
    id="fxiaoke_customers",
    table="customers",
    signature=(("客户名称", "客户级别"), ("客户名称", "成交状态"), ("客户名称", "客户状态"), ("客户名称", "所属公海")),
    also={
        "客户名称": (*_COMPANY, "name"),
        "客户级别": ("客户等级", "会员等级", "门店等级", "客户分级", "accountlevel"),
        "成交状态": ("dealstatus",),
        "客户状态": ("accountstatus",),
        "来源": ("客户来源", "来源渠道", "accountsource"),
        "省": ("省份", "所在省份", "province"),
        "市": ("城市", "所在城市", "city"),
        "1级行业": ("行业", "所属行业", "industrylevel1"),
        "创建时间": ("建档时间", "createtime"),
        **_LIFE_NAMES,
    },
    telltale=headers(
        "负责人|负责人主属部门|公海|所属公海|业务类型|锁定状态|客户资料完善度|转手次数|剩余保有时间|最后跟进时间|"
        "退回收回原因|最后一次成交时间|最后一次成交金额|外部来源|外部企业|外部负责人|地区定位|最后修改人|owner|"
        "ownerdepartment|highseasid|highseasname|recordtype|lockstatus|completionrate|transfercount|remainingtime|"
        "recycledreason|lastfollowedtime|lastdealclosedtime|outtenantid|outowner|accountno"
    ),
    least=4,
    marks=_MARKS,
    mapping={
        "客户名称": "customers.customer_id",
        "客户级别": "customers.tier",
        "来源": "customers.acquisition_channel",
        "省": "customers.region",
        "市": "customers.city",
        "1级行业": "customers.industry",
        "创建时间": "customers.created_on",
    },
    extra=_LIFE,
    keys=("customer_id",),
    rules=(Rule(key="void", sql="life in ('作废', '已作废', 'invalid')"), NO_CUSTOMER),
)

# 99, 8, 9 and 6 are how the API writes the order's status; the words below, the label's and the record's
_VOID = "('已作废', '作废', '已取消', '取消', '已终止', 'invalid', '99')"
_REJECTED = "('已驳回', '驳回', '已撤回', '撤回', '已拒绝', '8', '9')"
_PENDING = "('未生效', '审核中', '确认中', '待确认', '待审核', '审批中', '待审批', '草稿', 'ineffective', 'under_review', '6')"
_NOT_IN_FORCE = tuple(
    Rule(key=key, sql=f"status in {words} or life in {words}")
    for key, words in (("void", _VOID), ("rejected_order", _REJECTED), ("not_in_force", _PENDING))
)
FXIAOKE_ORDERS = Source(
    id="fxiaoke_orders",
    replaces=True,
    table="transactions",
    signature=(("销售订单编号", "客户名称", "销售订单金额"), ("销售订单编号", "客户名称", "下单日期")),
    also={
        "销售订单编号": ("订单编号", "订单号", "单据编号", "合同编号", "name"),
        "客户名称": (*_COMPANY, "accountid"),
        "下单日期": ("订单日期", "签单日期", "签约日期", "合同日期", "成交日期", "下单时间", "ordertime"),
        "销售订单金额": ("订单总额", "订单金额", "合同金额", "签单金额", "订单总金额", "orderamount"),
        "已退款金额": ("退款金额", "已退款", "refundamount"),
        "状态": ("单据状态", "订单状态", "合同状态", "orderstatus"),
        "交货日期": ("交付日期", "deliverydate"),
        "收货时间": ("签收时间", "confirmedreceivedate"),
        **_LIFE_NAMES,
    },
    telltale=headers(
        "产品合计|整单折扣|已回款金额|待回款金额|待确认的回款金额|已计划回款金额|退货单金额|已开票金额|结算方式|"
        "收款类型|订货仓库|价目表|报价单|商机名称|商机20|提交时间|负责人|负责人所在部门|业务类型|锁定状态|productamount|"
        "receivableamount|paymentamount|returnedgoodsamount|invoiceamount|settletype|receipttype|shippingwarehouseid|"
        "pricebookid|quoteid|newopportunityid|submittime|owner|ownerdepartment|recordtype|lockstatus"
    ),
    least=4,
    marks=_MARKS,
    mapping={
        "销售订单编号": "transactions.transaction_id",
        "客户名称": "transactions.customer_id",
        "下单日期": "transactions.occurred_at",
        "销售订单金额": "transactions.amount",
        "已退款金额": "transactions.refunded",
        "状态": "transactions.status",
        "交货日期": "transactions.promised_at",
        "收货时间": "transactions.delivered_at",
    },
    extra=_LIFE,
    keys=("customer_id",),
    rules=(*_NOT_IN_FORCE, NO_CUSTOMER),
    not_after=("fxiaoke_payments", "fxiaoke_payment_lines"),
    refusal="payments_before_orders",
    currency="CNY",
)


def _beside_orders(source: Source, context: Context) -> Source:
    """A payment settles an order: it is a sale of its own only where no orders are known."""
    if context.knows("fxiaoke_orders"):
        return left_out(source, "payment_beside_orders")
    if source.id == "fxiaoke_payment_lines" and context.knows("fxiaoke_payments"):
        return left_out(source, "line_beside_payments")
    return source


_PAYMENT_NAMES = {
    "客户名称": (*_COMPANY, "accountid"),
    "回款日期": ("收款日期", "到账日期", "paymenttime"),
    "状态": ("单据状态", "回款状态"),
    **_LIFE_NAMES,
}
_FINANCE = headers(
    "财务确认人|财务确认时间|提醒日期|回款方式|回款提交时间|审批提交时间|回款计划编号|收款方式|financeemployeeid|"
    "financeconfirmtime|notificationtime|paymentterm|paymentplanid"
)

FXIAOKE_PAYMENTS = Source(
    id="fxiaoke_payments",
    replaces=True,
    table="transactions",
    signature=(("回款编号", "客户名称", "本次回款总金额"),),
    also={
        "回款编号": ("收款编号", "name"),
        "订单编号": ("销售订单编号", "合同编号", "orderid"),
        "本次回款总金额": ("回款总金额", "回款金额", "收款金额", "本次收款金额", "paymentamount"),
        **_PAYMENT_NAMES,
    },
    telltale=_FINANCE,
    least=2,
    marks=_MARKS,
    mapping={
        "订单编号": "transactions.transaction_id",
        "客户名称": "transactions.customer_id",
        "回款日期": "transactions.occurred_at",
        "本次回款总金额": "transactions.amount",
        "状态": "transactions.status",
    },
    extra=_LIFE,
    keys=("customer_id",),
    rules=(*_NOT_IN_FORCE, NO_CUSTOMER),
    currency="CNY",
    adapt=_beside_orders,
)
FXIAOKE_PAYMENT_LINES = replace(
    FXIAOKE_PAYMENTS,
    id="fxiaoke_payment_lines",
    signature=(("回款明细编号", "客户名称", "本次回款金额"),),
    also={
        "回款明细编号": ("收款明细编号",),
        "销售订单编号": ("订单编号", "合同编号", "orderid"),
        "本次回款金额": ("回款金额", "本次收款金额", "paymentamount"),
        **_PAYMENT_NAMES,
    },
    mapping={
        "销售订单编号": "transactions.transaction_id",
        "客户名称": "transactions.customer_id",
        "回款日期": "transactions.occurred_at",
        "本次回款金额": "transactions.amount",
        "状态": "transactions.status",
    },
)

SOURCES = (FXIAOKE_PAYMENT_LINES, FXIAOKE_PAYMENTS, FXIAOKE_ORDERS, FXIAOKE_CUSTOMERS)
