"""What a broker is made of: the very jars of the list, ports that stay free, a process that is never mistaken."""

import json
import subprocess
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from xml.etree import ElementTree

import pytest

from infra.kafka.jars import POM, SUMS, differences, digests, read_sums
from infra.kafka.ports import RANGE, free_ports, is_free
from infra.kafka.process import BrokerProcess
from infra.procfs import read_process


def test_a_missing_an_unlisted_and_another_jar_are_each_named(tmp_path: Path) -> None:
    for name in ("same", "other", "new"):
        (tmp_path / f"{name}.jar").write_text(f"body of {name}", "utf-8")
    listed = {f"{name}.jar": sha256(f"body of {name}".encode()).hexdigest() for name in ("same", "gone")}
    listed["other.jar"] = sha256(b"what it was").hexdigest()
    assert differences(digests(tmp_path), listed) == [
        "gone.jar: missing",
        "new.jar: not listed",
        "other.jar: another file",
    ]


def test_the_list_of_sums_is_of_the_version_that_the_pom_names() -> None:
    pom = ElementTree.parse(POM).getroot()
    version = pom.findtext(".//{*}kafka.version")
    jars = read_sums(SUMS.read_text("utf-8"))
    assert {f"kafka_2.13-{version}.jar", f"kafka-tools-{version}.jar"} <= jars.keys()
    assert not pom.findall(".//{*}repositories")


def test_a_server_gets_ports_that_no_connection_and_no_other_process_is_given() -> None:
    ports = free_ports(8)
    assert len({*ports, *free_ports(8)}) == 16
    assert max(ports) < int(RANGE.read_text().split()[0])
    assert all(is_free(port) for port in ports)
    program = "import sys; from infra.kafka import ports; sys.exit(any(map(ports._reserve, map(int, sys.argv[1:]))))"
    subprocess.run([sys.executable, "-c", program, *map(str, ports)], check=True)


@pytest.fixture
def sleeper(tmp_path: Path) -> Iterator[tuple[BrokerProcess, Path]]:
    """A process that stands in for a broker's, and the register that says who it is."""
    process = BrokerProcess(tmp_path)
    process.launch(["sleep", "600"])
    register = tmp_path / "process.json"
    noted = register.read_bytes()
    yield process, register
    register.write_bytes(noted)
    process.kill()


@pytest.mark.parametrize("mistaken", [{"boot": "another"}, {"started": 1}])
def test_a_later_process_of_the_same_number_is_not_ended(
    sleeper: tuple[BrokerProcess, Path], mistaken: dict[str, object]
) -> None:
    _, register = sleeper
    noted = json.loads(register.read_text())
    register.write_text(json.dumps(noted | mistaken))
    later = BrokerProcess(register.parent)
    assert later.pid() is None
    later.kill()
    process = read_process(noted["pid"])
    assert process is not None
    assert process.state != "Z"


def test_another_program_finds_and_ends_the_process(sleeper: tuple[BrokerProcess, Path]) -> None:
    process, register = sleeper
    program = (
        "import sys; from pathlib import Path; from infra.kafka.process import BrokerProcess;"
        "BrokerProcess(Path(sys.argv[1])).stop()"
    )
    assert process.pid() is not None
    subprocess.run([sys.executable, "-c", program, register.parent], check=True)
    assert process.pid() is None
