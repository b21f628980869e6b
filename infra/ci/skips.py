"""Fails when a test was skipped: `python infra/ci/skips.py JUNIT_XML`. Silent when none was.

Two reasons are good: the test compares with material that lies beside the repository and is absent here (anywhere), and
the test needs Go (where there is none).
"""

import shutil
import sys
from xml.etree import ElementTree

EXCUSED = ("../shared",) if shutil.which("go") else ("../shared", "go is not on this machine")


def main(path: str) -> int:
    """Report each skip that has no excuse; the exit code of the process."""
    cases = ElementTree.parse(path).iter("testcase")
    skips = [(case, skip.get("message", "")) for case in cases for skip in case.iter("skipped")]
    unexcused = [(case, reason) for case, reason in skips if not any(good in reason for good in EXCUSED)]
    for case, reason in unexcused:
        sys.stderr.write(f"skipped: {case.get('classname')}::{case.get('name')}: {reason}\n")
    return 1 if unexcused else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
