"""Values back into the literals of a model's SQL: through its syntax tree, never by replacing text. No Django here."""

import re
from collections.abc import Callable

from sqlglot import exp

from apps.llm.personal_data import Hidden

PLAIN_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
ValueOf = Callable[[str], tuple[str, Hidden] | None]
PlaceholdersIn = Callable[[str], list[str]]


class UnknownPlaceholder(ValueError):
    """A placeholder in SQL that stands for nothing, or where no value may stand; its words are for the model."""


def restored_sql(tree: exp.Expr, value_of: ValueOf, placeholders_in: PlaceholdersIn) -> exp.Expr:
    """A copy of the tree with values for placeholders, in string literals or in a literal's place.

    Raises: UnknownPlaceholder.
    """
    tree = tree.copy()
    for node in list(tree.walk()):
        if isinstance(node, exp.Column) and not node.table and (meant := _written(node.name, value_of)):
            tree = _put(tree, node, _literal(*meant))
        elif _is_string(node) and (names := placeholders_in(node.this)):
            tree = _put(tree, node, _restored(node, names, value_of))
        elif _holds_text(node) and (names := placeholders_in(node.this)):
            raise UnknownPlaceholder(f"The placeholder {names[0]} may stand in a plain string literal only.")
    for name in tree.find_all(exp.Identifier):
        if any(_written(one, value_of) for one in placeholders_in(name.this)):
            raise UnknownPlaceholder(f"The placeholder {name.this} may stand in a string literal only, not in a name.")
    return tree


def _is_string(node: exp.Expr) -> bool:
    """A string as people write it, with N before it too: in T-SQL most are."""
    return isinstance(node, exp.National) or (isinstance(node, exp.Literal) and node.is_string)


def _holds_text(node: exp.Expr) -> bool:
    """Raw strings, bytes, paths into JSON: text that would run as it stands."""
    return not isinstance(node, exp.Identifier | exp.Literal) and isinstance(node.args.get("this"), str)


def _written(name: str, value_of: ValueOf) -> tuple[str, Hidden] | None:
    """What a name stands for that is spelled like a placeholder; `name_1` is a name like any."""
    return value_of(name) if name.isupper() else None


def _put(tree: exp.Expr, node: exp.Expr, new: exp.Expr) -> exp.Expr:
    if node is tree:
        return new
    node.replace(new)
    return tree


def _known(name: str, value_of: ValueOf) -> tuple[str, Hidden]:
    found = value_of(name)
    if found is None:
        raise UnknownPlaceholder(f"There is no placeholder {name}.")
    return found


def _literal(value: str, kind: Hidden) -> exp.Expr:
    if kind is Hidden.NUMBER and PLAIN_NUMBER.fullmatch(value):
        return (
            exp.convert(float(value) if "." in value else int(value)) if value[0] == "-" else exp.Literal.number(value)
        )
    return exp.Literal.string(value)


def _restored(literal: exp.Expr, names: list[str], value_of: ValueOf) -> exp.Expr:
    """The literal with its values, in the case of what it is compared with: LOWER(city) has small letters."""
    text = str(literal.this)
    values = {name: _known(name, value_of) for name in names}
    if [text] == names and values[text][1] is Hidden.NUMBER:
        return _literal(*values[text])
    pattern = re.compile("|".join(rf"{re.escape(name)}(?!\w)" for name in sorted(values, key=len, reverse=True)))
    cased = _case_at(literal)
    said = pattern.sub(lambda match: cased(values[match[0]][0]), text)
    return exp.National(this=said) if isinstance(literal, exp.National) else exp.Literal.string(said)


def _case_at(literal: exp.Expr) -> Callable[[str], str]:
    node: exp.Expr = literal
    while isinstance(node.parent, exp.Paren | exp.DPipe | exp.Concat):
        node = node.parent
    parent = node.parent
    if isinstance(parent, exp.Binary | exp.In):
        for side in (parent.this, parent.args.get("expression")):
            if isinstance(side, exp.Lower):
                return str.lower
            if isinstance(side, exp.Upper):
                return str.upper
    return str
