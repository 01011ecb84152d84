"""Refuses text on which sqlglot's parser would try too much twice.

`date (` may begin a type or a call, a join may or may not own the next ON: sqlglot tries the one, steps back and tries
the other, so each level of such nesting doubles its work, and thirty levels never end. Found by measuring every token
in every place; nothing else was seen to grow so. Honest SQL stays below four levels.
"""

from collections.abc import Sequence

from sqlglot.tokenizer_core import Token, TokenType

from apps.datasources.guard.errors import Refusal, UnsafeSql

MAX_DOUBLINGS = 10

_OPEN = {TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.L_BRACE}
_CLOSE = {TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.R_BRACE}
_JOINS = {TokenType.JOIN, TokenType.STRAIGHT_JOIN}
_JOIN_ENDS = {TokenType.ON, TokenType.USING}
_WITHOUT_ON = {TokenType.CROSS, TokenType.NATURAL}
_ALWAYS = {TokenType.LATERAL, TokenType.ROW}


def check_doublings(tokens: Sequence[Token], type_tokens: set[TokenType], *, in_brackets: bool) -> None:
    """Raise UnsafeSql where more than `MAX_DOUBLINGS` choices are open at once.

    `type_tokens` begin a type in this dialect; `in_brackets` says that a bare `[` is such a choice too.
    """
    levels = [0]
    total = 0
    previous = TokenType.SEMICOLON
    for token in tokens:
        kind = token.token_type
        if kind in _OPEN:
            doubles = (
                previous in type_tokens
                or previous in _ALWAYS
                or kind is TokenType.L_BRACE
                or (in_brackets and kind is TokenType.L_BRACKET)
            )
            levels.append(int(doubles))
            total += int(doubles)
        elif kind in _CLOSE and len(levels) > 1:
            total -= levels.pop()
        elif kind in _JOINS and previous not in _WITHOUT_ON:
            levels[-1] += 1
            total += 1
        elif kind in _JOIN_ENDS and levels[-1] > 0:
            levels[-1] -= 1
            total -= 1
        if total > MAX_DOUBLINGS:
            raise UnsafeSql(Refusal.TOO_DEEP, "The SQL is nested too deeply.")
        previous = kind
