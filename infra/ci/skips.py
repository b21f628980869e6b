"""Fails when a test was skipped: `python infra/ci/skips.py JUNIT_XML`. Silent when none was.

One reason is good anywhere: the test compares with material that lies beside the repository and is absent here.
"""

import sys
from xml.etree import ElementTree

EXCUSED = "../shared"


def main(path: str) -> int:
    """Report each skip that has no excuse; the exit code of the process."""
    cases = ElementTree.parse(path).iter("testcase")
    skips = [(case, skip.get("message", "")) for case in cases for skip in case.iter("skipped")]
    unexcused = [(case, reason) for case, reason in skips if EXCUSED not in reason]
    for case, reason in unexcused:
        sys.stderr.write(f"skipped: {case.get('classname')}::{case.get('name')}: {reason}\n")
    return 1 if unexcused else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
