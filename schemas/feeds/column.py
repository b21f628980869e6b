"""What a contract says about a column besides its kind: whose number it is, how sensitive, where it is kept, what absence means."""

from dataclasses import dataclass
from enum import StrEnum


class Sensitivity(StrEnum):
    """How much harm a column does in the wrong hands; copies for development keep only PLAIN columns."""

    IDENTIFYING = "identifying"  # names or finds a person: kept in `identity`, scrubbed in every copy
    RESTRICTED = "restricted"  # 支援措置, 相談・要対協, welfare: scrubbed in every copy
    PERSONAL = "personal"  # about a person, without naming one
    PLAIN = "plain"  # about the row, the survey or the register


class System(StrEnum):
    """Whose number a column holds. Every (system, number) of a person, household or case has a random key."""

    ATENA = "atena_no"
    PUPIL = "pupil_no"
    SOURCED = "sourced_id"
    UUID = "uuid"
    SETAI = "setai_no"
    CASE = "case_no"

    @property
    def of_person(self) -> bool:
        """Whether it numbers persons (and not households or cases)."""
        return self not in (System.SETAI, System.CASE)


class Check(StrEnum):
    """A check digit; a wrong one warns and never rejects."""

    ATENA = "atena_check_digit"  # M11W2-7
    SCHOOL = "school_check_digit"  # 学校コード, 13 characters
    MUNICIPALITY = "lg_code_check_digit"  # 全国地方公共団体コード


@dataclass(frozen=True)
class About:
    """One column.

    text:        what it says, in Japanese, as the office names it
    absent:      what an empty field means; None: it is never empty
    unit:        of a number
    sensitivity: see Sensitivity
    system:      the column holds such a number (each element, if it is a list); facts carry its key instead
    name:        the value is kept in identity.resident_name, not in the facts
    key:         comes along with any approved column of the feed: without it the row says nothing
    check:       its check digit
    """

    text: str
    absent: str | None = None
    unit: str | None = None
    sensitivity: Sensitivity = Sensitivity.PERSONAL
    system: System | None = None
    name: bool = False
    key: bool = False
    check: Check | None = None


def number(text: str, system: System, absent: str | None = None) -> About:
    """A column that holds a number of a person, household or case."""
    check = Check.ATENA if system is System.ATENA else None
    return About(text, absent, sensitivity=Sensitivity.IDENTIFYING, system=system, key=True, check=check)


def name(text: str, absent: str | None = None) -> About:
    """A column that names or finds a person."""
    return About(text, absent, sensitivity=Sensitivity.IDENTIFYING, name=True)


def plain(text: str, absent: str | None = None, *, unit: str | None = None) -> About:
    """A column that tells nothing of a person, and that the row needs."""
    return About(text, absent, unit=unit, sensitivity=Sensitivity.PLAIN, key=True)


def restricted(text: str, absent: str | None = None) -> About:
    """A column of a protected or welfare record."""
    return About(text, absent, sensitivity=Sensitivity.RESTRICTED)
