"""The plain writer's wordings, by language, kind and part.

Each part has those that are taken in turn, so that variants differ, and those for what does not fit them,
the shortest last. {facts} stands for a list of facts, {fact} for one, {history} for what the customer likes,
{count} for the number of products; a wording is used only where the sheet has what it names. No verb has
{name} as its subject.
"""

from generation.texts.kinds import Kind

Choices = tuple[tuple[str, ...], tuple[str, ...]]
Wordings = dict[Kind, dict[str, Choices]]

POST: Choices = (
    (
        "Take a look at {name}: {facts}.",
        "Meet {name}: {facts}. See it in our shop.",
        "What you get with {name}: {facts}.",
    ),
    ("Take a look at {name} in our shop.", "{name}.", "Take a look in our shop."),
)
SHORT_HEADING: Choices = (
    ("{discount}: {name}", "Meet {name}", "{fact}"),
    ("{name}", "{discount} in our shop", "{discount}", "{fact}", "Take a look", "For you"),
)
DESCRIPTION: Choices = (
    ("{name}: {facts}.", "Take a look at {name}: {facts}.", "Find {name} in our shop: {facts}."),
    ("Find {name} in our shop.", "{name}.", "See it in our shop."),
)
LONG_HEADING: Choices = (
    ("{name}: {facts}", "Take a look at {name}: {facts}", "What you get with {name}: {facts}"),
    ("Take a look at {name}", "{name}", "{fact}", "Take a look in our shop"),
)
HELLO: Choices = (
    ("Meet {name}", "Say hello to {name}", "Time for {name}"),
    ("{name}", "{fact}", "A look at our shop", "For you"),
)

ENGLISH: Wordings = {
    Kind.EMAIL: {
        "subject": (
            ("{name}: {discount}", "{discount} for you: {name}", "A good time for {name}"),
            ("Meet {name}", "{discount} for you", "{fact}", "For you"),
        ),
        "preheader": (
            ("{facts}", "What you get: {facts}", "In our shop: {facts}"),
            ("See it in our shop", "Take a look"),
        ),
        "headline": HELLO,
        "body": (
            (
                "Take a look at {name}: {facts}. See it in our shop.",
                "Here is what you get with {name}: {facts}.",
                "We would like you to meet {name}: {facts}. See it in our shop.",
            ),
            ("Have a look at {name} in our shop.", "Have a look in our shop."),
        ),
    },
    Kind.SMS: {
        "text": (
            ("For you: {name}, {facts}.", "Take a look at {name}: {facts}.", "{name}: {facts}."),
            ("Take a look at {name}.", "For you: {name}.", "For you."),
        )
    },
    Kind.PUSH: {
        "title": (
            ("{discount}: {name}", "{discount} for you", "Meet {name}"),
            ("For you: {name}", "{discount}", "{fact}", "For you"),
        ),
        "text": (
            ("Take a look at {name}: {facts}.", "{name}: {facts}.", "What you get with {name}: {facts}."),
            ("Take a look at {name}.", "{name}.", "Take a look."),
        ),
    },
    Kind.SUBJECTS: {
        "plain": (
            ("{name}: {discount}", "Meet {name}", "{name} in our shop"),
            ("{name}", "{discount} in our shop", "A look at our shop"),
        ),
        "question": (
            ("Have you met {name}?", "Looking for {name}?", "Time for {name}?"),
            ("Looking for {fact}?", "Time for a look?"),
        ),
        "detail": (
            ("{facts}", "{name}: {facts}", "What you get: {facts}"),
            ("With {name}: {discount}", "See it in our shop"),
        ),
        "short": (("For you", "{discount}", "Take a look"), ("Hello",)),
    },
    Kind.SOCIAL_X: {"text": POST},
    Kind.SOCIAL_FACEBOOK: {
        "text": (
            (
                "Have a look at {name}: {facts}. See it in our shop.",
                "Say hello to {name}: {facts}.",
                "Here is {name} for you: {facts}. Take a look in our shop.",
            ),
            POST[1],
        )
    },
    Kind.SOCIAL_INSTAGRAM: {
        "text": (
            (
                "Hello, {name}! What you get: {facts}.",
                "Look at {name}: {facts}.",
                "Here it is: {name}, {facts}.",
            ),
            POST[1],
        )
    },
    Kind.SOCIAL_LINKEDIN: {
        "text": (
            (
                "We would like you to meet {name}: {facts}. See it in our shop.",
                "What you get with {name}: {facts}. Take a look in our shop.",
                "Get to know {name}: {facts}.",
            ),
            POST[1],
        )
    },
    Kind.SOCIAL_PINTEREST: {"title": LONG_HEADING, "text": POST},
    Kind.WEIBO: {"text": POST},
    Kind.XIAOHONGSHU: {
        "title": (("Meet {name}", "{fact}", "{name}"), ("Take a look", "For you")),
        "text": POST,
    },
    Kind.SEARCH_AD: {
        "headline": (
            ("{discount}: {name}", "Meet {name}", "{fact}"),
            ("{discount} in our shop", "{fact}", "Take a look"),
        ),
        "description": (
            ("{name}: {facts}.", "Take a look: {facts}.", "What you get: {facts}."),
            ("Find {name} in our shop.", "{name}.", "See it in our shop."),
        ),
    },
    Kind.DISPLAY_AD: {"headline": SHORT_HEADING, "long_headline": LONG_HEADING, "description": DESCRIPTION},
    Kind.PRODUCT: {
        "title": (("{name}: {fact}", "{name}", "{name}, {fact}"), ("{fact}", "In our shop")),
        "text": (
            (
                "What you get with {name}: {facts}.",
                "Take a look at {name}: {facts}.",
                "{name}: {facts}. See it in our shop.",
            ),
            ("{name}, in our shop.", "{name}.", "Take a look in our shop."),
        ),
    },
    Kind.CATEGORY: {
        "text": (
            (
                "{count} to choose from in {name}: {facts}.",
                "In {name} you find {count}: {facts}.",
                "Looking for {name}? Choose from {count}: {facts}.",
            ),
            (
                "Take a look at {name}: {facts}.",
                "Find {count} in {name}.",
                "Find {name} in our shop.",
                "Take a look in our shop.",
            ),
        )
    },
    Kind.SEO: {
        "title": (("{name}: {fact}", "{name}", "{name} in our shop"), ("{fact}", "Find it in our shop")),
        "description": (
            (
                "Take a look at {name}: {facts}.",
                "Find {name} in our shop: {facts}.",
                "What you get with {name}: {facts}.",
            ),
            ("Find {name} in our shop.", "{name}.", "Take a look in our shop."),
        ),
    },
    Kind.LANDING: {
        "headline": HELLO,
        "text": (
            (
                "What you get with {name}: {facts}.",
                "Take a look at {name}: {facts}. See it in our shop.",
                "Here is {name} for you: {facts}.",
            ),
            ("Take a look at {name} in our shop.", "{name}.", "Take a look in our shop."),
        ),
    },
    Kind.PROMOTION: {
        "headline": (
            ("{discount} for you", "{name}: {discount}", "{discount} in our shop"),
            ("Meet {name}", "{discount}", "{fact}", "For you"),
        ),
        "text": (
            ("For you: {name}, {facts}.", "Take a look at {name}: {facts}.", "{name}: {facts}."),
            ("Take a look at {name}.", "For you: {name}.", "In our shop."),
        ),
    },
    Kind.OFFER: {
        "text": (
            (
                "Because you like {history}: {name}, {facts}.",
                "For you: {name}, {facts}.",
                "Take a look at {name}: {facts}.",
                "We think you will like {name}: {facts}.",
            ),
            ("For you: {name}.", "{name}.", "For you."),
        )
    },
}

CHINESE_POST: Choices = (
    ("来看看{name}：{facts}。", "{name}，{facts}。欢迎到店选购。", "为{you}推荐{name}：{facts}。"),
    ("欢迎选购{name}。", "{name}。", "欢迎选购。"),
)
CHINESE_SHORT: Choices = (
    ("{name}，{discount}", "来看看{name}", "{fact}"),
    ("{name}", "{discount}", "{fact}", "欢迎选购"),
)
CHINESE_LONG: Choices = (
    ("{name}：{facts}", "来看看{name}：{facts}", "为{you}推荐{name}：{facts}"),
    ("来看看{name}", "{name}", "{fact}", "欢迎到店选购"),
)
CHINESE_HELLO: Choices = (
    ("认识一下{name}", "来看看{name}", "{name}在这里"),
    ("{name}", "{fact}", "来看看", "欢迎选购"),
)

CHINESE: Wordings = {
    Kind.EMAIL: {
        "subject": (
            ("{name}，{discount}", "为{you}准备的{discount}：{name}", "来看看{name}"),
            ("{discount}", "{fact}", "为{you}推荐"),
        ),
        "preheader": (
            ("{facts}", "特点：{facts}", "店里就有：{facts}"),
            ("欢迎到店选购", "看一看"),
        ),
        "headline": CHINESE_HELLO,
        "body": (
            (
                "为{you}介绍{name}：{facts}。",
                "{name}的特点：{facts}。欢迎到店选购。",
                "一起来认识{name}：{facts}。",
            ),
            ("欢迎选购{name}。", "欢迎选购。"),
        ),
    },
    Kind.SMS: {
        "text": (
            ("{name}：{facts}。", "为{you}推荐{name}：{facts}。", "来看看{name}：{facts}。"),
            ("为{you}推荐{name}。", "{name}。", "欢迎选购。"),
        )
    },
    Kind.PUSH: {
        "title": (
            ("{name}，{discount}", "为{you}准备的{discount}", "来看看{name}"),
            ("{name}", "{discount}", "{fact}", "为{you}推荐"),
        ),
        "text": (
            ("来看看{name}：{facts}。", "{name}：{facts}。", "为{you}推荐{name}：{facts}。"),
            ("为{you}推荐{name}。", "{name}。", "欢迎选购。"),
        ),
    },
    Kind.SUBJECTS: {
        "plain": (
            ("{name}，{discount}", "来看看{name}", "店里的{name}"),
            ("{name}", "{discount}", "来店里看看"),
        ),
        "question": (
            ("认识{name}了吗？", "想看看{name}吗？", "在找{name}吗？"),
            ("在找{fact}吗？", "来看看吗？"),
        ),
        "detail": (
            ("{facts}", "{name}：{facts}", "特点：{facts}"),
            ("{name}可享{discount}", "欢迎到店选购"),
        ),
        "short": (("为{you}推荐", "{discount}", "看一看"), ("你好",)),
    },
    Kind.SOCIAL_X: {"text": CHINESE_POST},
    Kind.SOCIAL_FACEBOOK: {
        "text": (
            (
                "为{you}介绍{name}：{facts}。欢迎到店选购。",
                "认识一下{name}：{facts}。",
                "{name}来了：{facts}。",
            ),
            CHINESE_POST[1],
        )
    },
    Kind.SOCIAL_INSTAGRAM: {
        "text": (
            ("看看{name}：{facts}。", "这就是{name}：{facts}。", "{name}，{facts}。"),
            CHINESE_POST[1],
        )
    },
    Kind.SOCIAL_LINKEDIN: {
        "text": (
            (
                "为{you}介绍{name}：{facts}。欢迎到店了解。",
                "{name}的特点：{facts}。",
                "一起来认识{name}：{facts}。",
            ),
            CHINESE_POST[1],
        )
    },
    Kind.SOCIAL_PINTEREST: {"title": CHINESE_LONG, "text": CHINESE_POST},
    Kind.WEIBO: {"text": CHINESE_POST},
    Kind.XIAOHONGSHU: {
        "title": (("来看看{name}", "{name}：{fact}", "{fact}"), ("{name}", "来看看", "推荐")),
        "text": (
            (
                "今天来看看{name}：{facts}。",
                "{name}的特点：{facts}。喜欢就来店里看看吧。",
                "认识一下{name}：{facts}。",
            ),
            CHINESE_POST[1],
        ),
    },
    Kind.SEARCH_AD: {
        "headline": (
            ("{name}，{discount}", "来看看{name}", "{fact}"),
            ("{discount}", "{fact}", "欢迎选购"),
        ),
        "description": (
            ("{name}：{facts}。", "为{you}推荐：{facts}。", "特点：{facts}。"),
            ("欢迎选购{name}。", "{name}。", "欢迎到店选购。"),
        ),
    },
    Kind.DISPLAY_AD: {
        "headline": CHINESE_SHORT,
        "long_headline": CHINESE_LONG,
        "description": (
            ("{name}：{facts}。", "为{you}推荐{name}：{facts}。", "{name}的特点：{facts}。"),
            ("欢迎选购{name}。", "{name}。", "欢迎到店看看。"),
        ),
    },
    Kind.PRODUCT: {
        "title": (("{name}：{fact}", "{name}", "{name}，{fact}"), ("{fact}", "店内商品")),
        "text": (
            ("{name}的特点：{facts}。", "{name}：{facts}。", "关于{name}：{facts}。"),
            ("欢迎选购{name}。", "{name}。", "欢迎选购。"),
        ),
    },
    Kind.CATEGORY: {
        "text": (
            (
                "{name}共有{count}可选：{facts}。",
                "来{name}看看：{count}，{facts}。",
                "想找{name}？{count}任{you}挑选：{facts}。",
            ),
            ("来看看{name}：{facts}。", "{name}共有{count}可选。", "欢迎选购{name}。", "欢迎选购。"),
        )
    },
    Kind.SEO: {
        "title": (("{name}：{fact}", "{name}", "{name}，欢迎选购"), ("{fact}", "欢迎选购")),
        "description": (
            ("{name}：{facts}。欢迎选购。", "来看看{name}：{facts}。", "{name}的特点：{facts}。"),
            ("欢迎选购{name}。", "{name}。", "欢迎到店选购。"),
        ),
    },
    Kind.LANDING: {
        "headline": CHINESE_HELLO,
        "text": (
            (
                "{name}的特点：{facts}。",
                "为{you}介绍{name}：{facts}。欢迎到店选购。",
                "关于{name}：{facts}。",
            ),
            ("欢迎选购{name}。", "{name}。", "欢迎到店选购。"),
        ),
    },
    Kind.PROMOTION: {
        "headline": (
            ("为{you}准备的{discount}", "{name}，{discount}", "店内{discount}"),
            ("来看看{name}", "{discount}", "{fact}", "为{you}推荐"),
        ),
        "text": (
            ("为{you}推荐{name}：{facts}。", "来看看{name}：{facts}。", "{name}：{facts}。"),
            ("为{you}推荐{name}。", "{name}。", "欢迎选购。"),
        ),
    },
    Kind.OFFER: {
        "text": (
            (
                "{you}喜欢{history}，为{you}推荐{name}：{facts}。",
                "为{you}推荐{name}：{facts}。",
                "来看看{name}：{facts}。",
            ),
            ("为{you}推荐{name}。", "{name}。", "欢迎选购。"),
        )
    },
}
WORDINGS: dict[bool, Wordings] = {False: ENGLISH, True: CHINESE}
