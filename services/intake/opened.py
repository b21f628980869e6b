"""Files opened and prepared ahead: while one is stored, the next is already read, checked and hashed."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from schemas.feeds.contract import Contract
from schemas.feeds.profile import Profile
from schemas.feeds.rule import Context
from services.intake.ahead import ahead
from services.intake.collecting import kept_columns
from services.intake.errors import FileRefusedError
from services.intake.gone import Gone
from services.intake.mapping import FileMapping, map_header
from services.intake.prepare import Prepared, Preparer
from services.intake.reading import open_table
from services.intake.source import digest_of


@dataclass(frozen=True)
class Ground:
    """What preparing asks beside the files themselves, read once for several of them.

    approved: item codes (feed.column) that may be taken; None: all, for nothing is stored
    contexts: by feed
    key:      of the keyed hashes
    """

    profile: Profile
    approved: frozenset[str] | None
    contexts: Mapping[str, Context]
    key: bytes
    gone: Gone

    def kept(self, contract: Contract) -> frozenset[str]:
        """Contract columns that are taken."""
        return frozenset(contract.by_name) if self.approved is None else kept_columns(contract, self.approved)

    def preparer(self, contract: Contract, kept: frozenset[str]) -> Preparer:
        """For one file's blocks."""
        return Preparer(contract, kept, self.contexts[contract.feed], self.key, self.gone)


@dataclass
class Opened:
    """A file whose header fits its profile.

    kept:    contract columns that are taken
    skipped: nobody wants the rest of its blocks
    """

    contract: Contract
    path: Path
    digest: bytes
    mapping: FileMapping
    kept: frozenset[str]
    skipped: bool = False

    @property
    def dropped(self) -> tuple[str, ...]:
        """Columns of the file that are not taken."""
        return tuple(name for name in self.mapping.sources if name not in self.kept)


_APPROVED_SINCE = "取込を始めたときには、このデータを集める承認がありませんでした。もう一度取り込んでください。"

File = tuple[Contract, Path]
Step = (
    Opened | Prepared | FileRefusedError | None
)  # of a file: itself, its blocks, None; an error in place of what would follow


def opened(ground: Ground, files: Iterable[File]) -> Iterator[tuple[Opened | FileRefusedError, Iterator[Prepared]]]:
    """Each file in turn, or why its header is refused, and its blocks, which raise FileRefusedError where one cannot be read.

    One thread runs ahead of the caller, from file to file, by as many blocks as `ahead` allows.
    """
    steps = ahead(lambda step: step, _steps(ground, files))
    for first in steps:
        assert isinstance(first, Opened | FileRefusedError)
        blocks = _blocks(steps) if isinstance(first, Opened) else iter(())
        yield first, blocks
        if isinstance(first, Opened):
            first.skipped = True
            with suppress(FileRefusedError):
                deque(blocks, maxlen=0)


def _steps(ground: Ground, files: Iterable[File]) -> Iterator[Step]:
    for contract, path in files:
        try:
            yield from _steps_of(ground, contract, path)
        except FileRefusedError as error:
            yield error


def _steps_of(ground: Ground, contract: Contract, path: Path) -> Iterator[Step]:
    profile, kept = ground.profile.feeds[contract.feed], ground.kept(contract)
    with open_table(path, encoding=profile.encoding, delimiter=profile.delimiter) as table:
        file = Opened(
            contract, path, digest_of(path), map_header(contract, ground.profile, table.header, path.name), kept
        )
        yield file
        if not kept:  # the gate refuses it, unless an approval has come into force since
            raise FileRefusedError("APPROVED_SINCE", path.name, _APPROVED_SINCE)
        preparer = ground.preparer(contract, kept)
        for block in table.blocks:
            if file.skipped:
                break
            yield preparer.prepare(file.mapping.apply(block))
    yield None


def _blocks(steps: Iterator[Step]) -> Iterator[Prepared]:
    """Of the file that was opened last."""
    for step in steps:
        if isinstance(step, FileRefusedError):
            raise step
        if not isinstance(step, Prepared):
            return
        yield step
