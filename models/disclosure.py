"""What may be published of a count: every number is rounded to 10, so that no person or family shows through a small cell.

Rounding is the only rule: the same count is rounded the same way wherever it stands, so nothing is gained by comparing
tables; shares are of published counts, so they tell nothing more. A total is rounded from the exact total: parts need not add
up to it, and it never settles what one of its parts is, for of k parts and their total the rounding can differ by 4k + 5 at
most, which no multiple of 10 is. So a cell stands under one total, and cells that are 0 are published as all others are.
"""

BASE = 10


def publish(count: int) -> int:
    """The count as published: to the nearest 10, halves up; 0 to 4 become 0."""
    if count < 0:
        raise ValueError("a count is not negative")
    return (count + BASE // 2) // BASE * BASE


def share_text(part: int, whole: int) -> str:
    """A share in whole per cent of published counts, or why there is none; never of a whole that would show its parts."""
    shown_part, shown_whole = publish(part), publish(whole)
    if shown_whole < 10 * BASE:
        return "―"
    return f"約{(100 * shown_part + shown_whole // 2) // shown_whole}%"
