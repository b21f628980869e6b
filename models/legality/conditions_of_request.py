"""Conditions that need the request alone."""

from collections.abc import Callable, Mapping

from models.legality.verdict import OWN_RULE, Code, Condition
from schemas.records.person import Role
from schemas.records.request import Act, ActRequest, PersonFlag

PUBLISHING = frozenset({Act.PUBLISH, Act.PUBLISH_EVENT})
HANDED_OVER = PUBLISHING | {Act.EXPORT, Act.REPORT, Act.UNMASK}  # acts that always have a receiving office
BY_RULES = PUBLISHING | {Act.JUDGE, Act.JUDGE_EVENT}  # acts that always rest on a rule set
BY_PERSONS = frozenset({Act.LOOK, Act.UNMASK, Act.ERASE})  # acts that no service does by itself
OFFICERS = frozenset({Role.CASEWORKER, Role.HEARER, Role.ADMIN})
# Act and acting role → roles of the register of which whoever acts holds one; elsewhere anybody registered may.
ACTED_BY: Mapping[tuple[str | None, str | None], frozenset[str]] = {
    (Act.LOOK, "caseworker"): frozenset({Role.CASEWORKER}),
    (Act.LOOK, "analyst"): frozenset({Role.ANALYST, Role.AUDITOR}),
    (Act.LOOK, "auditor"): frozenset({Role.AUDITOR}),
    (Act.LOOK, "linkage"): frozenset({Role.LINKAGE}),
    (Act.LOOK, "intake"): frozenset({Role.AUDITOR, Role.ADMIN}),
    (Act.COLLECT, "intake"): OFFICERS,  # who releases what was held
    (Act.UNMASK, "caseworker"): OFFICERS,
    (Act.ERASE, "rights"): OFFICERS,
}


def attributes_stated(request: ActRequest) -> Condition | None:
    """What the act needs is stated; the gate supplies nothing by itself."""
    missing = [
        label
        for label, absent in (
            ("行為", request.act is None),
            ("項目", not request.items),
            ("対象者の範囲", not request.classes),
            ("利用目的", request.purpose is None),
            ("行為者の役割", request.role is None),
            ("提供先", request.recipient is None and request.act in HANDED_OVER),
            ("ルールセット", request.rule_set is None and request.act in BY_RULES),
        )
        if absent
    ]
    if not missing:
        return None
    return Condition(
        Code.ATTRIBUTE_MISSING,
        f"要求に{'・'.join(missing)}が示されていません",
        "要求に欠けている事項を示してください。示されない事項は満たされないものとして扱います",
    )


def person_not_suspended(request: ActRequest) -> Condition | None:
    """A decided 利用停止 bars every act on the person from the moment it is recorded."""
    if PersonFlag.SUSPENSION not in request.person_flags:
        return None
    return Condition(
        Code.PERSON_SUSPENDED,
        "本人について利用停止が決定されています",
        "利用停止の決定が取り消されるまで、この方に関する処理はできません",
    )


def publication_not_held(request: ActRequest) -> Condition | None:
    """A 利用停止 that is requested and not yet decided holds what would be published, and nothing else."""
    if PersonFlag.SUSPENSION_REQUESTED not in request.person_flags or request.act not in PUBLISHING:
        return None
    return Condition(
        Code.PERSON_HELD,
        "本人について利用停止が請求され、決定を待っています",
        "利用停止の決定または解除が記録されるまで、この方の公表は保留されます",
    )


def person_may_act(request: ActRequest) -> Condition | None:
    """Where a person acts, one who is registered and holds a role for it; in an emergency `emergency_has_actor` asks for one."""
    if request.actor_roles is None:
        alone = request.by_service and request.act == Act.LOOK and request.role == "analyst" and not request.child_named
        allowed = request.act not in BY_PERSONS or request.emergency is not None or alone
    else:
        allowed = bool(request.actor_roles & ACTED_BY.get((request.act, request.role), request.actor_roles))
    if allowed:
        return None
    return Condition(
        Code.PERSON_NOT_ALLOWED,
        "この行為を行える役割を持つ、登録された職員が示されていません",
        "その役割を持つ職員が自分の鍵（--as）で行ってください",
    )


def emergency_names_child(request: ActRequest) -> Condition | None:
    """An act in an emergency is about one child."""
    if request.emergency is None or request.child_named:
        return None
    return Condition(
        Code.EMERGENCY_NO_CHILD,
        "緊急時の行為の対象となる子どもが一人に定まっていません",
        "対象の子どもを一人示してください。緊急時の行為は一覧や多数の者を対象にできません",
    )


def emergency_has_actor(request: ActRequest) -> Condition | None:
    """A registered person answers for it; no service acts in an emergency by itself."""
    if request.emergency is None or request.actor_roles is not None:
        return None
    return Condition(
        Code.EMERGENCY_NO_PERSON,
        "緊急時の行為を行う職員が示されていません",
        "登録された職員が自分の鍵（--as）で行ってください",
    )


def emergency_has_reason(request: ActRequest) -> Condition | None:
    """Its reason is in writing."""
    if request.emergency is None or request.emergency.strip():
        return None
    return Condition(
        Code.EMERGENCY_NO_REASON,
        f"緊急の理由が書面に記されていません{OWN_RULE}",
        "生命・身体・財産にどのような危険が迫っているかを記してください",
    )


REQUEST_CONDITIONS: tuple[Callable[[ActRequest], Condition | None], ...] = (
    attributes_stated,
    person_not_suspended,
    publication_not_held,
    person_may_act,
    emergency_names_child,
    emergency_has_actor,
    emergency_has_reason,
)
