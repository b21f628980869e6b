"""Signed notes: the example of Go's sumdb/note, and what a note must refuse."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from models.tlog.note import (
    NoteError,
    add_signature,
    read_verifier_key,
    sign,
    sign_note,
    split_note,
    verified,
    verifier_key,
)

# golang.org/x/mod/sumdb/note, package documentation
NAME = "PeterNeumann"
SEED = base64.b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
NOTE = (
    f"{TEXT}\n— PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)

KEY = Ed25519PrivateKey.from_private_bytes(SEED)
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(32))
PETER = read_verifier_key(VKEY)
COUNCIL = read_verifier_key(verifier_key("審議会", OTHER.public_key().public_bytes_raw()))
texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.just("\n"), max_size=60).map(
    lambda text: text + "\n"
)


def test_key_and_signature_are_those_of_gos_example() -> None:
    assert verifier_key(NAME, KEY.public_key().public_bytes_raw()) == VKEY
    assert sign_note(TEXT, NAME, KEY) == NOTE
    opened = verified(NOTE, [PETER])
    assert (opened.text, opened.names) == (TEXT, (NAME,))


def test_a_second_signature_is_added_once_and_both_are_named() -> None:
    line = sign(TEXT, "審議会", OTHER)
    both = add_signature(NOTE, line)
    assert verified(both, [COUNCIL, PETER]).names == (NAME, "審議会")
    assert add_signature(both, line) == both


def test_signatures_of_unknown_keys_are_passed_over_but_one_known_is_needed() -> None:
    both = add_signature(NOTE, sign(TEXT, "審議会", OTHER))
    assert verified(both, [COUNCIL]).names == ("審議会",)
    with pytest.raises(NoteError, match="既知の鍵"):
        verified(NOTE, [COUNCIL])


def test_one_wrong_signature_of_a_known_key_spoils_the_note() -> None:
    wrong = add_signature(NOTE, sign("other\n", "審議会", OTHER))
    with pytest.raises(NoteError, match="一致しません"):
        verified(wrong, [PETER, COUNCIL])


def test_the_text_ends_at_the_last_empty_line() -> None:
    text = "前文\n\n— not a signature\n\n本文\n"
    assert verified(sign_note(text, NAME, KEY), [PETER]).text == text


@given(texts)
def test_any_text_can_be_signed_and_opened(text: str) -> None:
    assert verified(sign_note(text, NAME, KEY), [PETER]).text == text


@given(texts, st.data())
def test_no_note_with_a_flipped_bit_is_opened(text: str, data: st.DataObject) -> None:
    note = bytearray(sign_note(text, NAME, KEY).encode())
    bit = data.draw(st.integers(0, len(note) * 8 - 1))
    note[bit // 8] ^= 1 << bit % 8
    try:
        broken = note.decode()
    except UnicodeDecodeError:
        return  # not even text
    with pytest.raises(NoteError):
        verified(broken, [PETER])


@pytest.mark.parametrize("text", ["", "no newline", "tab\t\n", "return\r\n", "lone surrogate \ud800\n"])
def test_what_is_no_note_text_is_not_signed(text: str) -> None:
    with pytest.raises(NoteError):
        sign_note(text, NAME, KEY)


@pytest.mark.parametrize(
    "note",
    [
        "",
        TEXT,
        TEXT + "\n",
        NOTE[:-1],
        NOTE + "\n",
        NOTE.replace("— ", "- "),
        NOTE.replace("PeterNeumann ", "Peter Neumann "),
        NOTE.replace("PeterNeumann ", " "),
        NOTE.replace("AM=\n", "AN=\n"),  # the same bytes, were unused bits not looked at
        f"{TEXT}\n— PeterNeumann x08goA\n",
        f"{TEXT}\n— PeterNeumann x08gow==\n",
        TEXT + "\n" + NOTE.removeprefix(TEXT + "\n") * 101,
    ],
)
def test_what_is_no_note_is_refused(note: str) -> None:
    with pytest.raises(NoteError):
        split_note(note)
        verified(note, [PETER])


@pytest.mark.parametrize("name", ["", "two words", "a+b", "a\u3000b", "a\nb"])
def test_a_key_name_is_one_word_without_plus(name: str) -> None:
    with pytest.raises(NoteError):
        verifier_key(name, bytes(32))
    with pytest.raises(NoteError):
        sign(TEXT, name, KEY)


@pytest.mark.parametrize(
    "vkey",
    [
        "",
        "PeterNeumann",
        "PeterNeumann+c74f20a3",
        VKEY[:-1],
        VKEY.replace("c74f20a3", "c74f20a4"),
        VKEY.replace("PeterNeumann", "PeterNeuman"),
        VKEY.replace("ARpc", "AxpC"),
        VKEY.replace("+ARpc", "+AhpC"),
    ],
)
def test_a_changed_verifier_key_is_refused(vkey: str) -> None:
    with pytest.raises(NoteError):
        read_verifier_key(vkey)
