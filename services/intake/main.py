"""Take in a folder of feed files, or look at one without storing anything; release what is held; show what is refused."""

from pathlib import Path

from schemas.errors import UsageError
from schemas.feeds import FEEDS
from schemas.feeds.profile import Profile, packaged_profile, parse_profile
from services.gate import approved_items
from services.intake import batch, spool
from services.intake.quarantine import Refusal, read_refusals
from services.intake.report import LoadReport
from services.intake.source import digest_of
from services.intake.transfer import Progress
from services.platform.database import Database
from services.platform.lock import exclusive
from services.platform.queries import queries

LOCK = "intake"


def _silent(feed: str, rows: int) -> None:
    """No progress is shown."""


def load_folder(
    database: Database,
    folder: Path,
    *,
    profile: str = "canonical",
    initial: bool = False,
    scheduled: bool = False,
    progress: Progress = _silent,
) -> LoadReport:
    """Load every file of `folder` that the profile knows, reference files first.

    profile:  name of a packaged profile, or the path of a TOML file
    initial:  the feeds' first load: rows are known at their event_time
    progress: called with the feed and the rows read so far, once a block
    Raises UsageError for a folder without files of the profile, a bad profile, or `initial` on feeds loaded before.
    """
    chosen = read_profile(profile)
    files = find_files(folder, chosen)
    with exclusive(database, LOCK):
        if initial:
            _check_initial(database, files)
        load = _prepare(database, chosen, initial=initial, scheduled=scheduled, progress=progress)
        reports = batch.load_files(load, [(FEEDS[feed], path) for feed, path in files])
    known = {path.name for _, path in files}
    return LoadReport(
        reports, sorted(path.name for path in folder.glob("*.*") if path.is_file() and path.name not in known)
    )


def check_folder(
    database: Database, folder: Path, *, profile: str = "canonical", progress: Progress = _silent
) -> LoadReport:
    """What loading the folder would refuse; stores nothing. Full marks are those that are stored already."""
    chosen = read_profile(profile)
    load = batch.Load(database, chosen, frozenset(), False, progress)
    files = find_files(folder, chosen)
    reports = batch.check_files(load, [(FEEDS[feed], path) for feed, path in files])
    return LoadReport(reports, _unknown(folder, files))


def mend_file(database: Database, feed: str, path: Path, *, progress: Progress = _silent) -> LoadReport:
    """Load corrected rows of one feed, in canonical form; what they mend leaves the quarantine's list."""
    if feed not in FEEDS:
        raise UsageError(f"{feed} というデータはありません。mimamori feed list で確かめてください。")
    if not path.is_file():
        raise UsageError(f"ファイルがありません: {path.name}")
    with exclusive(database, LOCK):
        load = _prepare(database, read_profile("canonical"), initial=False, scheduled=False, progress=progress)
        return LoadReport(batch.load_files(load, [(FEEDS[feed], path)]), [])


def release_batch(database: Database, number: int, person: str, *, progress: Progress = _silent) -> LoadReport:
    """Let a held file in, from the spool. person: id of the registered person who answers for it."""
    with exclusive(database, LOCK):
        load = _prepare(database, read_profile("canonical"), initial=False, scheduled=False, progress=progress)
        return LoadReport([batch.release(load, number, person)], [])


def list_quarantine(database: Database, *, feed: str | None = None, everything: bool = False) -> list[Refusal]:
    """What waits in quarantine, without its texts. everything: also what was mended since."""
    with database.connect("intake") as conn:
        return read_refusals(conn, feed, everything=everything)


def read_profile(name: str) -> Profile:
    """A packaged profile by name, or one from a TOML file."""
    path = Path(name)
    try:
        found = parse_profile(path.read_text("utf-8")) if path.suffix == ".toml" else packaged_profile(name)
    except (OSError, ValueError) as error:
        raise UsageError(f"プロファイル {path.name} を読めません: {_reason(error)}") from error
    if found is None:
        raise UsageError(
            f"プロファイル {name} はありません。canonical、demo、または TOML ファイルのパスを指定してください。"
        )
    return found


def find_files(folder: Path, profile: Profile) -> list[tuple[str, Path]]:
    """(feed, path) of every file that the profile knows, in the order of loading; a CSV may come as a ZIP of its name."""
    if not folder.is_dir():
        raise UsageError(f"フォルダーがありません: {folder.name}")
    found = []
    for feed in (name for name in FEEDS if name in profile.feeds):
        glob = profile.feeds[feed].glob
        matches = {*folder.glob(glob), *folder.glob(str(Path(glob).with_suffix(".zip")))}
        found += [(feed, path) for path in sorted(matches) if path.is_file()]
    if not found:
        raise UsageError(f"{folder.name} に、プロファイル {profile.name} が知っているファイルがありません。")
    return found


def _unknown(folder: Path, files: list[tuple[str, Path]]) -> list[str]:
    """Names of files in the folder that the profile does not know."""
    known = {path for _, path in files}
    return sorted(path.name for path in folder.iterdir() if path.is_file() and path not in known)


def _prepare(database: Database, profile: Profile, *, initial: bool, scheduled: bool, progress: Progress) -> batch.Load:
    """Clear what a killed process left and what is past its time, and see what may be collected."""
    with database.connect("intake") as conn:
        conn.execute(queries("services.intake")["purge_refusals"])
        waiting = {row[0] for row in conn.execute("SELECT spool FROM intake.held WHERE released_at IS NULL")}
        approved = approved_items(conn, act="collect", today=database.clock.today())
    spool.clear_strays(database.settings.home, waiting)
    return batch.Load(database, profile, approved, initial, progress, scheduled)


def _check_initial(database: Database, files: list[tuple[str, Path]]) -> None:
    """`--initial` is for feeds that were never loaded, or repeats their first load: the same files are given again."""
    with database.connect("intake") as conn:
        for feed in dict.fromkeys(feed for feed, _ in files):
            rows = conn.execute(queries("services.intake")["batches"], {"feed": feed}).fetchall()
            if not rows:
                continue  # nothing to compare with: a large file is not read for it
            given = {digest_of(path) for other, path in files if other == feed}
            first = {bytes(digest) for digest, initial, _ in rows if initial}
            goes_on = len(first) == len(rows)  # nothing but the first load so far: it may have been cut off
            if not (first and first <= given and (goes_on or given <= first)):
                raise UsageError(
                    f"{feed} はすでに取り込まれています。--initial は最初の取込だけに使います。--initial を外してください。"
                )


def _reason(error: Exception) -> str:
    if isinstance(error, OSError):
        return "ファイルがありません"
    return str(error)
