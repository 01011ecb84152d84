"""Text made to crash or stall a parser: each gets its verdict in a process that lives on, in little time and memory."""

import json
import re
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
SHARED = ROOT / ".." / "shared" / "security_cases" / "parser_stress.jsonl"
DIALECTS = ("postgres", "mysql", "sqlite", "duckdb", "tsql")
OWN = [
    {"id": "own: brackets", "template": "SELECT {'['*n}1{']'*n}", "n": 100_000, "expected": "refuse"},
    {"id": "own: comments", "template": "SELECT {'/*'*n}1", "n": 100_000, "expected": "refuse"},
    {"id": "own: dots", "template": "SELECT a{'.a'*n} FROM t", "n": 20_000, "expected": "refuse"},
    {"id": "own: quotes", "template": "SELECT '{chr(39)*n}", "n": 100_001, "expected": "allow_or_refuse_cleanly"},
    {"id": "own: a plain one", "template": "SELECT 1", "n": 1, "expected": "allow"},
]
PIECE = re.compile(r"\{('(?:[^'\\]|\\.)*'|chr\(39\))\*n\}")
CHILD_SECONDS = 240  # for all of them, on a machine at work with other things; each one's own limit is CPU time
MOST_CPU_SECONDS = 1.0
MOST_MEMORY_KIB = 300 * 1024  # 105 MiB are the libraries
# Refused all the same: only DuckDB has lists in brackets, and its parser here reads no comment in a comment.
REFUSED = {
    "DEP-brackets-30": {"postgres", "mysql", "sqlite", "tsql"},
    "DEP-nested_comment-30": {"duckdb"},
}
CHILD = """
import json, sys, time
from apps.datasources.guard import UnsafeSql, check_sql
check_sql("SELECT 1", dialect=sys.argv[1])
for line in sys.stdin:
    started = time.process_time()
    try:
        check_sql(json.loads(line), dialect=sys.argv[1])
        said = "allow"
    except UnsafeSql as error:
        said = error.error_code
    print(json.dumps([said, time.process_time() - started]), flush=True)
[most] = [line for line in open("/proc/self/status") if line.startswith("VmHWM")]
print(json.dumps(["memory", int(most.split()[1])]))
"""


def text_of(case: dict[str, Any]) -> str:
    """The template written out; where it asks for it, each repetition gets a number of its own."""
    numbered = "(number the aliases)" in case["template"]
    template = case["template"].replace(" (number the aliases)", "")

    def written(match: re.Match[str]) -> str:
        piece = "'" if match[1].startswith("chr") else match[1][1:-1]
        parts = (f"{piece}{number + 1}" if numbered else piece for number in range(case["n"]))
        return "".join(parts)

    return PIECE.sub(written, template)


def cases() -> list[dict[str, Any]]:
    return [*OWN, *(map(json.loads, SHARED.read_text().splitlines()) if SHARED.exists() else ())]


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_text_gets_a_verdict_and_the_process_lives_on(dialect: str) -> None:
    given = "\n".join(json.dumps(text_of(case)) for case in cases())
    done = subprocess.run(
        [sys.executable, "-c", CHILD, dialect], cwd=ROOT, input=given, capture_output=True, text=True,
        timeout=CHILD_SECONDS, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CORE, (0, 0)),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2_000:]
    *said, memory = map(json.loads, done.stdout.splitlines())
    assert len(said) == len(cases())
    assert memory[1] < MOST_MEMORY_KIB
    for case, (verdict, seconds) in zip(cases(), said, strict=True):
        assert seconds < MOST_CPU_SECONDS, case["id"]
        if case["expected"] in ("allow", "refuse"):
            is_allowed = case["expected"] == "allow" and dialect not in REFUSED.get(case["id"], ())
            assert (verdict == "allow") == is_allowed, (case["id"], verdict)


def test_templates_are_written_out() -> None:
    case = {"template": "SELECT 1 FROM c0{' JOIN c'*n} (number the aliases)", "n": 2}
    assert text_of(case) == "SELECT 1 FROM c0 JOIN c1 JOIN c2"
    assert not [case["id"] for case in cases() if "*n}" in text_of(case)]
