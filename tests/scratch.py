"""Where tests keep what they throw away."""

import shutil
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")  # Linux's file system in memory; the small one of a container would not hold a server
ENOUGH = 8 << 30  # bytes free


def scratch_folder(prefix: str) -> Path:
    """A new folder for a server's home, in memory where there is room: a clone of a database is 2,000 small files.

    Not pytest's own folder: the server's user must be able to enter it where the tests run as root.
    """
    roomy = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ENOUGH
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=MEMORY if roomy else None))
    folder.chmod(0o755)
    return folder
