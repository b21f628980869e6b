"""Every condition that is asked under every profile and beside every clause, in the order in which they are told."""

from collections.abc import Callable, Iterator

from models.legality.explain.answer import Failed
from models.legality.explain.approval import (
    approved,
    items_approved,
    items_needed,
    not_against,
    period_holds,
    runs_left,
)
from models.legality.explain.named import named_approval_covers
from models.legality.explain.person import person_not_suspended, tax_secret_lifted, whereabouts_protected
from models.legality.explain.situation import Situation
from models.legality.explain.stated import attributes_stated, decided_by_holder, parties_agree, units_inside
from models.legality.explain.urgency import one_person_meant, reason_written, review_to_come

REQUEST_CONDITIONS: tuple[Callable[[Situation], Iterator[Failed]], ...] = (
    attributes_stated,
    parties_agree,
    decided_by_holder,
    approved,
    items_approved,
    items_needed,
    period_holds,
    runs_left,
    person_not_suspended,
    whereabouts_protected,
    tax_secret_lifted,
    not_against,
    one_person_meant,
    reason_written,
    review_to_come,
    units_inside,
    named_approval_covers,
)
