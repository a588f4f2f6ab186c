"""What differs between the two languages: words, currency, price level. People, days and quantities are the same."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """One language's words, each tuple in the order of the simulated codes. `level` multiplies money and points."""

    language: str
    encoding: str
    currency: str
    level: int
    regions: tuple[str, ...]
    cities: tuple[tuple[str, ...], ...]
    channels: tuple[str, ...]
    categories: tuple[str, ...]
    sources: tuple[str, ...]
    genders: tuple[str, ...]
    industries: tuple[str, ...]
    tiers: tuple[str, ...]
    yes_no: tuple[str, str]
    sales: tuple[str, str]
    movements: tuple[str, ...]  # earn, redeem, expire, adjust
    rewards: tuple[str, ...]
    stages: tuple[str, ...]  # three open ones, lost
    media: tuple[str, ...]
    handlers: tuple[str, str]
    arms: tuple[str, str]
    experiment: str
    feedback: tuple[str, ...]  # nps, csat, complaint, ticket, review
    departments: tuple[str, ...]
    benefits: tuple[str, ...]
    costs: tuple[str, ...]
    suppliers: tuple[str, ...]
    kpis: tuple[str, ...]
    metric: str
    invoices: tuple[str, str]
    events: tuple[tuple[str, str, str], ...]  # date, kind, text
    headers: dict[str, tuple[str, ...]]


ENGLISH = Words(
    language="en",
    encoding="utf-8",
    currency="GBP",
    level=1,
    regions=("London", "Midlands", "North West", "Scotland", "Wales"),
    cities=(
        ("London", "Croydon", "Watford"),
        ("Birmingham", "Nottingham", "Leicester"),
        ("Manchester", "Liverpool", "Preston"),
        ("Glasgow", "Edinburgh", "Dundee"),
        ("Cardiff", "Swansea", "Newport"),
    ),
    channels=("Store", "Online shop", "App", "Office sales"),
    categories=("Coffee", "Tea", "Brewing gear", "Cups and mugs", "Gift boxes", "Biscuits and chocolate"),
    sources=("Store visit", "Search", "Social media", "Voucher site", "Recommended by a friend"),
    genders=("Female", "Male", "Not stated"),
    industries=("Professional services", "Technology", "Education", "Healthcare", "Public sector", "Hospitality"),
    tiers=("Bronze", "Silver", "Gold", "Platinum", "Diamond"),
    yes_no=("yes", "no"),
    sales=("sale", "refund"),
    movements=("earn", "redeem", "expire", "adjust"),
    rewards=("Voucher", "Product", "Gift", "Donation"),
    stages=("Qualification", "Proposal", "Negotiation", "Closed Lost"),
    media=("E-mail", "App push", "Text message", "Phone call"),
    handlers=("auto", "agent"),
    arms=("control", "treated"),
    experiment="Summer tasting 2026",
    feedback=("nps", "csat", "complaint", "ticket", "review"),
    departments=("Logistics", "Product", "Loyalty team", "Finance", "Digital"),
    benefits=("Welcome gift", "Birthday gift", "Tasting evening", "Free express delivery", "Personal roast"),
    costs=("Rewards", "Benefits", "Platform", "Staff", "Communication", "Customer acquisition", "Other marketing"),
    suppliers=("Own stock", "Partner gifts", "Loyalty software house", "Payroll", "Messaging service", "Media agency", "Print and events"),
    kpis=("net_sales", "active_customers", "points_redeemed"),
    metric="net sales of the last 12 months",
    invoices=("Post", "E-mail"),
    events=(
        ("2024-11-01", "programme", "Points programme with five tiers starts; paper stamp cards end"),
        ("2025-05-01", "campaign", "Welcome programme for new customers, May and June"),
        ("2025-09-01", "price", "Brewing gear gets dearer"),
        ("2025-11-24", "campaign", "Black Friday week"),
        ("2026-01-15", "competitor", "A coffee chain opens 12 shops in London and the Midlands"),
        ("2026-03-02", "supply", "Warehouse failure, five weeks of short supply"),
        ("2026-05-15", "campaign", "Summer tasting campaign, half of the selected customers withheld"),
        ("2026-06-01", "rule change", "Paid posts on social media end"),
    ),
    headers={
        "customers": (
            "Customer ID",
            "Customer since",
            "Member",
            "Enrolment date",
            "Membership end date",
            "Tier",
            "Birth year",
            "Gender",
            "Region",
            "City",
            "Industry",
            "Acquisition channel",
            "Referred by",
            "Marketing consent",
        ),
        "transactions": (
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
            "Promised at",
            "Delivered at",
            "Deal opened at",
            "Type",
        ),
        "opportunities": ("Opportunity ID", "Customer ID", "Created at", "Close date", "Stage", "Opportunity amount"),
        "points": ("Customer ID", "Points date", "Event type", "Points", "Face value", "Points cost", "Reward category", "Expires on"),
        "tiers": ("Customer ID", "Tier", "Valid from", "Valid to"),
        "tier_rules": ("Tier", "Rank", "Metric", "Threshold", "Reviewed on"),
        "contacts": (
            "Customer ID",
            "Sent at",
            "Contact channel",
            "Campaign ID",
            "Contact cost",
            "Responded",
            "Unsubscribed",
            "Handled by",
            "Minutes",
        ),
        "experiments": ("Experiment", "Customer ID", "Arm", "Assigned at", "Starts on", "Ends on"),
        "feedback": (
            "Customer ID",
            "Submitted at",
            "Feedback type",
            "Score",
            "Expected score",
            "Topic",
            "Comment",
            "First response at",
            "Resolved at",
            "Department",
        ),
        "benefits": ("Customer ID", "Benefit", "Promised at", "Delivered at", "Benefit cost"),
        "costs": ("Month", "Cost category", "Supplier", "Cost amount"),
        "targets": ("KPI", "Month", "Target"),
        "events": ("Event date", "Event kind", "Event"),
        "outcomes": (
            "Customer ID",
            "Contract length in months",
            "Deliveries per month",
            "Price change",
            "Late deliveries",
            "Invoice by",
            "Churned",
        ),
    },
)

CHINESE = Words(
    language="zh-CN",
    encoding="utf-8-sig",  # Excel reads Chinese text only with the mark in front
    currency="CNY",
    level=8,
    regions=("华东", "华南", "华北", "西南", "华中"),
    cities=(
        ("上海", "杭州", "南京"),
        ("广州", "深圳", "厦门"),
        ("北京", "天津", "济南"),
        ("成都", "重庆", "昆明"),
        ("武汉", "长沙", "郑州"),
    ),
    channels=("门店", "网店", "小程序", "企业销售"),
    categories=("咖啡", "茶叶", "冲泡器具", "杯具", "礼盒", "饼干与巧克力"),
    sources=("到店", "搜索", "社交媒体", "优惠券网站", "老客推荐"),
    genders=("女", "男", "未填"),
    industries=("专业服务", "科技", "教育", "医疗", "公共机构", "酒店餐饮"),
    tiers=("普卡", "银卡", "金卡", "白金卡", "钻石卡"),
    yes_no=("是", "否"),
    sales=("销售", "退款"),
    movements=("获得", "兑换", "过期", "调整"),
    rewards=("代金券", "商品", "礼品", "公益捐赠"),
    stages=("需求确认", "方案报价", "商务谈判", "输单"),
    media=("邮件", "小程序推送", "短信", "电话"),
    handlers=("自动", "人工"),
    arms=("对照组", "实验组"),
    experiment="2026年夏季品鉴",
    feedback=("净推荐值", "满意度调查", "投诉", "工单", "评价"),
    departments=("物流", "商品", "会员运营", "财务", "数字产品"),
    benefits=("入会礼", "生日礼", "品鉴会", "免费极速配送", "专属烘焙"),
    costs=("积分与奖励", "会员权益", "技术平台", "人员", "沟通触达", "获客", "其他市场费用"),
    suppliers=("自有商品", "礼品合作方", "会员系统供应商", "工资", "消息服务商", "媒介代理", "印刷与活动"),
    kpis=("净销售额", "活跃客户数", "兑换积分"),
    metric="近12个月净销售额",
    invoices=("邮寄", "电子邮件"),
    events=(
        ("2024-11-01", "会员计划", "五级积分会员计划上线，集章卡停用"),
        ("2025-05-01", "营销活动", "新客欢迎计划，5月和6月"),
        ("2025-09-01", "调价", "冲泡器具涨价"),
        ("2025-11-24", "营销活动", "黑色星期五一周"),
        ("2026-01-15", "竞争对手", "某咖啡连锁在华东和华南新开12家店"),
        ("2026-03-02", "供应", "仓库故障，供货紧张五周"),
        ("2026-05-15", "营销活动", "夏季品鉴活动，入选客户中保留一半作对照"),
        ("2026-06-01", "规则调整", "停止社交媒体付费投放"),
    ),
    headers={
        "customers": (
            "客户编号",
            "注册日期",
            "是否会员",
            "入会日期",
            "退会日期",
            "会员等级",
            "出生年份",
            "性别",
            "地区",
            "城市",
            "行业",
            "获客渠道",
            "推荐人",
            "是否同意营销",
        ),
        "transactions": (
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
            "承诺交付时间",
            "实际交付时间",
            "商机创建时间",
            "类型",
        ),
        "opportunities": ("商机编号", "客户编号", "创建时间", "结束时间", "商机阶段", "商机金额"),
        "points": ("客户编号", "积分时间", "变动类型", "变动积分", "面值", "积分成本", "奖励类别", "到期日"),
        "tiers": ("客户编号", "会员等级", "生效日期", "失效日期"),
        "tier_rules": ("等级名称", "等级序号", "考核指标", "升级门槛", "评审日期"),
        "contacts": ("客户编号", "发送时间", "触达渠道", "活动编号", "触达成本", "是否响应", "是否退订", "处理方式", "处理时长"),
        "experiments": ("实验名称", "客户编号", "实验分组", "分组时间", "开始日期", "结束日期"),
        "feedback": (
            "客户编号",
            "反馈时间",
            "反馈类型",
            "评分",
            "期望评分",
            "问题类型",
            "反馈内容",
            "首次响应时间",
            "解决时间",
            "责任部门",
        ),
        "benefits": ("客户编号", "权益名称", "承诺时间", "兑现时间", "权益成本"),
        "costs": ("月份", "费用类别", "供应商", "费用金额"),
        "targets": ("指标", "月份", "目标值"),
        "events": ("事件日期", "事件类型", "事件说明"),
        "outcomes": ("客户编号", "合同月数", "每月送货次数", "价格变动", "延迟送货次数", "发票寄送方式", "是否流失"),
    },
)

LANGUAGES = {words.language: words for words in (ENGLISH, CHINESE)}
