"""What somebody signs who lets an office see where a child under 支援措置 is, and who may."""

from uuid import UUID

from schemas.records.person import Role

ASKERS = (Role.CASEWORKER, Role.HEARER, Role.ADMIN)


def agreed(child: UUID, office: str, person: str) -> dict[str, str]:
    """What the statement has to say beside its reason."""
    return {"what": "unmask", "child": str(child), "office": office, "person": person}
