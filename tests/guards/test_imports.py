"""The import contract of pyproject.toml holds, and covers every part of the house."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LAYERS, PURE = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]

# Written down apart from the contract, so that nobody loosens it in passing.
WITHOUT_DJANGO = {
    "apps.common.errors",
    "apps.datasources.guard",
    "apps.datasources.schema",
    "apps.knowledge.linking",
    "apps.queries.charts",
    "apps.queries.engines.builtin",
    "apps.queries.evaluation",
    "config.embedded",
}


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("lint-imports")
    return subprocess.run([program, "--no-cache"], cwd=folder, capture_output=True, text=True, timeout=120)


def test_nobody_imports_upwards_or_sideways():
    finished = lint_imports(ROOT)
    assert finished.returncode == 0, finished.stdout


def test_every_app_has_its_place_in_the_layers():
    placed = {name.strip() for layer in LAYERS["layers"] for name in layer.split("|")}
    apps = {f"apps.{path.parent.name}" for path in (ROOT / "apps").glob("*/__init__.py")}
    assert placed == apps | {"config"}


def test_what_needs_no_django_is_held_to_it():
    assert set(PURE["source_modules"]) >= WITHOUT_DJANGO
    assert "django" in PURE["forbidden_modules"]


def test_engines_and_their_benchmarks_start_without_django() -> None:
    """Also where a package on the way would need it: settings that are not there end the import."""
    modules = (
        "apps.queries.engines, apps.queries.engines.model.messages, bench.dialogues, bench.prompts, bench.ambiguity"
    )
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    finished = subprocess.run(
        [sys.executable, "-c", f"import {modules}"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert finished.returncode == 0, finished.stderr


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("apps/common/stray.py", "import apps.queries"),
        ("apps/clarification/stray.py", "import apps.knowledge.values"),
        ("apps/datasources/guard/stray.py", "from django.conf import settings"),
    ],
)
def test_the_contract_notices_a_stray_import(tmp_path: Path, module: str, line: str):
    for source in [*(ROOT / "apps").rglob("*.py"), *(ROOT / "config").rglob("*.py"), ROOT / "pyproject.toml"]:
        copy = tmp_path / source.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(source.read_bytes())
    (tmp_path / module).write_text(line + "\n")
    finished = lint_imports(tmp_path)
    assert finished.returncode == 1
    assert "stray" in finished.stdout
