"""Checkpoints, cosignatures of witnesses, and self-contained proofs, in the forms of C2SP."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from models.tlog import leaf_hash, root
from models.tlog.checkpoint import Checkpoint, read_checkpoint
from models.tlog.cosignature import cosign, verify
from models.tlog.keys import COSIGNATURE, MAX_TIME
from models.tlog.note import NoteError, add_signature, read_verifier_key, sign_note, verified, verifier_key
from models.tlog.proof import read_proof, write_proof
from models.tlog.proofs import inclusion_proof, verify_inclusion

# C2SP tlog-checkpoint
PUBLISHED = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"

CITY, COUNCIL = (Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32) for number in (1, 2))
ENTRIES = [str(number).encode() for number in range(11)]
LEAVES = [leaf_hash(entry) for entry in ENTRIES]
CHECKPOINT = Checkpoint("city.example/log", 11, root(LEAVES))
LOG = read_verifier_key(verifier_key(CHECKPOINT.origin, CITY.public_key().public_bytes_raw()))
WITNESS = read_verifier_key(
    verifier_key("council.example/witness", COUNCIL.public_key().public_bytes_raw(), COSIGNATURE)
)
AT = 1_679_315_147
SIGNED = sign_note(CHECKPOINT.text, CHECKPOINT.origin, CITY)
COSIGNED = add_signature(SIGNED, cosign(CHECKPOINT.text, WITNESS.name, COUNCIL, AT))


def test_the_published_checkpoint_is_read_and_written() -> None:
    checkpoint = read_checkpoint(PUBLISHED)
    assert (checkpoint.origin, checkpoint.size) == ("example.com/behind-the-sofa", 20_852_163)
    assert checkpoint.text == PUBLISHED


def test_extension_lines_are_allowed() -> None:
    assert read_checkpoint(PUBLISHED + "more\n") == read_checkpoint(PUBLISHED)


@pytest.mark.parametrize(
    "text",
    [
        "",
        PUBLISHED[:-1],
        PUBLISHED + "\n",
        PUBLISHED + "more\n\n",
        PUBLISHED.replace("example.com/behind-the-sofa", ""),
        PUBLISHED.replace("20852163", "020852163"),
        PUBLISHED.replace("20852163", "-1"),
        PUBLISHED.replace("20852163", "２０"),
        PUBLISHED.replace("20852163", ""),
        PUBLISHED.replace("q2I=", "q2J="),
        PUBLISHED.replace("q2I=", ""),
        SIGNED,
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(NoteError):
        read_checkpoint(text)


def test_a_cosignature_signs_two_lines_and_the_checkpoint() -> None:
    value = base64.b64decode(cosign(CHECKPOINT.text, WITNESS.name, COUNCIL, AT).split(" ")[2])
    assert value[:4] == WITNESS.key_id
    assert int.from_bytes(value[4:12], "big") == AT
    message = f"cosignature/v1\ntime {AT}\n{CHECKPOINT.text}"
    COUNCIL.public_key().verify(value[12:], message.encode())


def test_a_cosigned_checkpoint_is_verified_with_both_keys_and_says_when() -> None:
    assert verified(COSIGNED, [LOG, WITNESS]).names == (LOG.name, WITNESS.name)
    assert verify(COSIGNED, WITNESS) == AT


def test_the_latest_of_a_witnesss_cosignatures_counts() -> None:
    again = add_signature(COSIGNED, cosign(CHECKPOINT.text, WITNESS.name, COUNCIL, AT - 1))
    assert verify(again, WITNESS) == AT


def test_a_cosignature_of_another_checkpoint_or_time_is_refused() -> None:
    other = Checkpoint(CHECKPOINT.origin, 10, CHECKPOINT.root)
    for line in (cosign(other.text, WITNESS.name, COUNCIL, AT), cosign(CHECKPOINT.text, WITNESS.name, CITY, AT)):
        with pytest.raises(NoteError):
            verify(add_signature(SIGNED, line), WITNESS)
    for at in (-1, MAX_TIME + 1):
        with pytest.raises(NoteError, match="時刻"):
            cosign(CHECKPOINT.text, WITNESS.name, COUNCIL, at)


def test_a_log_key_is_no_witness() -> None:
    with pytest.raises(NoteError, match="証人"):
        verify(SIGNED, LOG)
    with pytest.raises(NoteError, match="証人"):
        verify(SIGNED, WITNESS)


@given(st.data())
def test_no_cosigned_checkpoint_with_a_flipped_bit_counts_as_cosigned(data: st.DataObject) -> None:
    note = bytearray(COSIGNED.encode())
    log_line = range(len(CHECKPOINT.text.encode()) + 1, len(SIGNED.encode()))
    bit = data.draw(st.integers(0, len(note) * 8 - 1).filter(lambda bit: bit // 8 not in log_line))
    note[bit // 8] ^= 1 << bit % 8
    try:
        broken = note.decode()
    except UnicodeDecodeError:
        return  # not even text
    with pytest.raises(NoteError):
        verify(broken, WITNESS)


@given(st.integers(0, 10), st.binary(max_size=40))
def test_a_proof_file_gives_back_what_was_written(index: int, extra: bytes) -> None:
    hashes = inclusion_proof(LEAVES, index, 11)
    text = write_proof(index, hashes, COSIGNED, extra)
    proof = read_proof(text)
    assert (proof.index, list(proof.hashes), proof.checkpoint, proof.extra) == (index, hashes, COSIGNED, extra)
    assert _holds(text, ENTRIES[index])


def test_a_proof_file_is_laid_out_as_specified() -> None:
    text = write_proof(10, [bytes(32)], SIGNED, b"extra")
    hash_line = base64.b64encode(bytes(32)).decode()
    assert text == f"c2sp.org/tlog-proof@v1\nextra ZXh0cmE=\nindex 10\n{hash_line}\n\n{SIGNED}"


def test_a_tree_of_one_entry_needs_no_hash() -> None:
    assert write_proof(0, [], SIGNED) == f"c2sp.org/tlog-proof@v1\nindex 0\n\n{SIGNED}"
    assert read_proof(write_proof(0, [], SIGNED)).hashes == ()


@given(st.integers(0, 10), st.data())
def test_no_proof_file_with_a_flipped_bit_holds(index: int, data: st.DataObject) -> None:
    text = bytearray(write_proof(index, inclusion_proof(LEAVES, index, 11), SIGNED).encode())
    bit = data.draw(st.integers(0, len(text) * 8 - 1))
    text[bit // 8] ^= 1 << bit % 8
    try:
        broken = text.decode()
    except UnicodeDecodeError:
        return  # not even text
    assert not _holds(broken, ENTRIES[index])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("proof@v1", "proof@v2"),
        ("index 10", "index 010"),
        ("index 10\n", ""),
        ("index 10\n", "index 10\nAAAA\n"),
        ("index 10\n", "extra \nindex 10\n"),
        ("index 10\n", "index 10\nextra ZXh0cmE=\n"),
        ("index 10\n\n", "index 10\n"),
    ],
)
def test_what_is_no_proof_file_is_refused(old: str, new: str) -> None:
    text = write_proof(10, [], SIGNED)
    assert old in text
    with pytest.raises(NoteError):
        read_proof(text.replace(old, new))


def _holds(text: str, entry: bytes) -> bool:
    """Whether the file proves that the entry is in the city's log."""
    try:
        proof = read_proof(text)
        checkpoint = read_checkpoint(verified(proof.checkpoint, [LOG]).text)
    except NoteError:
        return False
    return verify_inclusion(leaf_hash(entry), proof.index, checkpoint.size, proof.hashes, checkpoint.root)
