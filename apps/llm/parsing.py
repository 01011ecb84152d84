"""JSON out of a model's words: think-blocks, prose, fences and cut ends are borne. No Django here."""

import json
import re
from dataclasses import dataclass
from typing import Any

import json_repair

LONGEST_TEXT = 200_000
LONGEST_MENDED = 40_000  # mending is quadratic in what is broken: measured 25 s for 200,000 opening brackets
DEEPEST_MENDED = 12
MOST_SPANS = 200
THINKING = re.compile(r"<(?:think|thinking|reasoning)>", re.IGNORECASE)
END_OF_THINKING = re.compile(r"</(?:think|thinking|reasoning)>", re.IGNORECASE)
FENCE = re.compile(r"```[\w-]*\s*\n(.*?)(?:```|\Z)", re.DOTALL)
BRACKET = re.compile(r"[{\[]")
MARK = re.compile(r"\\.|[\"{}\[\]]", re.DOTALL)
OPENING = "{["


class NoJson(ValueError):
    """There is no usable JSON in the text; the message says why, for the model."""


class NamedTwice(NoJson):
    """An object says two things under one name: whoever reads it next may believe the other one."""


class SeveralAnswers(NoJson):
    """Two objects of one shape say different things: nobody can tell which of them was meant."""


@dataclass(frozen=True)
class Found:
    """A JSON object or list. `was_cut` says that the text broke off inside it: what stood last is not in it."""

    value: Any
    was_cut: bool = False


def find_json(text: str) -> Found:
    """The JSON object or list in a model's answer. Raises NoJson."""
    if len(text) > LONGEST_TEXT:
        raise NoJson("The answer is too long.")
    whole = _loaded(text)
    if _holds_objects(whole):
        return Found(whole)
    said = _without_thinking(text)
    fenced = [found for match in FENCE.finditer(said) for found in _found_in(match.group(1))]
    found = fenced or _found_in(said)
    if not found:
        raise NoJson("The answer holds no JSON object.")
    return _the_one(found)


def _without_thinking(text: str) -> str:
    """What follows the last block of thought, up to one that is never ended."""
    ends = [match.end() for match in END_OF_THINKING.finditer(text)]
    said = text[ends[-1] :] if ends else text
    begun = THINKING.search(said)
    return said[: begun.start()] if begun else said


def _the_one(found: list[tuple[int, Found]]) -> Found:
    """The longest, unless another one of its shape says something else."""
    longest = max(found, key=lambda one: one[0])[1]
    shape = _shape(longest.value)
    if any(_shape(other.value) == shape and other.value != longest.value for _, other in found):
        raise SeveralAnswers("The answer holds several JSON objects that say different things.")
    return longest


def _shape(value: Any) -> frozenset[str] | None:
    return frozenset(value) if isinstance(value, dict) else None


def _found_in(text: str) -> list[tuple[int, Found]]:
    """Every object, or list of objects, that stands in the text, with its length."""
    found: list[tuple[int, Found]] = []
    start = _next_bracket(text, 0)
    for _ in range(MOST_SPANS):
        if start is None:
            break
        end, depth = _end_of(text, start)
        span = text[start:end]
        may_mend = depth <= DEEPEST_MENDED and len(span) <= LONGEST_MENDED
        value = _value_of(span, was_cut=end is None, may_mend=may_mend)
        if _holds_objects(value):
            found.append(((end or len(text)) - start, Found(value, was_cut=end is None)))
        start = None if end is None else _next_bracket(text, end)
    return found


def _next_bracket(text: str, position: int) -> int | None:
    match = BRACKET.search(text, position)
    return match.start() if match else None


def _holds_objects(value: Any) -> bool:
    return bool(value) and (isinstance(value, dict) or (isinstance(value, list) and isinstance(value[0], dict)))


def _value_of(span: str, *, was_cut: bool, may_mend: bool) -> Any:
    """The span's value: as it stands, or with wrong quotes, commas and the like put right, or without its cut end."""
    whole = None if was_cut else _loaded(span)
    if whole is not None or not may_mend:
        return whole
    try:
        mended = json_repair.loads(span, skip_json_loads=True)
    except (ValueError, RecursionError):
        return None
    return _without_last(mended) if was_cut else mended


def _loaded(text: str) -> Any:
    """The value if the text is one object or list; JSON inside a JSON string is unpacked once."""
    try:
        value = json.loads(text, strict=False, object_pairs_hook=_named_once)
        if isinstance(value, str):
            value = json.loads(value, strict=False, object_pairs_hook=_named_once)
    except NamedTwice:
        raise
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict | list) else None


def _named_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise NamedTwice("An object of the answer names a field twice.")
    return found


def _end_of(text: str, start: int) -> tuple[int | None, int]:
    """Where the bracket at `start` is closed, None where the text ends first; and how deep it goes."""
    depth, deepest, in_string = 0, 0, False
    for match in MARK.finditer(text, start):
        mark = match.group()
        if mark == '"':
            in_string = not in_string
        elif in_string or mark.startswith("\\"):
            continue
        elif mark in OPENING:
            depth += 1
            deepest = max(deepest, depth)
        else:
            depth -= 1
            if depth == 0:
                return match.end(), deepest
    return None, deepest


def _without_last(value: Any) -> Any:
    """The value without the list entry that was being written: half of an entry may read like a whole one.

    The outermost list on the way to the end counts; without a list nothing is certain and None comes back.
    """
    if isinstance(value, list):
        return value[:-1] or None
    if isinstance(value, dict) and value:
        last = next(reversed(value))
        kept = _without_last(value[last])
        return None if kept is None else {**value, last: kept}
    return None
