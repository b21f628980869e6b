"""Apache Kafka's own jars, got through Maven and held to committed sums: `python -m infra.kafka.jars [--lock]`.

They lie in `build/kafka/`, in a folder named after the list of sums, so that another version gets another folder.
"""

import argparse
import fcntl
import hashlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from infra.kafka.errors import DownloadError, KafkaError, ToolMissingError, WrongJarsError

POM = Path(__file__).with_name("pom.xml")
SUMS = Path(__file__).with_name("jars.sha256")  # as `sha256sum *.jar` writes it
CACHE = Path(__file__).parents[2] / "build" / "kafka"


def ensure_jars() -> Path:
    """The folder that holds exactly the jars of the list, downloaded where need be; checked at each call (0.1 s).

    Raises ToolMissingError without Java or, where there is something to download, without Maven; DownloadError;
    WrongJarsError.
    """
    find_program("java", package="default-jre-headless")
    folder = CACHE / hashlib.sha256(SUMS.read_bytes()).hexdigest()[:12]
    if not folder.exists():
        _fetch(folder, read_sums(SUMS.read_text("utf-8")))
    _check(folder, read_sums(SUMS.read_text("utf-8")))
    return folder


def find_program(name: str, *, package: str) -> str:
    """The program's path; raises ToolMissingError, which names the Debian package that brings it."""
    found = shutil.which(name)
    if found is None:
        raise ToolMissingError(name, package)
    return found


def read_sums(text: str) -> dict[str, str]:
    """SHA-256 in hexadecimal by file name, from lines of `sha256sum`."""
    return {name: digest for digest, name in (line.split() for line in text.splitlines())}


def digests(folder: Path) -> dict[str, str]:
    """SHA-256 in hexadecimal of every file in a folder, by name."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def differences(found: Mapping[str, str], listed: Mapping[str, str]) -> list[str]:
    """What is missing, not listed, or another file than listed: one line each, by name; empty where all is well."""
    verdicts = {name: "missing" for name in listed.keys() - found.keys()}
    verdicts |= {name: "not listed" for name in found.keys() - listed.keys()}
    verdicts |= {name: "another file" for name in found.keys() & listed.keys() if found[name] != listed[name]}
    return [f"{name}: {verdict}" for name, verdict in sorted(verdicts.items())]


def _check(folder: Path, listed: Mapping[str, str]) -> None:
    if unlike := differences(digests(folder), listed):
        raise WrongJarsError(folder, unlike)


def _fetch(folder: Path, listed: Mapping[str, str]) -> None:
    """Download aside, check, rename: a killed one leaves no half folder. One process at a time, as Maven wants it."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock, tempfile.TemporaryDirectory(dir=CACHE) as aside:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if folder.exists():
            return  # another process was first
        fresh = Path(aside) / "jars"
        _download(fresh)
        _check(fresh, listed)
        fresh.rename(folder)


def _download(folder: Path) -> None:
    maven = find_program("mvn", package="maven")
    copy = [maven, "-q", "-B", "-f", str(POM), "dependency:copy-dependencies", f"-DoutputDirectory={folder}"]
    done = subprocess.run(copy, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise DownloadError(done.stdout[-2000:] + done.stderr[-2000:])


def _lock() -> None:
    """Write the list of sums anew from what the pom names now."""
    with tempfile.TemporaryDirectory() as aside:
        _download(Path(aside))
        lines = [f"{digest}  {name}\n" for name, digest in digests(Path(aside)).items()]
    SUMS.write_text("".join(lines), "utf-8")


def main() -> int:
    """Get and check the jars, or write their list; the exit code of the process."""
    parser = argparse.ArgumentParser(prog="jars", description="Get Kafka's jars and hold them to the committed sums.")
    parser.add_argument("--lock", action="store_true", help="write the list of sums anew instead")
    try:
        if parser.parse_args().lock:
            _lock()
        else:
            sys.stdout.write(f"{ensure_jars()}\n")
    except KafkaError as error:
        sys.stderr.write(f"failed: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
