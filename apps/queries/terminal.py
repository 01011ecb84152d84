"""A query as text for a terminal: question, SQL, table, answer, steps."""

from collections.abc import Mapping, Sequence
from typing import Any

SHOWN_ROWS = 10
WIDEST_CELL = 40


def query_text(body: Mapping[str, Any]) -> str:
    """The query in the contract's shape as lines for people."""
    parts = [f"Question   {body['question']}", f"Status     {body['status']}"]
    if body["sql"]:
        parts += ["SQL", *(f"  {line}" for line in body["sql"].splitlines())]
    if body["result"]:
        parts += ["Result", *(f"  {line}" for line in table_lines(body["result"]))]
    if body["answer"]:
        parts.append(f"Answer     {body['answer']}")
    parts += [f"Assumption {assumption}" for assumption in body["assumptions"]]
    if body["error"]:
        parts.append(f"Reason     {body['error']['message']} ({body['error']['code']})")
    if body["status"] == "needs_clarification":
        parts += clarification_lines(body["clarification"])
    parts += ["Steps", *(f"  {line}" for line in step_lines(body["data_sources"]))]
    return "\n".join(parts)


def clarification_lines(clarification: Mapping[str, Any]) -> list[str]:
    """Each open question with its options and what each would give."""
    lines = []
    for question in clarification["questions"]:
        lines += [f"Asked back {question['question']} {question['why']}"]
        for option in question["options"]:
            preview = option["preview"]
            seen = "; ".join(", ".join(row) for row in preview["rows"]) if preview else ""
            lines.append(f"  {option['id']}  {option['label']}: {option['meaning']}" + (f"  [{seen}]" if seen else ""))
    return lines


def step_lines(steps: Sequence[Mapping[str, Any]]) -> list[str]:
    return [f"{one['step']:>2}. {one['agent']:<13} {one['duration_ms']:>8.1f} ms  {one['action']}" for one in steps]


def table_lines(result: Mapping[str, Any]) -> list[str]:
    """The first rows as an aligned table."""
    header = [column["name"] for column in result["columns"]]
    cells = [
        ["" if value is None else str(value)[:WIDEST_CELL] for value in row] for row in result["rows"][:SHOWN_ROWS]
    ]
    widths = [max(len(row[at]) for row in [header, *cells]) for at in range(len(header))]
    lines = ["  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)) for row in [header, *cells]]
    lines.insert(1, "  ".join("-" * width for width in widths))
    if result["row_count"] > SHOWN_ROWS:
        lines.append(f"… {result['row_count']} rows{', cut off at the limit' if result['truncated'] else ''}")
    return lines
