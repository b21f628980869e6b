"""The log against a verifier not written here: Go's `golang.org/x/mod/sumdb/note` and `tlog` (go_verifier/)."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from models.tlog import leaf_hash, root
from models.tlog.checkpoint import Checkpoint
from models.tlog.cosignature import cosign
from models.tlog.keys import COSIGNATURE
from models.tlog.note import add_signature, sign_note, verifier_key
from models.tlog.proof import read_proof, write_proof
from models.tlog.proofs import inclusion_proof
from models.tlog.tiles import WIDTH, bundle_path, tiles, write_bundle
from services.ledger import witness
from services.ledger.export import export
from services.ledger.prove import prove
from services.platform.database import Database
from services.platform.keyfiles import load_key
from tests.logbook import fill

SOURCE = Path(__file__).parent / "go_verifier"
GO = shutil.which("go")
pytestmark = pytest.mark.skipif(GO is None, reason="go is not on this machine")

ENTRIES = [
    f'{{"index":{number}}}'.encode() for number in range(5 * WIDTH + 44)
]  # full tiles, a partial one, and a level above
INDEX = 700  # of the entry that is proved
CITY, COUNCIL = (Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32) for number in (1, 2))
LOG_KEY = verifier_key("city.example/log", CITY.public_key().public_bytes_raw())
WITNESS_KEY = verifier_key("council.example/witness", COUNCIL.public_key().public_bytes_raw(), COSIGNATURE)


@dataclass(frozen=True)
class Verifier:
    """The Go program, built."""

    program: Path

    def check(self, folder: Path, *options: str | Path, key: str = LOG_KEY) -> subprocess.CompletedProcess[str]:
        """Verify an exported folder; the exit code tells whether Go accepts it."""
        return subprocess.run(
            [self.program, "-key", key, *options, folder], capture_output=True, text=True, timeout=60, check=False
        )


@pytest.fixture(scope="module")
def verifier(tmp_path_factory: pytest.TempPathFactory) -> Verifier:
    """The verifier, compiled from modules that go.sum names by their hashes."""
    assert GO is not None
    program = tmp_path_factory.mktemp("go") / "verifier"
    # Go keeps its caches under HOME; nothing may change go.mod or go.sum on the way
    environment = {**os.environ, "GOFLAGS": "-mod=readonly -buildvcs=false"}
    built = subprocess.run(
        [GO, "build", "-o", program, "."], cwd=SOURCE, env=environment, capture_output=True, text=True, check=False
    )
    assert built.returncode == 0, built.stderr
    return Verifier(program)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An exported log with a witness's cosignature, and beside it a proof of one entry."""
    return write_log(tmp_path / "log", ENTRIES)


def test_go_accepts_checkpoint_cosignature_tiles_entries_and_proof(verifier: Verifier, folder: Path) -> None:
    done = verifier.check(folder, "-witness", WITNESS_KEY, *proof_of(folder))
    assert (done.returncode, done.stdout) == (0, f"{len(ENTRIES)}\n"), done.stderr


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 512])
def test_go_accepts_a_log_of_any_size(verifier: Verifier, tmp_path: Path, size: int) -> None:
    done = verifier.check(write_log(tmp_path / "log", ENTRIES[:size]), "-witness", WITNESS_KEY)
    assert (done.returncode, done.stdout) == (0, f"{size}\n"), done.stderr


@pytest.mark.parametrize(
    ("path", "at"),
    [
        ("checkpoint", 0),  # origin
        ("checkpoint", 18),  # size
        ("checkpoint", 30),  # root
        ("checkpoint", 140),  # signatures
        ("checkpoint", 250),
        ("tile/0/000", 0),
        ("tile/0/003", 8191),
        (f"tile/0/005.p/{len(ENTRIES) % WIDTH}", 40),
        ("tile/1/000.p/5", 100),
        ("tile/entries/002", 5),
        (f"tile/entries/005.p/{len(ENTRIES) % WIDTH}", 1),
    ],
)
def test_go_rejects_a_flipped_bit(verifier: Verifier, folder: Path, path: str, at: int) -> None:
    flip(folder / path, at)
    assert verifier.check(folder, "-witness", WITNESS_KEY).returncode == 1


@pytest.mark.parametrize("at", [0, 29, 80, 500, 700])
def test_go_rejects_a_flipped_bit_in_a_proof(verifier: Verifier, folder: Path, at: int) -> None:
    flip(folder.parent / "proof", at)
    assert verifier.check(folder, "-witness", WITNESS_KEY, *proof_of(folder)).returncode == 1


def test_go_rejects_a_proof_of_another_entry(verifier: Verifier, folder: Path) -> None:
    (folder.parent / "entry").write_bytes(ENTRIES[INDEX + 1])
    assert verifier.check(folder, *proof_of(folder)).returncode == 1


def test_go_rejects_a_truncated_tile_and_a_missing_one(verifier: Verifier, folder: Path) -> None:
    tile = folder / "tile/0/001"
    tile.write_bytes(tile.read_bytes()[:-32])
    assert verifier.check(folder).returncode == 1
    tile.unlink()
    assert verifier.check(folder).returncode == 1


def test_go_rejects_the_checkpoint_of_another_key(verifier: Verifier, folder: Path) -> None:
    other = verifier_key("city.example/log", COUNCIL.public_key().public_bytes_raw())
    assert verifier.check(folder, key=other).returncode == 1


@pytest.fixture
def exported(database: Database, tmp_path: Path) -> Path:
    """The log of a real home as it exports it, cosigned by a witness, with the proof of entry 3 beside it."""
    fill(database, 300)
    proved = read_proof(prove(database, 3)[1])
    folder = tmp_path / "log"
    export(database, folder)
    witness.init(tmp_path / "witness", tmp_path / "witness.pem", folder, name="council.example/witness")
    cosigned = witness.cosign(tmp_path / "witness", tmp_path / "witness.pem", folder, database.clock.now())
    shutil.copyfile(cosigned.file, folder / "checkpoint")
    (tmp_path / "proof").write_text(write_proof(3, proved.hashes, cosigned.file.read_text()))
    (tmp_path / "entry").write_bytes(proved.extra)
    return folder


def test_go_accepts_what_a_home_exports(verifier: Verifier, exported: Path) -> None:
    done = verifier.check(exported, "-witness", witness_of(exported), *proof_of(exported), key=key_of(exported))
    assert (done.returncode, done.stdout) == (0, "300\n"), done.stderr


def test_go_rejects_a_flipped_bit_in_what_a_home_exports(verifier: Verifier, exported: Path) -> None:
    flip(exported / "tile/entries/001.p/44", 200)
    assert verifier.check(exported, key=key_of(exported)).returncode == 1


def write_log(folder: Path, entries: Sequence[bytes]) -> Path:
    """The files of an export, and beside the folder `proof` and `entry` where the log is long enough."""
    leaves = [leaf_hash(entry) for entry in entries]
    checkpoint = Checkpoint("city.example/log", len(entries), root(leaves))
    note = sign_note(checkpoint.text, checkpoint.origin, CITY)
    note = add_signature(note, cosign(checkpoint.text, "council.example/witness", COUNCIL, 1_788_220_800))
    files = {"checkpoint": note.encode(), **dict(tiles(leaves))}
    for n, first in enumerate(range(0, len(entries), WIDTH)):
        part = entries[first : first + WIDTH]
        files[bundle_path(n, len(part))] = write_bundle(part)
    if len(entries) > INDEX:
        files["../proof"] = write_proof(INDEX, inclusion_proof(leaves, INDEX, len(leaves)), note).encode()
        files["../entry"] = entries[INDEX]
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return folder


def proof_of(folder: Path) -> list[str | Path]:
    """The options that have the proof beside the folder checked."""
    return ["-proof", folder.parent / "proof", "-entry", folder.parent / "entry"]


def key_of(folder: Path) -> str:
    """The log's public key that an export names."""
    return (folder / "keys").read_text().splitlines()[0]


def witness_of(folder: Path) -> str:
    """The public key of the witness whose private key lies beside the folder."""
    public = load_key(folder.parent / "witness.pem").public_key().public_bytes_raw()
    return verifier_key("council.example/witness", public, COSIGNATURE)


def flip(path: Path, at: int) -> None:
    """Change one bit of a file."""
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)
