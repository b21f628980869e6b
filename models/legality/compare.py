"""What differs between two versions of an approval, in plain Japanese, and whether each difference only narrows it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from schemas.records.approval import Approval

WORDS = {  # a change of these is never a mere narrowing
    "name": "名称",
    "purpose": "目的",
    "purpose_code": "目的の符号",
    "office": "所掌する組織",
    "reason": "理由",
    "retention": "保存期間",
    "profile": "法令プロファイル",
    "clause": "根拠条文",
    "with_clauses": "併せて拠る条文",
    "findings": "認定",
    "recurrence": "恒常・臨時の別",
    "emergency": "緊急時に限るかどうか",
    "duties": "義務を担う者と期日",
}


@dataclass(frozen=True)
class Difference:
    """One difference.

    narrows:  nothing that was not allowed before is allowed by it
    """

    text: str
    narrows: bool


def compare(old: Approval, new: Approval) -> tuple[Difference, ...]:
    """Every difference from `old` to `new`, the version number aside."""
    return tuple(
        difference
        for part in (_words(old, new), _lists(old, new), _promises(old, new), _limits(old, new), _recipients(old, new))
        for difference in part
    )


def _words(old: Approval, new: Approval) -> Iterator[Difference]:
    for field, label in WORDS.items():
        if getattr(old, field) != getattr(new, field):
            yield Difference(f"{label}を変更", narrows=False)


def _lists(old: Approval, new: Approval) -> Iterator[Difference]:
    """What may be used: less of it narrows."""
    classes = [{f"{group.label}（{group.code}）" for group in version.classes} for version in (old, new)]
    yield from _less_narrows("対象者の範囲", *classes)
    yield from _less_narrows("項目", old.item_codes, new.item_codes)
    yield from _less_narrows("行為", old.acts, new.acts)
    yield from _less_narrows("ルールセット", old.rule_sets, new.rule_sets)


def _promises(old: Approval, new: Approval) -> Iterator[Difference]:
    """What binds the city: more of it narrows."""
    for label, before, after in (
        ("条件", old.conditions, new.conditions),
        ("保護措置", old.safeguards, new.safeguards),
    ):
        added, removed = _changes(before, after)
        yield from (Difference(f"{label}を追加: {text}", narrows=True) for text in added)
        yield from (Difference(f"{label}を削除: {text}", narrows=False) for text in removed)


def _limits(old: Approval, new: Approval) -> Iterator[Difference]:
    if old.period_from != new.period_from:
        narrows = old.period_from < new.period_from
        yield Difference(f"期間の始まりを{old.period_from}から{new.period_from}に変更", narrows)
    if old.period_to != new.period_to:
        yield Difference(f"期間の終わりを{old.period_to}から{new.period_to}に変更", new.period_to < old.period_to)
    if old.max_runs is not None and new.max_runs is not None and old.max_runs != new.max_runs:
        yield Difference(f"回数を{old.max_runs}回から{new.max_runs}回に変更", new.max_runs < old.max_runs)


def _recipients(old: Approval, new: Approval) -> Iterator[Difference]:
    """Which role of which office may do what with which items."""
    before, after = old.received, new.received
    for key in sorted(before.keys() | after.keys()):
        office, role, act = key
        label = f"提供先・利用者 {office}（{role}）の「{act}」"
        if key not in before:
            yield Difference(f"{label}を追加", narrows=False)
        elif key not in after:
            yield Difference(f"{label}を削除", narrows=True)
        else:
            yield from _less_narrows(f"{label}の項目", before[key], after[key])


def _less_narrows(label: str, before: Iterable[str], after: Iterable[str]) -> Iterator[Difference]:
    added, removed = _changes(before, after)
    if added:
        yield Difference(f"{label}を追加: {'、'.join(added)}", narrows=False)
    if removed:
        yield Difference(f"{label}を削除: {'、'.join(removed)}", narrows=True)


def _changes(before: Iterable[str], after: Iterable[str]) -> tuple[list[str], list[str]]:
    """What was added and what was removed, each sorted."""
    old, new = set(before), set(after)
    return sorted(new - old), sorted(old - new)
