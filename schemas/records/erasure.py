"""Why a person is erased and who may ask for it, and what of a feed's row is about that person."""

from enum import StrEnum

from schemas.records.person import Role

ASKERS = (Role.CASEWORKER, Role.HEARER, Role.ADMIN)


class Reason(StrEnum):
    """Why the city erases a person."""

    REQUEST = "request"  # 本人又は法定代理人の請求
    RETENTION = "retention"  # 保存期間の満了
    MISTAKE = "mistake"  # 誤った取込み
    UNLAWFUL = "unlawful"  # 適法でない取扱い


def asked(subject: bytes, reason: str, person: str) -> dict[str, str]:
    """What somebody signs who asks for an erasure. subject: the hash that the person is known by, 32 bytes."""
    return {"act": "erase", "subject": subject.hex(), "reason": str(reason), "person": person}


# Contract columns that name somebody beside the person whom the row is about. Every other number of a person makes the row
# that person's own: erased with the person, where here only the link goes.
BESIDE = frozenset({"guardian_atena_no", "guardian_of", "mother_atena_no", "recipient_atena_no", "co_applicants"})
