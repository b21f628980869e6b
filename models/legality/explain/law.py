"""What kind of law a request names: its name counts for more than what the request calls it."""

import re
import unicodedata

GUIDELINE = re.compile("要綱|要領|要項|ガイドライン|通知|通達|指針|手引|マニュアル|内規")  # never law
ONLY_ASKING = re.compile(
    r"(民事訴訟法|民訴法?)186条|(刑事訴訟法|刑訴法?)197条2項|弁護士法23条の?2"
)  # whether to answer is free
ORDINANCE = re.compile("条例|規則")
STATUTE = re.compile("法(?!人)|政令|省令|施行令")


def law_kind(law: str | None, said: str | None) -> str | None:
    """The kind: as it is `said`, unless the name of the law shows a lesser one; None where no law is named."""
    if law is None or not law.strip():
        return None
    name = re.sub(r"第|\s", "", unicodedata.normalize("NFKC", law))
    if said not in ("obliges", "penalty", "ordinance"):
        return said
    if GUIDELINE.search(name):
        return "guideline"
    if ONLY_ASKING.search(name):
        return "only-allows-asking"
    return "ordinance" if ORDINANCE.search(name) and not STATUTE.search(name) else said
