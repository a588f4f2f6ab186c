"""The data contract: canonical tables and columns, what each is, and the names under which files bring them.

Every other module reads this one: the importer maps to it, the store writes it, marts and studies query it.
Aliases are compared after `plain()`: lower case, without spaces, punctuation and bracketed units.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache


class Kind(StrEnum):
    """How a column's text is read."""

    ID = "id"  # exact text, never a number
    TEXT = "text"
    DATE = "date"
    TIME = "time"  # timestamp in the workspace's time zone
    MONEY = "money"  # decimal(18,4) in the reporting currency
    NUMBER = "number"  # decimal(18,4)
    YEAR = "year"  # a four-digit year; a full date gives its year
    MONTH = "month"  # 1-12, or a month's name
    FLAG = "flag"  # yes | no
    CODE = "code"  # one of the column's `values`


SQL_TYPES = {
    Kind.ID: "VARCHAR",
    Kind.TEXT: "VARCHAR",
    Kind.DATE: "DATE",
    Kind.TIME: "TIMESTAMP",
    Kind.MONEY: "DECIMAL(18,4)",
    Kind.NUMBER: "DECIMAL(18,4)",
    Kind.YEAR: "INTEGER",
    Kind.MONTH: "INTEGER",
    Kind.FLAG: "BOOLEAN",
    Kind.CODE: "VARCHAR",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One canonical column.

    aliases   names in English and Chinese under which files bring it
    values    for CODE: canonical value -> words that mean it
    stored    False for what only helps to compute a stored column (unit_price, year, status ...)
    strict    a value that cannot be read rejects its row; otherwise it is left empty and counted
    personal  tells something about a person: masked in rows about single persons unless the role may see it
    """

    name: str
    kind: Kind
    aliases: tuple[str, ...] = ()
    values: tuple[tuple[str, tuple[str, ...]], ...] = ()
    stored: bool = True
    strict: bool = False
    personal: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One canonical table. `key` columns must be filled in every row; `grain` says what a row is."""

    name: str
    grain: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    def __getitem__(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)

    def __contains__(self, name: str) -> bool:
        return any(column.name == name for column in self.columns)

    @property
    def stored(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.stored)


@lru_cache(maxsize=16_384)  # every alias is compared with every header of every file
def plain(name: str) -> str:
    """A header as it is compared: `销售订单金额(元)` and `Order Amount ` lose what does not carry meaning."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    folded = re.sub(r"[(\[【].*?[)\]】]", "", folded)
    return re.sub(r"[\W_]+", "", folded)


def _words(*names: str) -> tuple[str, ...]:
    return tuple(alias for name in names for alias in name.split("|"))


_IDS = _words(
    "customer id|customerid|customer|customer no|customer number|customer code|cust id|custid|client id|client|user id|userid|uid|"
    "member id|memberid|member no|member number|membership number|loyalty number|loyalty id|card number|card no|"
    "household id|household key|household|account id|account no|account number|buyer id|buyer|shopper id|contact id|"
    "record id|user|consumer id|patient id|guest id|subscriber id|customer reference id|loyaltyprogrammemberid|loyaltymemberid",
    "客户编号|客户id|客户号|客户代码|客户|会员id|会员编号|会员号|会员卡号|卡号|用户id|用户编号|用户|顾客编号|顾客id|"
    "买家会员名|会员名|买家昵称|买家|客户名称|账号",
)
# last resort: what tells a person joins files too, as a pseudonym
_PERSONS = _words(
    "loyalty card|account name|company name|email|email address|e mail|customer email|buyer email|billing email|phone|mobile|phone number|customer name",
    "下单帐号|下单账号|买家账号|手机号|买家手机号|手机号码|手机|邮箱|电子邮箱|会员昵称|姓名",
)
_CUSTOMER = Column(name="customer_id", kind=Kind.ID, strict=True, aliases=(*_IDS, *_PERSONS))


def _at(*aliases: str) -> Column:
    return Column(name="occurred_at", kind=Kind.TIME, strict=True, aliases=_words(*aliases))


_YEAR = Column(name="year", kind=Kind.YEAR, stored=False, strict=True, aliases=_words("year|年|年份"))
_MONTH = Column(name="month", kind=Kind.MONTH, stored=False, strict=True, aliases=_words("month|月|月份"))

CUSTOMERS = Table(
    name="customers",
    grain="one row per customer",
    key=("customer_id",),
    columns=(
        replace(_CUSTOMER, aliases=(*_IDS, "id", "编号", *_PERSONS)),
        Column(
            name="created_on",
            kind=Kind.DATE,
            aliases=_words(
                "created time|created at|created on|created date|date created|createddate|customer since|first seen|sign up|signup date|registered|"
                "registration date|registered at|join date|joined|date joined",
                "创建时间|创建日期|注册时间|注册日期|建档时间|首次到店",
            ),
        ),
        Column(
            name="member",
            kind=Kind.FLAG,
            aliases=_words("member|is member|loyalty member|membership|enrolled|in programme|in program|是否会员|会员"),
        ),
        Column(
            name="enrolled_on",
            kind=Kind.DATE,
            aliases=_words(
                "enrolled on|enrolment date|enrollment date|enrolled at|enrollmentdate|member since|membership start|membership start date|joined programme|loyalty join date",
                "入会时间|入会日期|领卡时间|开卡时间|开卡日期|办卡时间|成为会员时间",
            ),
        ),
        Column(name="enrolled_year", kind=Kind.YEAR, stored=False, aliases=_words("enrollment year|enrolment year|入会年份|入会年")),
        Column(name="enrolled_month", kind=Kind.MONTH, stored=False, aliases=_words("enrollment month|enrolment month|入会月份|入会月")),
        Column(
            name="cancelled_on",
            kind=Kind.DATE,
            aliases=_words(
                "cancelled on|cancellation date|canceled on|cancel date|churn date|churned on|membership end date|closed on|termination date|unsubscribed on",
                "退会时间|退会日期|注销时间|注销日期|流失日期|销户日期",
            ),
        ),
        Column(name="cancelled_year", kind=Kind.YEAR, stored=False, aliases=_words("cancellation year|cancelation year|退会年份|注销年份")),
        Column(
            name="cancelled_month", kind=Kind.MONTH, stored=False, aliases=_words("cancellation month|cancelation month|退会月份|注销月份")
        ),
        Column(
            name="tier",
            kind=Kind.TEXT,
            aliases=_words(
                "tier|loyalty tier|tier name|current tier|member tier|membership tier|loyalty card|card type|level|member level|membership level|loyalty status|status level|grade|customer grade|account level",
                "会员等级|等级|客户级别|客户等级|会员级别|级别|卡类型|卡等级|会员卡类型",
            ),
        ),
        Column(
            name="birth_year",
            personal=True,
            kind=Kind.YEAR,
            aliases=_words(
                "birth year|year of birth|birthyear|date of birth|birth date|birthday|birthdate|dob", "出生年份|出生日期|生日|出生年"
            ),
        ),
        Column(name="gender", personal=True, kind=Kind.TEXT, aliases=_words("gender|sex", "性别")),
        Column(
            name="region",
            kind=Kind.TEXT,
            aliases=_words(
                "region|state|province|county|state province|mailing state|billing state|billing province|shipping province|country|country region|billing country|area|territory|"
                "billing address state province|default address province code|province name",
                "省|省份|所在省份|地区|区域|大区|注册地|国家",
            ),
        ),
        Column(
            name="city",
            personal=True,
            kind=Kind.TEXT,
            aliases=_words(
                "city|town|mailing city|billing city|billing address city|shipping city|default address city", "市|城市|所在城市|所在地市"
            ),
        ),
        Column(name="industry", kind=Kind.TEXT, aliases=_words("industry|sector", "行业|1级行业|一级行业|所属行业")),
        Column(
            name="acquisition_channel",
            kind=Kind.TEXT,
            aliases=_words(
                "acquisition channel|lead source|source|signup source|enrollment channel|enrolment channel|enrollment type|enrolment type|referral source|utm source",
                "来源|客户来源|来源渠道|来源站点|获客渠道|注册来源",
            ),
        ),
        Column(
            name="referred_by",
            personal=True,
            kind=Kind.ID,
            aliases=_words("referred by|referrer id|referredbyid|invited by", "推荐人|邀请人|介绍人"),
        ),
        Column(
            name="consent",
            kind=Kind.FLAG,
            aliases=_words(
                "consent|accepts marketing|accepts email marketing|marketing consent|email opt in|opt in|marketing opt in|canreceivepromotions",
                "接受营销|是否同意营销|营销授权",
            ),
        ),
        Column(
            name="opted_out",
            kind=Kind.FLAG,
            stored=False,
            aliases=_words("email opt out|opted out|unsubscribed|do not contact|拒收营销|退订"),
        ),
        Column(
            name="holdout",
            kind=Kind.FLAG,
            aliases=_words("holdout|hold out|control group|is control|group|withheld", "对照组|对照|保留组|实验组别"),
        ),
    ),
)

TRANSACTIONS = Table(
    name="transactions",
    grain="one row per order line, or per order where a source gives only that",
    key=("customer_id", "occurred_at"),
    columns=(
        Column(
            name="transaction_id",
            kind=Kind.ID,
            aliases=_words(
                "transaction id|order id|orderid|order no|order number|order|invoice|invoice no|invoiceno|invoice number|invoice id|receipt|receipt number|basket id|basket|"
                "bill no|ticket number|sale id|order name|deal id|trans id|order ref|purchase id|id",
                "订单编号|订单号|订单id|销售订单编号|单号|交易号|交易编号|流水号|小票号|单据编号",
            ),
        ),
        Column(name="line_no", kind=Kind.ID, aliases=_words("line no|line number|line|line item|lineno|order line|行号|序号")),
        _CUSTOMER,
        _at(
            "occurred at|date|order date|orderdate|transaction date|transaction timestamp|transaction time|invoice date|invoicedate|purchase date|purchased at|sale date|sold at|sales date|"
            "created at|datetime|timestamp|time stamp|paid at|order time|trans date|day|closing date|activity date|activitydate|order created at|date time|payment date|booking date|month|period",
            "日期|下单日期|下单时间|订单日期|订单时间|交易日期|交易时间|成交时间|成交日期|购买时间|购买日期|消费时间|消费日期|付款时间|订单付款时间|订单创建时间|创建时间|销售日期|支付时间|月份|月",
        ),
        Column(name="time", kind=Kind.TEXT, stored=False, aliases=_words("time|time of day|hour|时间")),
        _YEAR,
        _MONTH,
        Column(
            name="amount",
            kind=Kind.MONEY,
            strict=True,
            aliases=_words(
                "amount|net amount|line total|item total|line amount|lineitem total|net sales|sales|sales value|sales amount|total|order total|total amount|total price|order amount|revenue|net revenue|value|order value|spend|amount paid|paid amount|"
                "total sales|price paid|turnover|dollar value|dollars|grand total|subtotal|transaction amount|transactionamount|purchase amount|payment|amt|monetary|n revenue|invoice total|gross sales",
                "金额|小计|行金额|明细金额|订单金额|销售订单金额|实付金额|实际支付金额|买家实际支付金额|订单实付金额|商品实付金额|支付金额|付款金额|订单总额|订单总金额|成交金额|销售额|销售金额|消费金额|总金额|合计|实收金额|交易金额|总价|应付金额",
            ),
        ),
        Column(
            name="unit_price",
            kind=Kind.NUMBER,
            stored=False,
            strict=True,
            aliases=_words("unit price|unitprice|price|item price|price each|lineitem price|单价|价格|商品单价|成交单价"),
        ),
        Column(
            name="tax", kind=Kind.MONEY, stored=False, strict=True
        ),  # subtracted; never guessed by name, because many totals exclude it already
        Column(
            name="refunded",
            kind=Kind.MONEY,
            stored=False,
            strict=True,  # it changes the amount
            aliases=_words(
                "refunded amount|refund amount|order refund amount|refunds|amount refunded|partial refunds|refunded|已退款金额|已退款|退款金额|订单已退款金额|退款总额"
            ),
        ),
        Column(
            name="status",
            kind=Kind.TEXT,
            stored=False,
            aliases=_words("status|order status|financial status|payment status|state of order|订单状态|状态|交易状态|付款状态"),
        ),
        Column(
            name="cancelled_at",
            kind=Kind.TEXT,
            stored=False,
            aliases=_words("cancelled at|canceled at|cancelled on|cancellation time|取消时间|作废时间"),
        ),
        Column(name="currency", kind=Kind.TEXT, aliases=_words("currency|currency code|currencyisocode|order currency|币种|货币")),
        Column(name="rate", kind=Kind.NUMBER, stored=False, strict=True),  # which way it converts differs by exporter: known sources only
        Column(
            name="quantity",
            kind=Kind.NUMBER,
            strict=True,
            aliases=_words(
                "quantity|qty|units|items|item count|lineitem quantity|items sold|no of items|pieces|number of items|数量|件数|商品数量|宝贝总数量|销量"
            ),
        ),
        Column(
            name="list_price",
            kind=Kind.MONEY,
            aliases=_words("list price|compare at price|original price|rrp|msrp|regular price|base price|原价|标价|吊牌价|零售价"),
        ),
        Column(
            name="discount",
            kind=Kind.MONEY,
            aliases=_words(
                "discount|discount amount|discounts|markdown|coupon discount|retail disc|promotion discount|优惠金额|折扣金额|折扣|优惠|整单折扣"
            ),
        ),
        Column(
            name="margin", kind=Kind.MONEY, aliases=_words("margin|gross margin|gross profit|contribution margin|profit|毛利|利润|边际贡献")
        ),
        Column(
            name="cost",
            kind=Kind.MONEY,
            stored=False,
            aliases=_words("cost|cogs|cost of goods|cost of goods sold|unit cost total|成本|销售成本"),
        ),
        Column(
            name="product_id",
            kind=Kind.ID,
            aliases=_words(
                "product id|product code|sku|stock code|stockcode|item id|item code|product|product name|item|lineitem sku|upc|ean|article|productid|商品编号|商品编码|商品id|货号|产品编号|产品|商品|宝贝标题|商品名称"
            ),
        ),
        Column(
            name="category",
            kind=Kind.TEXT,
            aliases=_words(
                "category|product category|department|product type|item category|class|category name|product line|product group|类别|品类|分类|商品分类|商品类别|产品类别|类目"
            ),
        ),
        Column(
            name="channel",
            kind=Kind.TEXT,
            aliases=_words(
                "channel|sales channel|order channel|store type|purchase channel|platform|order source|store|store id|shop|branch|outlet|渠道|销售渠道|平台|店铺名称|门店|店铺|下单渠道"
            ),
        ),
        Column(
            name="promised_at",
            kind=Kind.TIME,
            aliases=_words(
                "promised at|promised delivery|estimated delivery|expected delivery date|due date|delivery date|promised date|交货日期|承诺交付时间|预计送达时间"
            ),
        ),
        Column(
            name="delivered_at",
            kind=Kind.TIME,
            aliases=_words(
                "delivered at|delivered on|delivery time|actual delivery|actual delivery date|fulfilled at|received at|shipped at|收货时间|送达时间|实际交付时间|签收时间"
            ),
        ),
        Column(
            name="opened_at",
            kind=Kind.TIME,
            aliases=_words(
                "deal opened at|deal opened on|deal created at|deal created time|deal created date|opportunity created at|opportunity opened at",
                "商机创建时间|商机创建日期|商机开始时间|商机开始日期",
            ),
        ),
        Column(
            name="kind",
            kind=Kind.CODE,
            aliases=_words("kind|transaction type|type|trans type|record type|交易类型|类型|单据类型"),
            values=(
                ("sale", _words("sale|purchase|order|invoice|payment|charge|销售|消费|购买|订单")),
                ("refund", _words("refund|return|credit|credit note|reversal|cancellation|chargeback|退款|退货|冲销")),
            ),
        ),
    ),
)

OPPORTUNITIES = Table(
    name="opportunities",
    grain="one row per deal that is open or lost",
    key=("customer_id",),
    columns=(
        Column(name="opportunity_id", kind=Kind.ID, aliases=_words("opportunity id|deal id|opportunity no|商机编号")),
        _CUSTOMER,
        Column(name="created_at", kind=Kind.TIME, aliases=_words("created at|created time|opened on|创建时间")),
        Column(
            name="closed_at", kind=Kind.TIME, aliases=_words("closed at|closing date|close date|expected close date|预计成交日期|结束时间")
        ),
        Column(name="stage", kind=Kind.TEXT, aliases=_words("stage|deal stage|sales stage|pipeline stage|阶段|商机阶段|销售阶段")),
        Column(name="amount", kind=Kind.MONEY, aliases=_words("opportunity amount|deal amount|expected revenue|商机金额|预计销售金额")),
    ),
)

POINTS = Table(
    name="points",
    grain="one row per movement of points",
    key=("customer_id", "occurred_at", "kind", "points"),
    columns=(
        _CUSTOMER,
        _at(
            "occurred at|date|activity date|activitydate|transaction date|posted at|points date|created at|datetime|month|period|积分时间|变动时间|变动日期|日期|发生时间|创建时间|月份|月"
        ),
        _YEAR,
        _MONTH,
        Column(
            name="kind",
            kind=Kind.CODE,
            aliases=_words(
                "kind|event type|eventtype|type|points type|movement|transaction type|activity type|变动类型|积分类型|类型|操作类型"
            ),
            values=(
                (
                    "earn",
                    _words(
                        "earn|earned|credit|accrual|accrue|accrued|issue|issued|award|awarded|bonus|add|获得|获取|增加|赠送|发放|累积|积累|收入"
                    ),
                ),
                (
                    "redeem",
                    _words("redeem|redeemed|redemption|debit|burn|burned|spend|spent|use|used|exchange|兑换|使用|消费|抵扣|扣减|支出|核销"),
                ),
                ("expire", _words("expire|expired|expiry|expiration|forfeit|lapse|过期|失效|到期|清零|作废")),
                (
                    "adjust",
                    _words("adjust|adjusted|adjustment|correction|manual|cancel redemption|cancellation|reversal|调整|修正|补录|冲正"),
                ),
            ),
        ),
        Column(
            name="points",
            kind=Kind.NUMBER,
            strict=True,
            aliases=_words(
                "points|point|points amount|miles|stars|coins|points change|point value change|积分|积分变动|变动积分|积分数|积分值|变动值"
            ),
        ),
        Column(
            name="earned",
            kind=Kind.NUMBER,
            stored=False,
            strict=True,
            aliases=_words("points earned|points accumulated|earned points|points accrued|earned|miles earned|获得积分|累计积分|新增积分"),
        ),
        Column(
            name="redeemed",
            kind=Kind.NUMBER,
            stored=False,
            strict=True,
            aliases=_words("points redeemed|redeemed points|points used|points spent|redeemed|miles redeemed|兑换积分|使用积分|消耗积分"),
        ),
        Column(
            name="expired", kind=Kind.NUMBER, stored=False, strict=True, aliases=_words("points expired|expired points|过期积分|失效积分")
        ),
        Column(name="value", kind=Kind.MONEY, aliases=_words("point value|face value|points value|redemption value|面值|积分价值")),
        Column(
            name="cost",
            kind=Kind.MONEY,
            aliases=_words("points cost|cost of points|dollar cost points redeemed|redemption cost|积分成本|兑换成本"),
        ),
        Column(
            name="category", kind=Kind.TEXT, aliases=_words("reward category|reward|reward type|redeemed for|奖励类别|兑换品类|兑换商品")
        ),
        Column(
            name="expires_on",
            kind=Kind.DATE,
            aliases=_words("expires on|expiry date|expirydate|expiration date|valid until|有效期|到期日|过期时间|失效日期"),
        ),
    ),
)

TIERS = Table(
    name="tiers",
    grain="one row per customer and spell in a tier",
    key=("customer_id", "tier", "valid_from"),
    columns=(
        _CUSTOMER,
        Column(
            name="tier",
            kind=Kind.TEXT,
            aliases=_words("tier|tier name|new tier|level|loyalty tier|loyaltytierid|name|等级|会员等级|新等级|级别"),
        ),
        Column(
            name="valid_from",
            kind=Kind.DATE,
            strict=True,
            aliases=_words(
                "valid from|effective date|effectivedate|from|start date|tier start|tier since|changed on|生效时间|生效日期|开始日期|变更时间|变更日期"
            ),
        ),
        Column(
            name="valid_to",
            kind=Kind.DATE,
            aliases=_words(
                "valid to|valid until|tier expiration date|tierexpirationdate|to|end date|tier end|失效时间|失效日期|结束日期|到期日期"
            ),
        ),
    ),
)

TIER_RULES = Table(
    name="tier_rules",
    grain="one row per tier",
    key=("tier", "rank"),
    columns=(
        Column(name="tier", kind=Kind.TEXT, strict=True, aliases=_words("tier|tier name|level|等级|会员等级|等级名称")),
        Column(
            name="rank",
            kind=Kind.NUMBER,
            strict=True,
            aliases=_words("rank|order|sequence|sequence number|sequencenumber|tier rank|排序|等级序号|级别序号|顺序"),
        ),
        Column(name="metric", kind=Kind.TEXT, aliases=_words("metric|measure|qualifying metric|based on|指标|升级指标|考核指标")),
        Column(
            name="threshold",
            kind=Kind.NUMBER,
            aliases=_words("threshold|minimum|min|minimum eligible balance|minimumeligiblebalance|required|门槛|升级门槛|最低要求"),
        ),
        Column(name="reviewed_on", kind=Kind.DATE, aliases=_words("reviewed on|last review|review date|复核日期|上次评审|评审日期")),
    ),
)

CONTACTS = Table(
    name="contacts",
    grain="one row per contact with a customer",
    key=("customer_id", "occurred_at"),
    columns=(
        _CUSTOMER,
        _at(
            "occurred at|sent at|sent on|contacted at|contact date|date|send time|call time|datetime|触达时间|发送时间|联系时间|沟通时间|跟进时间|日期"
        ),
        Column(
            name="channel",
            kind=Kind.TEXT,
            aliases=_words("contact channel|channel|medium|contact type|message type|触达渠道|渠道|联系方式|沟通方式"),
        ),
        Column(
            name="campaign_id",
            kind=Kind.ID,
            aliases=_words("campaign id|campaign|campaign name|campaign code|mailing|营销活动|活动编号|活动名称|活动id"),
        ),
        Column(name="cost", kind=Kind.MONEY, aliases=_words("contact cost|send cost|cost|触达成本|发送成本|费用")),
        Column(name="responded", kind=Kind.FLAG, aliases=_words("responded|response|clicked|converted|opened|是否响应|响应|是否点击|转化")),
        Column(name="opted_out", kind=Kind.FLAG, aliases=_words("opted out|opt out|unsubscribed|unsubscribe|是否退订|退订")),
        Column(
            name="handled_by",
            personal=True,
            kind=Kind.TEXT,
            aliases=_words("handled by|agent|handler|automation|sent by|处理方式|处理人|负责人"),
        ),
        Column(name="minutes", kind=Kind.NUMBER, aliases=_words("minutes|duration|handling time|handle time|处理时长|时长|耗时")),
    ),
)

EXPERIMENTS = Table(
    name="experiments",
    grain="one row per customer and experiment",
    key=("experiment_id", "customer_id", "arm"),
    columns=(
        Column(
            name="experiment_id",
            kind=Kind.ID,
            strict=True,
            aliases=_words("experiment id|experiment|test id|test name|实验编号|实验id|实验名称"),
        ),
        _CUSTOMER,
        Column(name="arm", kind=Kind.TEXT, aliases=_words("arm|variant|treatment|test group|cell|实验分组|分组|组别")),
        Column(
            name="assigned_at",
            kind=Kind.TIME,
            aliases=_words("assigned at|assigned on|assignment date|randomised at|randomized at|分组时间|分配时间"),
        ),
        Column(name="starts_on", kind=Kind.DATE, aliases=_words("starts on|start date|test start|开始日期|实验开始")),
        Column(name="ends_on", kind=Kind.DATE, aliases=_words("ends on|end date|test end|结束日期|实验结束")),
    ),
)

FEEDBACK = Table(
    name="feedback",
    grain="one row per survey answer, complaint, ticket or review",
    key=("customer_id", "occurred_at"),
    columns=(
        _CUSTOMER,
        _at(
            "occurred at|submitted at|survey date|response date|ticket created|opened at|review date|feedback date|created at|date|反馈时间|投诉时间|评价时间|提交时间|日期"
        ),
        Column(
            name="kind",
            kind=Kind.CODE,
            aliases=_words("feedback type|kind|survey type|ticket type|type|反馈类型|类型|工单类型"),
            values=(
                ("nps", _words("nps|net promoter|recommend|净推荐值|推荐度")),
                ("csat", _words("csat|satisfaction|survey|满意度|满意度调查")),
                ("complaint", _words("complaint|投诉|抱怨")),
                ("ticket", _words("ticket|case|request|question|工单|咨询|服务请求")),
                ("review", _words("review|rating|public review|评价|点评")),
            ),
        ),
        Column(
            name="score",
            kind=Kind.NUMBER,
            aliases=_words("score|rating|nps score|csat score|stars given|satisfaction score|评分|分数|得分|打分|满意度评分"),
        ),
        Column(name="expected", kind=Kind.NUMBER, aliases=_words("expected|expectation|expected score|期望|期望分|期望评分")),
        Column(
            name="topic", kind=Kind.TEXT, aliases=_words("topic|subject|reason|issue type|complaint reason|主题|投诉原因|问题类型|原因")
        ),
        Column(
            name="text",
            personal=True,
            kind=Kind.TEXT,
            aliases=_words("text|comment|comments|feedback|review text|message|verbatim|内容|评论|评价内容|投诉内容|反馈内容|意见"),
        ),
        Column(
            name="answered_at",
            kind=Kind.TIME,
            aliases=_words("answered at|first response|first response at|replied at|responded at|回复时间|首次响应时间|答复时间"),
        ),
        Column(
            name="resolved_at",
            kind=Kind.TIME,
            aliases=_words("resolved at|closed at|solved at|resolution date|解决时间|关闭时间|处理完成时间"),
        ),
        Column(
            name="department", kind=Kind.TEXT, aliases=_words("department|team|owner team|responsible department|责任部门|部门|处理部门")
        ),
    ),
)

BENEFITS = Table(
    name="benefits",
    grain="one row per benefit promised to a customer",
    key=("customer_id", "benefit"),
    columns=(
        _CUSTOMER,
        Column(
            name="benefit",
            kind=Kind.TEXT,
            strict=True,
            aliases=_words("benefit|benefit name|perk|privilege|entitlement|权益|权益名称|特权|礼遇"),
        ),
        Column(name="promised_at", kind=Kind.TIME, aliases=_words("promised at|due at|due on|promised on|应发时间|承诺时间|应兑现时间")),
        Column(
            name="delivered_at",
            kind=Kind.TIME,
            aliases=_words("delivered at|delivered on|granted at|issued at|fulfilled at|发放时间|兑现时间|实际发放时间"),
        ),
        Column(name="cost", kind=Kind.MONEY, aliases=_words("benefit cost|cost|权益成本|成本")),
    ),
)

COSTS = Table(
    name="costs",
    grain="one row per month, category and supplier",
    key=("month", "category", "amount"),
    columns=(
        Column(name="month", kind=Kind.DATE, strict=True, aliases=_words("month|cost month|period|date|月份|月|期间|日期")),
        Column(
            name="category",
            kind=Kind.TEXT,
            aliases=_words("cost category|category|cost type|cost item|budget line|费用类别|成本类别|费用类型|科目"),
        ),
        Column(name="supplier", kind=Kind.TEXT, aliases=_words("supplier|vendor|supplier name|供应商|服务商")),
        Column(name="amount", kind=Kind.MONEY, strict=True, aliases=_words("cost amount|amount|cost|expense|费用金额|金额|成本|费用")),
    ),
)

TARGETS = Table(
    name="targets",
    grain="one row per figure and month",
    key=("kpi", "month", "value"),
    columns=(
        Column(name="kpi", kind=Kind.TEXT, aliases=_words("kpi|indicator|target name|指标|目标名称|考核指标")),
        Column(name="month", kind=Kind.DATE, strict=True, aliases=_words("month|target month|period|月份|月|期间")),
        Column(name="value", kind=Kind.NUMBER, strict=True, aliases=_words("target|target value|plan|goal|budget|目标值|目标|计划|计划值")),
    ),
)

EVENTS = Table(
    name="events",
    grain="one row per event",
    key=("date", "text"),
    columns=(
        Column(name="date", kind=Kind.DATE, strict=True, aliases=_words("event date|date|occurred on|事件日期|日期|发生日期")),
        Column(name="kind", kind=Kind.TEXT, aliases=_words("event kind|event type|kind|type|事件类型|类型")),
        Column(name="text", kind=Kind.TEXT, aliases=_words("event|event text|description|what happened|note|事件|事件说明|说明|描述")),
    ),
)

OUTCOMES = Table(
    name="outcomes",
    grain="one row per customer of a snapshot without dates",
    key=("customer_id", "churned"),
    columns=(
        _CUSTOMER,
        Column(
            name="churned",
            kind=Kind.FLAG,
            strict=True,
            aliases=_words(
                "churn|churned|churn label|churn value|exited|attrited|attrition|is churned|attrition flag|left|是否流失|流失|流失标签"
            ),
        ),
        Column(name="attributes", kind=Kind.TEXT, personal=True),  # a snapshot's other columns, none that names anybody, as one JSON object
    ),
)

TABLES: tuple[Table, ...] = (
    CUSTOMERS,
    TRANSACTIONS,
    OPPORTUNITIES,
    POINTS,
    TIERS,
    TIER_RULES,
    CONTACTS,
    EXPERIMENTS,
    FEEDBACK,
    BENEFITS,
    COSTS,
    TARGETS,
    EVENTS,
    OUTCOMES,
)
BY_NAME = {table.name: table for table in TABLES}

PERSONAL_COLUMNS = frozenset(column.name for table in TABLES for column in table.columns if column.personal)

# What tells a person: kind -> names of columns. Left out at import unless the column is the key that joins files.
PERSONAL: dict[str, tuple[str, ...]] = {
    "name": _words(
        "name|first name|last name|full name|customer name|contact name|surname|given name|username|nickname|billing name|shipping name|salutation|account name|company name|company",
        "姓名|真实姓名|客户名称|客户姓名|会员名|会员昵称|昵称|收货人|收货人姓名|联系人|买家会员名|买家昵称|会员姓名|下单帐号|下单账号|买家账号",
    ),
    "email": _words("email|e mail|email address|secondary email|billing email|customer email|mail", "邮箱|邮箱地址|邮件|电子邮箱|电子邮件"),
    "phone": _words(
        "phone|mobile|telephone|fax|tel|phone number|mobile phone|billing phone|shipping phone|default address phone|cell|whatsapp",
        "电话|手机|手机号|买家手机号|手机号码|移动电话|联系电话|联系手机|收货人电话|传真|qq|微信|微信号",
    ),
    "address": _words(
        "address|street|mailing street|billing street|shipping street|billing address1|billing address2|shipping address1|shipping address2|address1|address2|zip|postal code|postcode|mailing zip|"
        "billing zip|shipping zip|billing code|default address address1|default address address2|default address zip",
        "地址|详细地址|收货地址|联系地址|修改后的收货地址|邮编|定位",
    ),
    "id_number": _words(
        "ssn|national id|passport|id card|id number|tax id|iban|card pan|pan suffix",
        "身份证|身份证号|证件号|证件号码|护照|护照号|买家支付宝账号|支付宝账号",
    ),
}


def columns() -> Iterator[tuple[Table, Column]]:
    """Every column of every table."""
    for table in TABLES:
        for column in table.columns:
            yield table, column


def heading(column: Column, language: str) -> str:
    """The column's first name in the language: aliases list the English names first, then the Chinese ones."""
    chinese = [alias for alias in column.aliases if not alias.isascii()]
    return chinese[0] if language == "zh-CN" and chinese else column.aliases[0]
