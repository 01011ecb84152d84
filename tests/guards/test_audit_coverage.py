"""Every act that the code writes to the audit log is looked up there by a test."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# What is written under a name made up at the call: each of its values.
MADE_UP = {
    "apps/accounts/admin/people.py": {"organization.changed", "organization.created", "member.changed", "member.added"},
    "apps/accounts/services/api_keys.py": {"api_key.created", "api_key.rotated", "api_key.revoked"},
    "apps/queries/evaluations/recording.py": {"evaluation.done", "evaluation.failed", "evaluation.cancelled"},
    "apps/queries/recording.py": {
        "query.answered", "query.cannot_answer", "query.refused", "query.failed", "query.cancelled",
    },
}  # fmt: skip


def audit_calls() -> Iterator[tuple[str, ast.expr]]:
    for path in sorted((ROOT / "apps").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "record_audit":
                yield str(path.relative_to(ROOT)), node.args[0]


def names_in(action: ast.expr) -> set[str]:
    """The actions that an argument can be, if it says so itself: one text, or one of two."""
    if isinstance(action, ast.Constant):
        return {str(action.value)}
    if isinstance(action, ast.IfExp):
        return names_in(action.body) | names_in(action.orelse)
    return set()


CALLS = list(audit_calls())
# Written by what came after this guard; each leaves the list with the test that looks it up.
NAMED = set().union(*(names_in(action) for _, action in CALLS), *MADE_UP.values())


def test_names_made_up_at_a_call_are_listed() -> None:
    assert {path for path, action in CALLS if not names_in(action)} == set(MADE_UP)


@pytest.mark.parametrize("action", sorted(NAMED))
def test_an_act_that_is_written_is_looked_up_by_a_test(action: str) -> None:
    texts = (path.read_text() for path in (ROOT / "tests").rglob("test_*.py") if path != Path(__file__))
    assert any(f'"{action}"' in text for text in texts)
