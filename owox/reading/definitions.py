"""A mart's own SQL: exactly one statement that only reads. A second opinion beside that of the engine itself."""

import logging
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sqlglot import Token
    from sqlglot.expressions import Expr

_LONGEST: Final = 100_000
_DEEPEST: Final = 300
_ASIDE: Final = re.compile(r"'[^']*'|\"[^\"]*\"|--[^\n\r]*|/\*(?:[^*/]|\*(?!/)|/(?!\*))*\*/")
_INNER_WITH: Final = re.compile(r"\([\s(]*with\b", re.IGNORECASE)
_ANY_WITH: Final = re.compile(r"\bwith\b", re.IGNORECASE)
_MOST_INNER_WITH: Final = 4
_UNSURE: Final = re.compile(r"[eE]'|\$\w*\$|/\*")
logging.getLogger("sqlglot").setLevel(logging.CRITICAL)


class NotReadable(ValueError):
    """SQL that is not one readable SELECT; the text says why, with line and column where they are known."""


def at(line: int, column: int) -> str:
    """Write a position, both from 1 on, as every message here ends with it."""
    return f" (line {line}, column {column})"


@lru_cache(maxsize=512)
def single_select(sql: str, dialect: str) -> str:
    """Return the one SELECT that a text holds, without comments and semicolons around it.

    ``dialect`` is ``duckdb``, ``sqlite`` or ``postgres``. SQL that only the engine understands is judged by its
    words. Raises ``NotReadable``.
    """
    import sqlglot
    from sqlglot import errors

    if len(sql) > _LONGEST:
        raise NotReadable(f"A definition must not be longer than {_LONGEST} characters")
    try:
        tokens = sqlglot.tokenize(sql, dialect=dialect)
        while tokens and tokens[-1].token_type is sqlglot.TokenType.SEMICOLON:
            tokens.pop()
        statements = sqlglot.parse(sql, dialect=dialect)
    except errors.ParseError:
        _check_words(tokens)
    except (errors.SqlglotError, RecursionError, ValueError) as error:
        raise NotReadable(f"The definition could not be parsed: {type(error).__name__}") from None
    else:
        _check_tree(statements)
    return sql[tokens[0].start : tokens[-1].end + 1]


def check_depth(sql: str) -> None:
    """Raise ``NotReadable`` for more open parentheses, and more WITH right inside them, than any query needs.

    At a mistake DuckDB's parser takes memory by the square of the former, and by the power of the latter: gigabytes for
    some thousand, or eight; and it lets no other thread work meanwhile. Where only the engine knows what is quoted,
    none is taken for closed, and every WITH counts.
    """
    outside = _ASIDE.sub(lambda aside: " " if aside[0][0] in "-/" else "'", sql)
    unsure = _UNSURE.search(outside)
    depth = 0
    for mark in re.findall(r"[()]", sql if unsure else outside):
        depth = depth + 1 if mark == "(" else max(0, depth - (0 if unsure else 1))
        if depth > _DEEPEST:
            raise NotReadable(
                f"A definition must not have more than {_DEEPEST} parentheses open, as far as can be told"
            )
    inner = len(_ANY_WITH.findall(sql)) - 1 if unsure else len(_INNER_WITH.findall(outside))
    if inner > _MOST_INNER_WITH:
        raise NotReadable(f"A definition must not have more than {_MOST_INNER_WITH} WITH clauses inside parentheses")


def broken_at(sql: str, dialect: str) -> str:
    """Return where SQL that its engine could not parse seems to be broken; nothing when that is not known."""
    import sqlglot
    from sqlglot import errors

    try:
        sqlglot.parse(sql, dialect=dialect)
    except errors.ParseError as error:
        first = (error.errors or [{}])[0]
        if first.get("line") is not None:
            return at(first["line"], max(1, first["col"] - len(first.get("highlight") or " ") + 1))
    except (errors.SqlglotError, RecursionError, ValueError):
        pass
    return ""


def tables(sql: str, dialect: str) -> frozenset[str]:
    """Return the bare names of tables that a readable SELECT mentions, its own WITH names among them."""
    import sqlglot
    from sqlglot import errors, exp

    try:
        statement = sqlglot.parse_one(sql, dialect=dialect)
    except errors.SqlglotError:
        return frozenset(token.text for token in sqlglot.tokenize(sql, dialect=dialect))
    return frozenset(table.name for table in statement.find_all(exp.Table) if table.name)


def _check_words(tokens: "list[Token]") -> None:
    from sqlglot import TokenType

    first = {TokenType.SELECT, TokenType.WITH, TokenType.FROM, TokenType.L_PAREN, TokenType.TABLE}
    never = {TokenType.SEMICOLON, TokenType.PLACEHOLDER, TokenType.INTO, TokenType.COPY, TokenType.COMMAND}
    if not tokens or tokens[0].token_type not in first or any(token.token_type in never for token in tokens):
        raise NotReadable("A definition must be exactly one SELECT statement")


def _check_tree(statements: "list[Expr | None]") -> None:
    from sqlglot import exp

    found = [each for each in statements if each is not None and not isinstance(each, exp.Semicolon)]
    if len(found) != 1 or not isinstance(found[0], exp.Query):
        raise NotReadable("A definition must be exactly one SELECT statement")
    writing = exp.DML | exp.DDL | exp.Command | exp.Copy | exp.Into | exp.Lock | exp.Set | exp.Attach | exp.Pragma
    for node in found[0].walk():
        if isinstance(node, exp.Placeholder | exp.Parameter):
            raise NotReadable("A definition must not have parameters")
        if isinstance(node, writing) and not isinstance(node, exp.Query):
            raise NotReadable("A definition must only read")
