"""The questions of the field's two flows, in order, up to the one that settles the act."""

from collections.abc import Iterator, Sequence

from models.legality.explain.answer import Failed, Item, Question
from models.legality.explain.situation import Situation
from models.legality.explain.statistics import STATISTICS

SECRECY = ("TAX_SECRET", "MY_NUMBER")
KINDS = {"use": "内部での利用", "provision": "外部への提供", None: "示されていない"}
WORDS = {"yes": "はい", "no": "いいえ", "arguable": "確かでない", None: "示されていない"}
EXCEPTIONS = {
    "use": "ほかの例外に当たるか。どれか",
    "provision": "提供の例外に当たるか。どれか",
    None: "例外に当たるか。どれか",
}
ANEW = "当たらない。新しい目的のために本人からあらためて収集するか、目的を改めて特定する"


def path(
    situation: Situation, failed: Sequence[Failed], items: Sequence[Item], decided: Item | None
) -> tuple[Question, ...]:
    """Each question with its answer.

    failed:   of the request itself
    items:    of the profile, each with what of it is not met
    decided:  the item that the act was decided on; None where it claims one that is not held
    """
    rest = [each.text for each in failed if each.code not in SECRECY]
    return (
        Question("利用か提供か", KINDS[situation.kind]),
        Question("他の法律（地方税法22条・番号法）の制限に触れないか", _secrecy(failed, decided)),
        *_flow(situation, items),
        *_emergency(situation, items),
        Question("承認・提供先・本人についての条件を満たすか", "；".join(rest) or "はい"),
    )


def _flow(situation: Situation, items: Sequence[Item]) -> Iterator[Question]:
    """The questions up to the first yes."""
    for question, answer, settled in _asked(situation, items):
        yield Question(question, answer)
        if settled:
            return


def _asked(situation: Situation, items: Sequence[Item]) -> Iterator[tuple[str, str, bool]]:
    """Question, answer, whether it settles the act."""
    aim = situation.request.aim
    if situation.request.data.form == "statistics":
        open_to = any(item.clause == STATISTICS and not item.failed for item in items)
        yield "個人に着目しない統計の表だけを渡すか", "はい。例外の規定を要しない" if open_to else "いいえ", open_to
    within = situation.value("derived.within")
    yield "利用目的の範囲内か", _with(WORDS[within], _fitting("within", situation, items)), within == "yes"
    changeable = WORDS[aim.change_related]
    if aim.change_related == "yes":
        changeable += "。変更を記録し、個人情報ファイル簿等を改めた後に、その範囲内で利用できる（61条3項）"
    yield "利用目的を変更できるか（相当の関連性）", changeable, False
    for question, text in (("law", "法令に基づくか"), ("consent", "本人の同意があるか、本人への提供か")):
        fitting = _fitting(question, situation, items)
        yield text, _with("はい" if fitting else "いいえ", fitting), bool(fitting)
    fitting = _fitting("exception", situation, items)
    yield EXCEPTIONS[situation.kind], "、".join(fitting) or ANEW, bool(fitting)
    if situation.kind == "provision":
        yield "条例がオンライン結合による提供を許すか", "収録した条文に定めがない", False


def _fitting(question: str, situation: Situation, items: Sequence[Item]) -> list[str]:
    """Reported ids of the clauses of that question that are met."""
    met = {item.clause for item in items if not item.failed}
    clauses = [clause for clause in situation.profile.clauses if clause.question == question and clause.id in met]
    return list(dict.fromkeys(clause.reported for clause in clauses))


def _with(answer: str, clauses: Sequence[str]) -> str:
    return f"{answer}（{'、'.join(clauses)}）" if clauses else answer


def _secrecy(failed: Sequence[Failed], decided: Item | None) -> str:
    found = [each.text for each in (*failed, *(decided.failed if decided else ())) if each.code in SECRECY]
    return "；".join(dict.fromkeys(found)) or "はい"


def _emergency(situation: Situation, items: Sequence[Item]) -> Iterator[Question]:
    """緊急 is a circumstance: it needs an item as well, and where none fits, the law that is made for it."""
    if not situation.emergency:
        return
    if any(not item.failed for item in items):
        yield Question("緊急か", "はい。理由を書面に記し、3日以内に別の者が審査し、審議会に報告する")
    else:
        elsewhere = "緊急だけでは根拠にならず、当てはまる条文がない。児童虐待の疑いなら児童虐待の防止等に関する法律の通告によるなど、その場合のための法律による"
        yield Question("緊急か", elsewhere)
