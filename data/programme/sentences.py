"""What customers write, by language: for each topic what a content and what a discontented customer says."""

from __future__ import annotations

# Topics in the order of feedback.TOPICS, unequal treatment last.
TOPICS = {
    "en": ("Delivery", "Product", "Points and rewards", "Billing", "App", "Unequal treatment"),
    "zh-CN": ("配送", "商品", "积分与奖励", "账单", "小程序", "区别对待"),
}

Said = tuple[tuple[str, ...], tuple[str, ...]]

ENGLISH: tuple[Said, ...] = (
    (
        ("Arrived a day early and well packed.", "The driver left it with my neighbour, as I had asked.", "Fast delivery, thank you."),
        (
            "My order came four days late and nobody told me.",
            "The box was wet and two cups were broken.",
            "Tracking has said 'on its way' for a week.",
        ),
    ),
    (
        (
            "The new Ethiopian roast is the best you have had.",
            "Lovely oolong, I have already ordered more.",
            "The grinder is quiet and easy to clean.",
        ),
        ("The beans were roasted two months ago.", "The mug chipped in the first week.", "This tea does not taste as it did last year."),
    ),
    (
        ("Used my points for a gift box, very easy.", "The birthday gift was a nice surprise.", "I like that points show on the receipt."),
        ("My points expired and I had no warning.", "The reward I was promised never came.", "Too few rewards I would actually use."),
    ),
    (
        ("The refund was back on my card in two days.", "Invoice came at once, as our office needs it.", "Clear receipt, nothing to add."),
        (
            "I was charged twice for one order.",
            "The discount was not taken off at the till.",
            "I have asked three times for a proper invoice.",
        ),
    ),
    (
        (
            "Ordering ahead in the app saves me ten minutes every morning.",
            "The new app finds my usual order at once.",
            "Works well on my old phone.",
        ),
        ("The app logs me out every day.", "I cannot see my points since the update.", "Payment in the app failed twice."),
    ),
    (
        ("I was told why the offer was different, fair enough.",),
        (
            "My friend gets a bigger discount on the same gift box although I have bought here for years.",
            "New customers are treated better than regulars, that is unfair.",
            "Why do others in my tier wait a day for an answer and I wait three?",
        ),
    ),
)

CHINESE: tuple[Said, ...] = (
    (
        ("比预计早到一天，包装很好。", "按我的要求放在邻居家，很周到。", "送货很快，谢谢。"),
        ("晚了四天才到，也没人通知我。", "箱子湿了，两个杯子碎了。", "物流一周都显示“运输中”。"),
    ),
    (
        ("新的埃塞俄比亚豆是喝过最好的一款。", "乌龙茶很香，已经回购。", "磨豆机安静，也好清洗。"),
        ("豆子是两个月前烘的。", "杯子用了一周就掉瓷。", "这款茶和去年的味道不一样了。"),
    ),
    (
        ("用积分换了礼盒，很方便。", "生日礼是个惊喜。", "小票上能看到积分，很好。"),
        ("积分过期了，事先没有提醒。", "说好的奖励一直没到。", "想换的东西太少。"),
    ),
    (
        ("退款两天就到账了。", "发票马上就开了，正好公司要用。", "小票清楚，没问题。"),
        ("一笔订单扣了两次款。", "结账时没有减去优惠。", "要了三次发票还没给。"),
    ),
    (
        ("用小程序提前下单，每天早上省十分钟。", "新版小程序一下就能找到常点的那款。", "旧手机上也很流畅。"),
        ("小程序每天都要重新登录。", "更新之后看不到积分。", "小程序里付款失败了两次。"),
    ),
    (
        ("解释了优惠不同的原因，可以接受。",),
        (
            "买了好几年，同一款礼盒朋友的折扣却比我多。",
            "新客比老客待遇好，不公平。",
            "同样等级，别人一天就有回复，我要等三天。",
        ),
    ),
)

SAID = {"en": ENGLISH, "zh-CN": CHINESE}


def sentence(language: str, topic: int, content: bool, draw: int) -> str:
    choices = SAID[language][topic][0 if content else 1]
    return choices[draw % len(choices)]
