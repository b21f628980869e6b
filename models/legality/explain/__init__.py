"""What the gate would answer to a hypothetical request: a pure function of its facts, the profiles and the approvals."""

from models.legality.explain.answer import Explained, Failed, Item, Question
from models.legality.explain.main import explain
from models.legality.explain.situation import NO_ID, History

__all__ = ["NO_ID", "Explained", "Failed", "History", "Item", "Question", "explain"]
