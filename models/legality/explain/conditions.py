"""Conditions of the request itself, asked under every profile and beside every clause."""

import re
from collections.abc import Callable, Iterator

from models.legality.explain.answer import Failed
from models.legality.explain.situation import INSIDE, Situation
from models.legality.explain.words import OWN_RULE, TAX
from schemas.records.request import Act

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
GATED = frozenset(Act)  # acts that approvals name; use, provide, outsource and erase are words of the law alone
RUNS = re.compile(r"[1-9][0-9]{0,5}")
UNLIMITED = ("無制限", "制限なし", "unlimited")
WHEREABOUTS = (  # items that lead to where a person is contain one of these
    "住所",
    "居所",
    "連絡先",
    "電話",
    "学校",
    "保育",
    "園",
    "居住",
    "郵便",
    "保護者",
    "address",
    "phone",
    "contact",
    "school",
    "nursery",
    "guardian",
)


def attributes_stated(situation: Situation) -> Iterator[Failed]:
    """What the decision needs is stated; the gate supplies nothing by itself."""
    missing = [label for path, label in STATED.items() if _blank(situation.value(path))]
    if missing:
        yield Failed(
            "ATTRIBUTE_MISSING", f"要求に{'・'.join(missing)}が示されていません", "欠けている事項を示してください"
        )


def _blank(value: object) -> bool:
    """Whether nothing is stated: null, empty, or blanks alone."""
    texts = (value,) if isinstance(value, str) else value
    if isinstance(texts, tuple):
        return not texts or any(isinstance(text, str) and not text.strip() for text in texts)
    return value is None


def bodies_agree(situation: Situation) -> Iterator[Failed]:
    """An office belongs to one body: use by another body is not use by the same body, and using is not providing."""
    parties = situation.request.parties
    holder, user = parties.holder_body, parties.user_body
    inside = parties.recipient_kind in INSIDE
    contrary = {"use": "provision", "provide": "use"}.get(situation.request.act or "")
    if contrary is not None and situation.kind == contrary:
        yield Failed(
            "PARTIES_DISAGREE",
            "行為（利用・提供）と提供先の種別が合いません",
            "内部の利用か外への提供かに合わせて、行為と提供先の種別を正しく示してください",
        )
    elif inside and holder and user and not (holder.endswith(user) or user.endswith(holder)):
        yield Failed(
            "PARTIES_DISAGREE",
            f"利用する機関（{user}）は保有する機関（{holder}）と異なり、同じ機関の中での利用ではありません",
            "提供先の種別を正しく示してください",
        )


def approved(situation: Situation) -> Iterator[Failed]:
    """An approval in force. An act that cannot wait has none yet: its written reason and review stand for it."""
    named = situation.request.approval
    if named in (None, "", "none") and not situation.urgent_once:
        text = "この行為を認める承認がありません" if named == "none" else "承認の有無が示されていません"
        yield Failed("NO_APPROVAL", text + OWN_RULE, "承認を起案し、審議会に諮問し、答申を記録してください")


def approval_stands(situation: Situation) -> Iterator[Failed]:
    """An approval named by id is held, in force on the day, and covers act and items."""
    named, view = situation.request.approval, situation.approval
    if named in (None, "", "none", "in-force"):
        return
    if view is None:
        yield Failed("NO_APPROVAL", "その番号の承認はありません", "承認の番号を確かめてください")
    elif situation.request.date is not None and not view.in_force(situation.request.date):
        yield Failed("APPROVAL_NOT_IN_FORCE", "承認は行為の日に効力がありません", "効力のある承認によってください")
    elif situation.request.act in GATED and situation.request.act not in view.document.acts:
        yield Failed("ACT_NOT_COVERED", "この行為は承認に含まれていません", "行為を加えた承認を受けてください")


def items_approved(situation: Situation) -> Iterator[Failed]:
    """Every item is among those approved, where these are told."""
    request = situation.request
    codes = request.extra.approved_items
    if situation.approval is not None:
        codes = tuple(situation.approval.document.item_codes)
    outside = set(request.data.items or ()) - set(codes or ())
    if codes is not None and outside:
        yield Failed(
            "ITEMS_NOT_COVERED",
            f"承認にない項目があります: {'、'.join(sorted(outside))}",
            "項目を外すか、項目を加えた承認を受けてください",
        )


def items_needed(situation: Situation) -> Iterator[Failed]:
    """No item beyond what is needed, where that is told."""
    extra = situation.request.extra
    outside = set(situation.request.data.items or ()) - set(extra.needed_items or ())
    if extra.needed_items is not None and outside:
        yield Failed(
            "ITEMS_NOT_NEEDED",
            f"必要な限度を超える項目があります: {'、'.join(sorted(outside))}",
            "必要のない項目を外してください",
        )


def in_approved_period(situation: Situation) -> Iterator[Failed]:
    """The day lies in the approval's period, both ends included, where that is told."""
    day, period = situation.request.date, situation.period
    if period is None and not _blank(situation.request.extra.approval_period):
        yield Failed(
            "OUTSIDE_PERIOD", "承認の期間が日付として読めません", "期間を 2026-04-01/2027-03-31 の形で示してください"
        )
    if day is not None and period is not None and not period[0] <= day <= period[1]:
        yield Failed(
            "OUTSIDE_PERIOD",
            f"行為の日（{day}）が承認の期間（{period[0]}〜{period[1]}）の外です",
            "期間を含む承認を受けてください",
        )


def runs_left(situation: Situation) -> Iterator[Failed]:
    """Not more runs than approved, where both are told."""
    extra = situation.request.extra
    runs = extra.approval_runs
    if runs is None or runs in UNLIMITED:
        return
    most = int(runs) if RUNS.fullmatch(str(runs)) else None
    if most is None:
        yield Failed("RUNS_USED_UP", "承認の回数が数として読めません", "回数を1以上の数か「無制限」で示してください")
    elif extra.runs_done is not None and extra.runs_done >= most:
        yield Failed("RUNS_USED_UP", f"承認の回数（{most}回）を使い切っています", "あらためて承認を受けてください")


def person_not_suspended(situation: Situation) -> Iterator[Failed]:
    """A decided 利用停止 bars the act, whatever allows it."""
    if situation.request.limits.person_flag == "suspension":
        yield Failed(
            "PERSON_SUSPENDED",
            "本人について利用停止が決定されています",
            "決定が取り消されるまで、この方の情報は使えません",
        )


def whereabouts_protected(situation: Situation) -> Iterator[Failed]:
    """支援措置 bars the items that lead to where the person is; the rest goes on."""
    if situation.request.limits.person_flag != "address-protection":
        return
    leading = [item for item in situation.request.data.items or () if any(word in item.lower() for word in WHEREABOUTS)]
    if leading:
        yield Failed(
            "ADDRESS_PROTECTED",
            f"支援措置のため、居所につながる項目は渡せません: {'、'.join(leading)}{OWN_RULE}",
            "これらの項目を外してください。保護の記録に名のある提供先へは、二人の承認で開示します",
        )


def tax_secret_lifted(situation: Situation) -> Iterator[Failed]:
    """What the tax office holds stays there, unless consent or a statute lifts 地方税法22条."""
    request = situation.request
    office, stated = request.parties.holder_office, request.data.tax_secret
    secret = stated != "no" or (office is not None and any(name in office for name in situation.profile.tax_offices))
    lifted = request.grounds.consent == "given" or (
        not _blank(request.grounds.law) and request.grounds.law_kind in ("obliges", "penalty")
    )
    if secret and not lifted:
        text = (
            "税務の事務で保有する情報で、地方税法22条の秘密に当たります"
            if stated
            else "税務の情報かどうかが示されていません"
        )
        yield Failed(
            "TAX_SECRET",
            text,
            "本人の同意か、22条の秘密を解く法律の規定を示すか、他の事務で保有する情報を用いてください",
            TAX,
        )


def not_against(situation: Situation) -> Iterator[Failed]:
    """The product's own: whoever was heard was not against it."""
    if situation.request.council.opinion_result == "adverse":
        yield Failed("COUNCIL_AGAINST", f"審議会の答申が反対です{OWN_RULE}", "内容を改めて、改めて諮問してください")


def reason_written(situation: Situation) -> Iterator[Failed]:
    """An act that cannot wait needs its reason in writing, beside the item that allows it."""
    if situation.emergency and not situation.reason_written:
        yield Failed(
            "NO_WRITTEN_REASON", f"緊急の理由が書面に記されていません{OWN_RULE}", "緊急の理由を書面に記してください"
        )


def inside_units(situation: Situation) -> Iterator[Failed]:
    """What is restricted to named units stays in them (`yes` = inside the body that holds it)."""
    units = situation.request.extra.inside_only
    if units in (None, "no", ()):
        return
    inside = situation.kind == "use" and (units == "yes" or situation.request.parties.user_office in (units or ()))
    if not inside:
        yield Failed(
            "INSIDE_ONLY", "内部での利用が特定の部局・職員に限られています", "限られた部局の中で利用してください"
        )


REQUEST_CONDITIONS: tuple[Callable[[Situation], Iterator[Failed]], ...] = (
    attributes_stated,
    bodies_agree,
    approved,
    approval_stands,
    items_approved,
    items_needed,
    in_approved_period,
    runs_left,
    person_not_suspended,
    whereabouts_protected,
    tax_secret_lifted,
    not_against,
    reason_written,
    inside_units,
)
