"""Made-up numbers with the check digits of the real ones."""

import numpy as np
import polars as pl

from services.synth.chance import Ints

PREFECTURE = "99"  # no prefecture has it


def with_modulus11(serials: Ints, width: int) -> pl.Series:
    """宛名番号 or 世帯番号 of `width` digits: the serial, then its check digit.

    Modulus 11 with weights 2–7 from the right; remainders 0 and 1 give 0.
    """
    total = np.zeros_like(serials)
    for place in range(width - 1):
        total += (serials // 10**place % 10) * (place % 6 + 2)
    check = (11 - total % 11) % 11
    check[check == 10] = 0
    return pl.Series(serials * 10 + check).cast(pl.String).str.zfill(width)


def city_code(first_five: str) -> str:
    """全国地方公共団体コード: five digits and their check digit."""
    total = sum(int(digit) * weight for digit, weight in zip(first_five, (6, 5, 4, 3, 2), strict=True))
    return f"{first_five}{(11 - total % 11) % 10}"


def school_code(kind: str, serial: int) -> str:
    """学校コード of 13 characters: kind (B1 小, C1 中 …), prefecture, 2 (public), seven digits, check digit."""
    body = f"{kind}{PREFECTURE}2{serial:07d}"
    digits = f"{ord(body[0]) - ord('A') + 1:02d}{body[1:]}"
    total = sum(sum(divmod(int(digit) * (1 + place % 2), 10)) for place, digit in enumerate(digits))
    return f"{body}{(10 - total % 10) % 10}"


def shuffled_serials(rng: np.random.Generator, n: int, first: int) -> Ints:
    """`n` different serials from `first` on, with gaps, in random order."""
    steps = rng.integers(1, 4, n)
    return rng.permutation(first + np.cumsum(steps))


def wrong_modulus11(numbers: pl.Series, width: int) -> pl.Series:
    """Which numbers do not end in the check digit of the digits before it."""
    return numbers != with_modulus11((numbers.cast(pl.Int64) // 10).to_numpy(), width)
