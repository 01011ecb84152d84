"""What a modifier beside a coordination belongs to: "old men and women", "films and series directed by …"."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from sqlglot import exp

from apps.clarification.readings import ChoiceField, Reading
from apps.queries.engines.builtin.plan import ColumnKey, Condition, Item, Operator
from apps.queries.engines.builtin.sql import SqlWriter

from .coordination import Conjunct, Coordination, find_coordination
from .facts import facts_about
from .heard import Heard, is_of_names
from .leftover import is_accounted
from .meanings import Meaning, readings_of
from .modifiers import Modifiers, Stretch, is_predicate, modifiers_of, says_both, says_nearest
from .rows import called, either, listed
from .values import places_of
from .wordlists import AUXILIARIES, DETERMINERS, PREPOSITIONS, QUANTIFIERS, RELATIVES

Conditions = tuple[Condition, ...]
_LEADING = frozenset(("and", "or", "having", "not"))


def attachment_readings(heard: Heard) -> list[Reading]:
    """Readings of a coordination with a modifier beside it; none where it is no such question."""
    found = find_coordination(heard)
    if found is None or _leads_on(heard, found):
        return []
    said = _Said(heard, found, modifiers_of(heard, found))
    if not said.is_whole:
        return []
    meanings = _meanings(said)
    return readings_of(ChoiceField.ATTACHMENT, said.phrase, meanings) if meanings else []


def _leads_on(heard: Heard, found: Coordination) -> bool:
    """Whether the coordination is not what is listed, but says something of it ("with both savings and …")."""
    start = modifiers_of(heard, found).before_first[0]
    while heard.word(start - 1) in (DETERMINERS | QUANTIFIERS) - {"of"}:
        start -= 1
    before = heard.word(start - 1)
    if before in AUXILIARIES and heard.word(start - 2) in RELATIVES:  # "musicians who are old men and women"
        return False
    said = before in _LEADING or before in PREPOSITIONS - {"of"} or before in AUXILIARIES
    return (said and start > 2) or heard.says(0, found.joint, "both", "between", "either")


def _meanings(said: "_Said") -> list[Meaning]:
    """Both meanings, or the one that the other words of the question leave."""
    nearest, wide = said.meaning(said.nearest()), said.meaning(said.wide())
    if said.is_own or not (said.leads or said.follows):
        alone = nearest if said.is_own or said.found.is_of_values else None
        return [alone] if alone else []
    if nearest is None or wide is None:
        return []
    if says_both(said.heard, said.stretches) or (not said.leads and is_predicate(said.heard, said.found)):
        return [wide]
    if says_nearest(said.heard, said.found, said.stretches, leads=said.leads):
        return [nearest]
    return [wide, nearest]


@dataclass(frozen=True)
class _Said:
    """A coordination with what its modifiers say of each conjunct."""

    heard: Heard
    found: Coordination
    stretches: Modifiers

    @cached_property
    def leads(self) -> bool:
        """Whether something is said before the first conjunct."""
        return bool(self._of(self.found.conjuncts[0], self.stretches.before_first))

    @cached_property
    def follows(self) -> bool:
        """Whether something is said after the last conjunct."""
        return bool(self._of(self.found.conjuncts[-1], self.stretches.after_last))

    @cached_property
    def is_own(self) -> bool:
        """Whether something is said between them, which leaves no doubt about any of it."""
        first, last = self.found.conjuncts[0], self.found.conjuncts[-1]
        return bool(self._of(first, self.stretches.after_first) or self._of(last, self.stretches.before_last))

    @cached_property
    def phrase(self) -> str:
        """The modifier in the person's words."""
        start, end = self.stretches.before_first if self.leads else self.stretches.after_last
        return self.heard.analysis.words(start, end)

    @cached_property
    def shown(self) -> list[tuple[ColumnKey, ...]] | None:
        """The columns asked for of each conjunct: those named before them, else what its rows are called by."""
        named = self.heard.nouns_in(0, self.stretches.before_first[0])
        found = []
        for conjunct in self.found.conjuncts:
            asked = [noun for noun in named if not is_of_names(self.heard, noun, conjunct.table)]
            keys = [_column_of(noun.columns, conjunct.table) for noun in asked if noun.table != conjunct.table]
            if None in keys:
                return None
            found.append(tuple(key for key in keys if key) or called(self.heard.catalog, conjunct.table))
        return found if all(found) else None

    @property
    def is_whole(self) -> bool:
        """Whether every word is accounted for, and something can be shown."""
        start = self.stretches.before_first[0]
        if self.shown is None or self.heard.values_in(0, start):
            return False
        taken = set(range(self.found.joint, self.found.after))
        taken |= places_of(self.heard.nouns_in(0, start)) | places_of(self.found.conjuncts)
        for conjunct, stretches in self._beside():
            for stretch in stretches:
                told = facts_about(self.heard, conjunct.table, *stretch, far=True)
                if told is None:
                    return False
                taken |= told.places
        return is_accounted(self.heard, taken)

    def nearest(self) -> list[Conditions] | None:
        """Each conjunct with what stands beside it alone."""
        beside = dict(self._beside())
        return self._conditions(lambda conjunct: beside.get(conjunct, ()))

    def wide(self) -> list[Conditions] | None:
        """Each conjunct with what stands before and after all of them."""
        around = (self.stretches.before_first, self.stretches.after_last)
        return self._conditions(lambda conjunct: around)

    def meaning(self, conditions: Sequence[Conditions] | None) -> Meaning | None:
        """What these conditions of each conjunct come to; None where one of them cannot be told of all."""
        if conditions is None or self.shown is None:
            return None
        narrowed = [
            self.heard.analysis.words(one.start, one.end)
            for one, told in zip(self.found.conjuncts, conditions, strict=True)
            if told
        ]
        label = " and ".join(narrowed or [self.phrase])
        rest = len(narrowed) < len(self.found.conjuncts)
        return Meaning(
            f"Only {label}" if rest else label[:1].upper() + label[1:],
            f"“{self.phrase}” narrows {label}{', the others come whole' if rest else ''}",
            self._tree(conditions, self.shown),
        )

    def _tree(self, conditions: Sequence[Conditions], shown: Sequence[tuple[ColumnKey, ...]]) -> exp.Query:
        """One query where all conjuncts are narrowed alike, else their alternatives. Raises NotJoinable."""
        writer = SqlWriter(self.heard.catalog)
        first = self.found.conjuncts[0]
        if first.column is not None and len(set(conditions)) == 1:
            values = tuple(one.value for one in self.found.conjuncts)
            among = Condition(Item(first.column), Operator.IN, values)
            return writer.write(listed(shown[0], (first.table,), (among, *conditions[0])))
        return either(
            [
                listed(columns, (one.table,), (*_own(one), *told))
                for one, told, columns in zip(self.found.conjuncts, conditions, shown, strict=True)
            ],
            writer,
        )

    def _beside(self) -> list[tuple[Conjunct, tuple[Stretch, ...]]]:
        """The first and the last conjunct with the stretches beside them."""
        said = self.stretches
        return [
            (self.found.conjuncts[0], (said.before_first, said.after_first)),
            (self.found.conjuncts[-1], (said.before_last, said.after_last)),
        ]

    def _conditions(self, stretches_of: Callable[[Conjunct], tuple[Stretch, ...]]) -> list[Conditions] | None:
        told = []
        for conjunct in self.found.conjuncts:
            of_one = [self._of(conjunct, stretch) for stretch in stretches_of(conjunct)]
            if None in of_one:
                return None
            told.append(tuple(condition for conditions in of_one for condition in conditions or ()))
        return told

    def _of(self, conjunct: Conjunct, stretch: Stretch) -> Conditions | None:
        told = facts_about(self.heard, conjunct.table, *stretch, far=True)
        return told.conditions if told else None


def _column_of(columns: Sequence[ColumnKey], table: str) -> ColumnKey | None:
    return next((key for key in columns if key[0] == table), None)


def _own(conjunct: Conjunct) -> Conditions:
    """What makes a row one of the conjunct's."""
    return (Condition(Item(conjunct.column), Operator.EQUAL, conjunct.value),) if conjunct.column else ()
