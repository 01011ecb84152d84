"""How a model's window is shared out, and what each section of a prompt came to. No Django here."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from apps.llm.spec import ModelsByRole, ModelSpec

Count = Callable[[str], int]
Forms = Sequence[str]  # of one entry, from the fullest to the shortest
Entry = Callable[[], Forms]  # writes it when its turn comes: of a long list most never do

ANSWER_SHARE = 4  # a quarter of the window stays free for the answer and a correction
# What each section may take at most of the room that rules and question leave; the schema gets all that is left over,
# never less than two fifths.
SHARES: Mapping[str, float] = {
    "task": 0.03,
    "values": 0.04,
    "failed": 0.08,
    "conversation": 0.16,
    "verified": 0.15,
    "glossary": 0.09,
    "choices": 0.04,
}
NOTHING = "(none)"


@dataclass(frozen=True)
class Section:
    """One section of a prompt: how many entries it shows, how many of them in short, how many it leaves out."""

    name: str
    text: str
    tokens: int
    shown: int
    shortened: int = 0
    left_out: int = 0


@dataclass(frozen=True)
class Budget:
    """What a prompt came to, for the record; `window_tokens` of the smallest model that may be asked."""

    window_tokens: int
    prompt_tokens: int
    sections: tuple[Section, ...]

    def as_json(self) -> dict[str, object]:
        """Numbers only: what was told stands in the prompt itself."""
        return {
            "window_tokens": self.window_tokens,
            "prompt_tokens": self.prompt_tokens,
            "sections": {
                one.name: {
                    "tokens": one.tokens, "shown": one.shown, "shortened": one.shortened, "left_out": one.left_out
                }
                for one in self.sections
            },
        }  # fmt: skip


def fitted(name: str, entries: Sequence[Entry], *, room: int, count: Count, what: str) -> Section:
    """As many entries as fit the section's share of `room`, in order, and a line that says how many do not.

    Each has its shortest form first; then the first ones get fuller forms, as far as these fit too. What is left out is
    the end of the list: the entries come by what they are worth.
    """
    left = int(SHARES[name] * room) - (count(_omitted(len(entries), len(entries), what)) if entries else 0)
    offered: list[Forms] = []
    for entry in entries:
        forms = entry()
        left -= count(forms[-1]) + 1
        if left < 0:
            left += count(forms[-1]) + 1
            break
        offered.append(forms)
    lines = []
    for forms in offered:
        left += count(forms[-1])
        lines.append(next(form for form in forms if form == forms[-1] or count(form) <= left))
        left -= count(lines[-1])
    shortened = sum(line != forms[0] for line, forms in zip(lines, offered, strict=True))
    left_out = len(entries) - len(lines)
    told = [*lines, _omitted(left_out, shortened, what)] if left_out or shortened else lines
    text = "\n".join(told) or NOTHING
    return Section(name, text, count(text), len(lines), shortened, left_out)


def _omitted(left_out: int, shortened: int, what: str) -> str:
    told = [f"{number} {how}" for number, how in ((left_out, "not shown"), (shortened, "shown in short")) if number]
    return f"(Of these {what}: {', '.join(told)}, for want of room.)"


def chain_of(models: ModelsByRole) -> tuple[ModelSpec, ...]:
    """Every model that may be asked for readings: those of the roles and all that stand in for them."""
    found: list[ModelSpec] = []
    waiting = [models.reasoning, models.implementation]
    while waiting:
        model = waiting.pop(0)
        if model not in found:
            found.append(model)
            waiting += [model.fallback] if model.fallback else []
    return tuple(found)


def smallest_window(models: ModelsByRole) -> int:
    """Tokens that the smallest of them takes: whatever falls back gets the same prompt."""
    return min(model.window_tokens for model in chain_of(models))
