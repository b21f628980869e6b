"""The log: appends entries and reads them back."""

from services.ledger.entries import Entry, append

__all__ = ["Entry", "append"]
