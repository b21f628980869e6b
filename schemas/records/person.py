"""A person of the register: who may act, known by a public key and by roles, never by name."""

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, Field


class Role(StrEnum):
    """What a registered person may do; one person may hold several."""

    ADMIN = "admin"  # keeps the register of persons
    DRAFTER = "drafter"  # drafts, submits and amends approvals
    HEARER = "hearer"  # records the council's part of an approval
    CASEWORKER = "caseworker"  # works the alert queue
    ANALYST = "analyst"  # looks at runs and judgements by key
    LINKAGE = "linkage"  # looks at links and review pairs
    AUDITOR = "auditor"  # looks at what was done


class PersonRecord(BaseModel, frozen=True, extra="forbid"):
    """One row of the register. Written by an admin; never deleted, only revoked.

    person:      the city's own staff code (not a name): small letters, digits, `-`, `_`
    public_key:  raw Ed25519 public key, 32 bytes, as 64 hexadecimal digits
    roles:       at least one
    added_at:    when the person was registered, with offset
    revoked_at:  from when on the key opens nothing, or None where it still does
    """

    person: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")
    public_key: str = Field(pattern=r"^[0-9a-f]{64}$")
    roles: frozenset[Role] = Field(min_length=1)
    added_at: datetime
    revoked_at: datetime | None = None
