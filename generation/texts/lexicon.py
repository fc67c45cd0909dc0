"""Words: which ones say nothing that could be false, and which promise something.

English only: it is the language of the words that the model may use besides those of the facts.
"""

import re
from functools import lru_cache


def words(text: str) -> frozenset[str]:
    """Read a list of words."""
    return frozenset(text.split())


# With these a text can be pleasant without claiming anything about a product. No negation (it turns a fact
# round), no comparison, no number, nothing about material, quality, price, stock or delivery.
PLAIN_WORDS = words(
    """
a an the this that these those it its it's there here what which who when where while as if so then
and or but with for of in on at to from by into onto up down around about inside along through between
you your yours we our us they them their each every both some any
is are be have has had do does can will would could may let lets let's that's you'll you're
get gets give gives take takes make makes bring brings come comes go goes going meet find see look looks
try choose pick enjoy love like add keep keeps put set start starts stay need want know say says call
use turn turns open reach wait waits waiting feel feels think treat deserve belong belongs become help
ready share plan fill fills order
day days daily everyday morning mornings evening evenings afternoon night week season moment
moments time times home house place room life way ways thing things list basket cart shop favourite favourites
favorite favorites choice idea ideas touch reason friend friends family everyone someone yourself
today now soon again always often just too also well still even back away together right very really
good great lovely nice simple easy little happy handy useful welcome own next big bit
hello hi thanks please yes how why because such much many few
style joy comfort company care smile fun pleasure break rest side part kind
"""
)
# The same for texts that an adapter writes in its own words: what people do, and how they talk about it. No
# thing, place or use, since a text would tell it of a product that has nothing to do with it.
PLAIN_WORDS |= words(
    """
above after all another answer anyone anything apologise arrive ask been before begin behind below beside
breathe brought carry chance change check chose close consider corner count course dance dear decide
detail details did doing done doodle dream eat else end enough everything excuse eye facts fall feedback
figures first follow forget forgive forgot found gave glad glance gossip got grin hang head hear hide
hold hop hope hour hug hum join journey knock lay lead lean leave left lie line listen lost lot lucky me
measure mess message mind minute more move my name nobody nod off once one other out outside over pack
page pass peek people point pop pour press pull question read remember repeat roll round run score
scribble secret seems settle shall show simply since sit slip snap somebody sorry spend squeeze stand
step stir stomp story sure talk tap tell telling thought thumbs tidy toes told trip tuck tug twist under
wake walk wander was watch weigh went whatever wherever whisper whose wink wish word work write wrong yet
"""
)

# Numbers in words, with their value; a part or a multiple has none and must stand in the facts itself.
NUMBER_WORDS = {
    "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50,
    "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90, "hundred": 100, "thousand": 1000,
    "million": 1_000_000, "dozen": 12,
    "twice": None, "double": None, "triple": None, "half": None, "quarter": None, "third": None,
}  # fmt: skip
CHINESE_NUMBER = re.compile(
    "[零〇一二两三四五六七八九十百千万亿半几]+(?=[折元块倍天年件次]|个月|小时|分钟|百分|美元|欧元)|百分之[一二三四五六七八九十百]+"
)

CHINESE_DATE = re.compile(
    "(?:星期|周|礼拜)[一二三四五六日天末]|明天|昨天|今晚|后天|春节|国庆|元旦|中秋|双十一|双十二"
)

# Days and months, which a text may name only where the offer does. May and March are also verbs.
DATE_WORDS = words(
    """
january february april june july august september october november december
monday tuesday wednesday thursday friday saturday sunday mondays tuesdays wednesdays thursdays fridays
saturdays sundays tomorrow yesterday tonight weekend christmas easter
"""
)

# A name may be plural, so no verb may have it as its subject.
AFTER_NAME = re.compile(
    r"\s+(is|are|was|were|has|have|comes?|gives?|makes?|keeps?|brings?|gets?|goes|go|does|do|looks?|feels?|"
    r"needs?|takes?|fills?|belongs?|starts?|turns?|waits?|says?|helps?)\b"
)
# What a text may not end with.
DANGLING = words("a an the and or but with for of in on at to from by as is are your our its my than")


@lru_cache(maxsize=8192)
def stem(word: str) -> str:
    """Return a word without its common English endings, so that `detaches` meets `detach`."""
    word = word.lower().removesuffix("'s").removesuffix("s'")
    for ending, rest in (
        ("ies", "y"),
        ("ing", ""),
        ("edly", ""),
        ("ed", ""),
        ("es", ""),
        ("ly", ""),
        ("s", ""),
    ):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)] + rest
            break
    if len(word) > 3 and word[-1] == word[-2]:
        word = word[:-1]
    return word.removesuffix("e") if len(word) > 3 else word


# Of the sentences that state an offer, which the program writes.
OFFER_WORDS = words("code checkout orders until offer")
# Of replies to reviews, which speak of the reader and of us, never of a product.
REPLY_WORDS = words(
    """
thank thanks sorry apologise apologize regret hope glad write wrote writing read reading tell telling told
understand happened happen view visit heart forward down took taken hear hearing more better words word made
contact touch feedback review reviews mean means matter matters serve
"""
)
