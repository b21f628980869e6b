"""Whether a body was heard before the act, and on what."""

import re

from models.legality.explain.situation import Situation
from models.legality.fact import Heard

NAMED = {  # what an opinion may be said to be on, and the words for it
    "purposes": ("目的", "purpose"),
    "persons": ("対象者", "person", "class"),
    "items": ("項目", "item"),
    "recipients": ("提供先", "recipient"),
}
ALL = ("すべて", "全て", "全部", "本件", "この処理", "all", "same", "this")
PROCESSING = ("処理", "processing")
OTHERWISE = (  # it was heard on something else, or on less
    *("別", "異なる", "異なった", "ほかの", "他の", "以外", "除", "一部", "未定"),
    *("other", "different", "except", "without", "partial", "narrower"),
)
HARMLESS = re.compile("特別|個別|種別|性別|区別|その他の")  # words that only sound like those


def heard(situation: Situation, wanted: Heard) -> bool:
    """Whether such a body gave an opinion by the day of the act, on what is wanted. An adverse one is asked about elsewhere."""
    council, day = situation.request.council, situation.request.date
    answered = council.opinion_result in ("favourable", "adverse")
    if not answered or council.opinion_date is None or day is None or council.opinion_date > day:
        return False
    body = council.opinion_body or ""
    scope = HARMLESS.sub("", " ".join(council.opinion_scope or ()))
    asked_itself = body.endswith(situation.profile.bodies)  # 教育委員会 is no 附属機関, for all that its name says
    named = any(word in body for word in wanted.bodies) and not asked_itself
    return named and _covers(scope, wanted.on, situation.kind)


def _covers(scope: str, on: str, kind: str | None) -> bool:
    """Whether the words of a scope cover it. Words that name no subject cover nothing."""
    if not scope or _has(scope, OTHERWISE):
        return False
    named = {subject for subject, words in NAMED.items() if _has(scope, words)}
    if _has(scope, ALL):
        return True
    if on == "persons":
        return "persons" in named
    wanted = NAMED.keys() - (set() if kind == "provision" else {"recipients"})
    return _has(scope, PROCESSING) or wanted <= named


def _has(scope: str, words: tuple[str, ...]) -> bool:
    return any(word in scope.lower() for word in words)
