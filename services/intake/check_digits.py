"""Check digits as expressions: true where the digit is right. A wrong one warns, never rejects."""

import polars as pl

MUNICIPALITY_WEIGHTS = (6, 5, 4, 3, 2)
SCHOOL_LETTERS = dict(zip("ABCDEFGH", ("01", "02", "03", "04", "05", "06", "07", "08"), strict=True))
LONGEST_NUMBER = 15


def atena_holds(number: pl.Expr) -> pl.Expr:
    """宛名番号, 世帯番号: modulus 11, weights 2–7 from the right, the last digit being the check digit.

    Remainder 0 gives 0 (the standard says so), remainder 1, of which it says nothing, too.
    """
    padded = number.str.zfill(LONGEST_NUMBER)
    weighted = (_digit(padded, LONGEST_NUMBER - 2 - i) * (2 + i % 6) for i in range(LONGEST_NUMBER - 1))
    rest = pl.sum_horizontal(weighted) % 11
    wanted = pl.when(rest > 1).then(11 - rest).otherwise(0)
    return number.str.contains(rf"^[0-9]{{2,{LONGEST_NUMBER}}}$") & (_digit(padded, LONGEST_NUMBER - 1) == wanted)


def school_holds(code: pl.Expr) -> pl.Expr:
    """学校コード, 13 characters: the letter as two digits, weights 1, 2, 1, … from the left, digits of the products added.

    A city's own code of up to three characters has no check digit and holds.
    """
    digits = code.str.slice(0, 1).replace_strict(SCHOOL_LETTERS, default=None) + code.str.slice(1, 11)
    products = [_digit(digits, i) * (1 + i % 2) for i in range(13)]
    total = pl.sum_horizontal(product // 10 + product % 10 for product in products)
    right = code.str.contains(r"^[A-H][0-9]{12}$") & (_digit(code, 12) == (10 - total % 10) % 10)
    return (code.str.len_chars() <= 3) | right.fill_null(False)


def municipality_holds(code: pl.Expr) -> pl.Expr:
    """全国地方公共団体コード, six digits: 11 − (Σ digit × weight mod 11), of which 10 gives 0 and 11 gives 1."""
    total = pl.sum_horizontal(_digit(code, i) * weight for i, weight in enumerate(MUNICIPALITY_WEIGHTS))
    wanted = (11 - total % 11) % 10
    return code.str.contains(r"^[0-9]{6}$") & (_digit(code, 5) == wanted)


def _digit(text: pl.Expr, position: int) -> pl.Expr:
    return text.str.slice(position, 1).cast(pl.Int32(), strict=False)
