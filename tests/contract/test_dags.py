"""The DAGs, loaded by Airflow itself: they load, form one chain, and do nothing but wire."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "dags").glob("*.py"))
CHAIN = ["ingest_feeds", "link_children", "judge_children", "publish_alerts", "council_report"]

Loaded = dict[str, dict[str, list[str]]]


@pytest.fixture(scope="module")
def loaded() -> Loaded:
    """What `make check` loads; in a process of its own, for Airflow takes its home from the environment at import."""
    done = subprocess.run(
        [sys.executable, "-m", "infra.airflow.load_dags"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def test_every_dag_file_loads_as_the_dag_of_its_name(loaded: Loaded) -> None:
    assert sorted(loaded) == sorted(CHAIN) == [file.stem for file in FILES]


def test_each_dag_is_started_by_what_the_one_before_it_makes(loaded: Loaded) -> None:
    started_by = [loaded[dag]["started_by"] for dag in CHAIN]
    makes = [loaded[dag]["makes"] for dag in CHAIN]

    assert started_by[0] == []
    assert started_by[1:] == makes[:-1]
    assert [len(assets) for assets in makes] == [1, 1, 1, 1, 0]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_dag_names_its_owner_and_a_runbook_that_exists(file: Path) -> None:
    purpose, _, facts = (ast.get_docstring(ast.parse(file.read_text())) or "").partition("\n\n")
    owner, runbook = facts.removeprefix("Owner: ").removesuffix(".").split(". Runbook: ")

    assert purpose.startswith(f"`{file.stem}`: ")
    assert owner
    assert (ROOT / runbook).is_file()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_dag_file_imports_airflow_alone_and_each_task_one_service_function(file: Path) -> None:
    module = ast.parse(file.read_text())
    at_the_top = [node.module for node in module.body if isinstance(node, ast.ImportFrom)]
    (dag,) = [node for node in module.body if isinstance(node, ast.FunctionDef)]
    tasks = [node for node in dag.body if isinstance(node, ast.FunctionDef)]

    assert at_the_top == ["airflow.sdk"]
    assert tasks
    assert [len(_service_functions(task)) for task in tasks] == [1] * len(tasks)


def _service_functions(task: ast.FunctionDef) -> list[str]:
    """What a task imports of the services proper; opening a session and reading the handover are every task's."""
    imports = [node for node in task.body if isinstance(node, ast.ImportFrom)]
    return [
        name.name
        for node in imports
        if (node.module or "").startswith("services.") and not (node.module or "").startswith("services.cli.")
        for name in node.names
    ]
