"""Why a person is erased, and what of a feed's row is about that person."""

from enum import StrEnum


class Reason(StrEnum):
    """Why the city erases a person."""

    REQUEST = "request"  # 本人又は法定代理人の請求
    RETENTION = "retention"  # 保存期間の満了
    MISTAKE = "mistake"  # 誤った取込み
    UNLAWFUL = "unlawful"  # 適法でない取扱い


# Contract columns that name somebody beside the person whom the row is about. Every other number of a person makes the row
# that person's own: erased with the person, where here only the link goes.
BESIDE = frozenset({"guardian_atena_no", "guardian_of", "mother_atena_no", "recipient_atena_no", "co_applicants"})
