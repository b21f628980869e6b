"""What every tracked file must keep to, whatever it is about."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# In two halves, so that this very file passes.
REGISTRIES = [
    "pypi" + ".org",
    "python" + "hosted",
    "registry.npm" + "js",
    "crates" + ".io",
    "proxy.go" + "lang",
    "maven" + ".org",
    "deb." + "debian",
    "--index" + "-url",
    "--extra-index" + "-url",
]
MACHINE_PATHS = [
    r"(?<![\w.])/" + "root/",
    r"(?<![\w.])/" + r"home/\w+/",
    r"/" + r"Users/\w+/",
    r"(?<![\w.])/" + "work/",
]


def _tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [path for name in listed.split("\0") if name and (path := ROOT / name).is_file()]


def _matches(patterns: list[str]) -> list[str]:
    """Where any pattern occurs in the tracked files, as `file:line`; what is no UTF-8 text is passed over."""
    wanted = re.compile("|".join(patterns))
    found = []
    for path in _tracked():
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            continue
        found += [f"{path.relative_to(ROOT)}:{number}" for number, line in enumerate(lines, 1) if wanted.search(line)]
    return found


def test_no_file_names_a_package_registry() -> None:
    assert _matches([re.escape(registry) for registry in REGISTRIES]) == []


def test_no_file_names_a_path_of_somebodys_machine() -> None:
    assert _matches(MACHINE_PATHS) == []


@pytest.mark.parametrize("line", ["see https://" + REGISTRIES[0] + "/simple", "cd /" + "root/project"])
def test_the_patterns_find_what_they_are_for(line: str) -> None:
    assert re.search("|".join([*map(re.escape, REGISTRIES), *MACHINE_PATHS]), line)


def test_every_package_of_the_lock_is_pinned_and_has_hashes() -> None:
    blocks = re.split(r"\n(?=\S)", (ROOT / "requirements.lock").read_text().replace("\\\n", ""))
    requirements = [block for block in blocks if not block.startswith("#")]
    loose = [block.split()[0] for block in requirements if not re.match(r"\S+==\S+.*--hash=sha256:[0-9a-f]{64}", block)]

    assert len(requirements) > 100
    assert loose == []


def test_every_direct_dependency_is_locked_and_says_why_on_its_line() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    project = tomllib.loads(text)
    direct = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    locked = (ROOT / "requirements.lock").read_text()

    for requirement in direct:
        name = re.split(r"[\[=<>]", requirement)[0]
        assert re.search(rf"^{re.escape(name)}(\[\S*\])?==", locked, re.MULTILINE), name
        assert re.search(rf'"{re.escape(requirement)}",\s+# \S', text), name


def test_every_make_target_says_what_it_is_for() -> None:
    makefile = (ROOT / "Makefile").read_text()
    (phony,) = re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    described = re.findall(r"^([a-z-]+):.*## \S", makefile, re.MULTILINE)

    assert sorted(phony.split()) == sorted(described)
