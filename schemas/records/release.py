"""What somebody signs who releases a run that the guard held, and who may."""

from schemas.records.person import Role

RELEASERS = (Role.CASEWORKER, Role.HEARER, Role.ADMIN)


def released(run: str, root: str, person: str) -> dict[str, str]:
    """What the statement says. root: of the run's lines, hexadecimal."""
    return {"what": "release", "run": run, "root": root, "person": person}
