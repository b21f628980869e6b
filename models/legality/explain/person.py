"""Conditions on the person whose data it is: what was decided or is protected, and secrets that another law keeps."""

from collections.abc import Iterator

from models.legality.explain.answer import Failed
from models.legality.explain.situation import Situation
from models.legality.explain.words import TAX
from models.legality.verdict import OWN_RULE

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
    "親権",
    "メール",
    "addr",
    "machiaza",
    "phone",
    "mail",
    "contact",
    "school",
    "nursery",
    "hoiku",
    "facility",
    "guardian",
)


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
    if not secret or request.grounds.consent == "given" or situation.by_statute:
        return
    yield Failed(
        "TAX_SECRET",
        "税務の事務で保有する情報で、地方税法22条の秘密に当たります"
        if stated
        else "税務の情報かどうかが示されていません",
        "本人の同意か、22条の秘密を解く法律の規定を示すか、他の事務で保有する情報を用いてください",
        TAX,
    )
