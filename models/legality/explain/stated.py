"""Conditions on what the request states: nothing that decides is left out, and what it says of the parties agrees."""

from collections.abc import Iterator

from models.legality.explain.answer import Failed
from models.legality.explain.situation import INSIDE, Situation, blank

STATED = {  # what every act needs stated, by path
    "act": "行為",
    "date": "行為の日",
    "parties.holder_body": "保有する機関",
    "parties.recipient_kind": "提供先の種別",
    "parties.decided_by": "認定した者",
    "aim.purpose": "利用目的",
    "aim.recurrence": "恒常・臨時の別",
    "data.items": "項目",
    "data.form": "データの形",
    "data.my_number": "個人番号の有無",
    "limits.person_flag": "本人についての制限の有無",
}
NEVER_DECIDE = ("審議会", "審査会", "附属機関", "委員会", "議会", "議長")  # unless the data is their own
STATED_INSIDE = {"parties.user_body": "利用する機関"}  # whether it is use at all hangs on it


def attributes_stated(situation: Situation) -> Iterator[Failed]:
    """What the decision needs is stated; the gate supplies nothing by itself."""
    inside = situation.request.parties.recipient_kind in INSIDE
    wanted = STATED | (STATED_INSIDE if inside else {})
    missing = [label for path, label in wanted.items() if blank(situation.value(path))]
    if missing:
        yield Failed(
            "ATTRIBUTE_MISSING", f"要求に{'・'.join(missing)}が示されていません", "欠けている事項を示してください"
        )


def parties_agree(situation: Situation) -> Iterator[Failed]:
    """An office belongs to one body: use by another body is not use by the same body, and using is not providing."""
    parties = situation.request.parties
    holder, user = parties.holder_body, parties.user_body
    contrary = {"use": "provision", "provide": "use"}.get(situation.request.act or "")
    if contrary is not None and situation.kind == contrary:
        text = "行為（利用・提供）と提供先の種別が合いません"
    elif parties.recipient_kind in INSIDE and holder and user and not (holder.endswith(user) or user.endswith(holder)):
        text = f"利用する機関（{user}）は保有する機関（{holder}）と異なり、同じ機関の中での利用ではありません"
    else:
        return
    yield Failed(
        "PARTIES_DISAGREE", text, "内部の利用か外への提供かに合わせて、行為と提供先の種別を正しく示してください"
    )


def decided_by_holder(situation: Situation) -> Iterator[Failed]:
    """Whoever holds the data decides (inside: or uses it): no other body, no council and no assembly in its place."""
    parties = situation.request.parties
    holder, decider = _organ(parties.holder_body), _organ(parties.decided_by)
    if not holder or holder.endswith("議会"):  # asked elsewhere: of an assembly its clauses ask for 議長
        return
    own = [body for body in (holder, _organ(parties.user_body) if situation.kind == "use" else "") if body]
    another = decider.endswith((*situation.profile.bodies, *NEVER_DECIDE))
    if another and not any(decider.endswith(body) or body.endswith(decider) for body in own):
        yield Failed(
            "DECIDED_BY",
            f"認定した者（{decider}）は、この情報を保有する機関（{holder}）ではありません",
            "保有する機関の認定を受けてください",
        )


def _organ(body: str | None) -> str:
    """The body by one name: 教育長 acts for 教育委員会."""
    return (body or "").strip().replace("教育長", "教育委員会")


def units_inside(situation: Situation) -> Iterator[Failed]:
    """What is restricted to named units stays in them (`yes` = inside the body that holds it)."""
    units = situation.request.extra.inside_only
    if units in (None, "no", ()):
        return
    inside = situation.kind == "use" and (units == "yes" or situation.request.parties.user_office in (units or ()))
    if not inside:
        yield Failed(
            "INSIDE_ONLY", "内部での利用が特定の部局・職員に限られています", "限られた部局の中で利用してください"
        )
