"""Text to syntax tree and back through sqlglot, with everything checked that is only visible in the tokens."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import ErrorLevel
from sqlglot.tokenizer_core import Token, TokenType

from apps.datasources.guard.dialects import Rules
from apps.datasources.guard.errors import Refusal, UnsafeSql
from apps.datasources.guard.nesting import Kind, check_nesting
from apps.datasources.guard.sqlglot_backtracking import check_doublings
from apps.datasources.guard.sqlglot_mysql import amend_writers

_FIRST = {
    TokenType.SELECT,
    TokenType.WITH,
    TokenType.VALUES,
    TokenType.FROM,
    TokenType.TABLE,
    TokenType.L_PAREN,
}
_KINDS = {
    TokenType.L_PAREN: Kind.OPEN,
    TokenType.L_BRACKET: Kind.OPEN,
    TokenType.L_BRACE: Kind.OPEN,
    TokenType.R_PAREN: Kind.CLOSE,
    TokenType.R_BRACKET: Kind.CLOSE,
    TokenType.R_BRACE: Kind.CLOSE,
    TokenType.COMMA: Kind.COMMA,
}
_QUOTED = {TokenType.STRING, TokenType.IDENTIFIER}
amend_writers()


@cache
def _dialect(name: str) -> Dialect:
    return Dialect.get_or_raise(name)


def parse(sql: str, rules: Rules) -> exp.Query:
    """The one query in this text as a tree. Raises UnsafeSql for anything else."""
    dialect = _dialect(rules.dialect)
    parser = dialect.parser()
    with _refusing("The SQL cannot be parsed."):
        tokens = dialect.tokenize(sql)
        if tokens and tokens[0].token_type is TokenType.VALUES:
            sql = _as_select(sql)
            tokens = dialect.tokenize(sql)
        _check_tokens(tokens, rules)
        check_doublings(tokens, parser.TYPE_TOKENS, in_brackets=rules.brackets_double)
        statements = parser.parse(tokens, sql)
    trees = [tree for tree in statements if tree is not None and not isinstance(tree, exp.Semicolon)]
    if len(trees) != 1:
        raise UnsafeSql(Refusal.NOT_ONE_STATEMENT, "Only one statement is allowed.")
    tree = trees[0]
    if not isinstance(tree, exp.Query):
        raise UnsafeSql(Refusal.NOT_A_SELECT, "Only SELECT is allowed.")
    _check_table_names(tree, sql)
    return tree


def render(tree: exp.Query, rules: Rules) -> str:
    """The tree as text of its dialect, comments dropped, on one line. The tree is of no further use."""
    with _refusing("The SQL cannot be written out again."):
        return tree.sql(
            dialect=_dialect(rules.dialect), comments=False, copy=False, unsupported_level=ErrorLevel.IGNORE
        )


def _as_select(sql: str) -> str:
    """VALUES as a query that can carry a limit; the new line ends a comment on the last one."""
    return f"SELECT * FROM ({sql.rstrip().rstrip(';')}\n) AS listed"  # noqa: S608 - it is judged like all text


@contextmanager
def _refusing(message: str) -> Iterator[None]:
    """Any error is a refusal: sqlglot's compiled code answers odd input with nearly every kind of exception."""
    try:
        yield
    except UnsafeSql:
        raise
    except Exception as error:
        raise UnsafeSql(Refusal.CANNOT_PARSE, message) from error


def _check_tokens(tokens: list[Token], rules: Rules) -> None:
    if any(comment.startswith(rules.executable_comments) for token in tokens for comment in token.comments):
        raise UnsafeSql(Refusal.EXECUTABLE_COMMENT, "Comments that the server executes are not allowed.")
    if not tokens:
        raise UnsafeSql(Refusal.EMPTY, "There is no SQL.")
    if tokens[0].token_type not in _FIRST:
        raise UnsafeSql(Refusal.NOT_A_SELECT, "Only SELECT is allowed.")
    for token in tokens:
        if token.token_type not in _QUOTED and token.text.lower() in rules.statement_words:
            raise UnsafeSql(Refusal.NOT_ONE_STATEMENT, f"{token.text.upper()} cannot stand in a query.")
    check_nesting(_KINDS.get(token.token_type, Kind.OTHER) for token in tokens)


def _check_table_names(tree: exp.Query, sql: str) -> None:
    """A string in FROM names a file or a table depending on the engine; sqlglot reads it as a quoted name."""
    for table in tree.find_all(exp.Table):
        start = table.this.meta.get("start") if isinstance(table.this, exp.Identifier) else None
        if start is not None and sql[start : start + 1] == "'":
            raise UnsafeSql(Refusal.FORBIDDEN_NODE, "A string cannot stand for a table.")
