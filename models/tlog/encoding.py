"""Numbers and bytes as text, each value in exactly one spelling: a changed character never reads as the same value."""

import base64
import binascii


def to_base64(data: bytes) -> str:
    """Standard base64 of RFC 4648, with padding."""
    return base64.b64encode(data).decode()


def from_base64(text: str) -> bytes:
    """The bytes; ValueError for anything that `to_base64` would not write, unused bits that are set included."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise ValueError("not base64") from error
    if to_base64(data) != text:
        raise ValueError("not canonical base64")
    return data


def from_decimal(text: str) -> int:
    """A whole number from 0 in ASCII digits without leading zeroes; ValueError for any other spelling."""
    if not (text.isascii() and text.isdigit()) or (text[0] == "0" and text != "0"):
        raise ValueError("not a decimal number")
    return int(text)
