"""Decides, records, reveals: the only writer of decisions; persons, roles and their keys."""

from services.gate.decide import (
    Decision,
    Permit,
    act,
    approved_items,
    check,
    decide,
    receiving_office,
    record_refusal,
)
from services.gate.request import Request

__all__ = [
    "Decision",
    "Permit",
    "Request",
    "act",
    "approved_items",
    "check",
    "decide",
    "receiving_office",
    "record_refusal",
]
