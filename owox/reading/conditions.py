"""Filters as SQL (contract.md 4.3), the same meaning on every engine.

``neq``, ``not_contains``, ``not_regex`` and ``not_in`` keep rows without a value; all others drop them.
"""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from typing import Any, Final

from owox.reading.controls import Operator
from owox.reading.dialect import Dialect
from owox.reading.fields import Category, category, is_day
from owox.reading.operands import Operand
from owox.reading.plan import Condition

Bind = Callable[[Any], str]

_SIGNS: Final = {
    Operator.EQ: "=",
    Operator.NEQ: "<>",
    Operator.GT: ">",
    Operator.LT: "<",
    Operator.GTE: ">=",
    Operator.LTE: "<=",
}
_NEGATIONS: Final = {
    Operator.NEQ: Operator.EQ,
    Operator.NOT_CONTAINS: Operator.CONTAINS,
    Operator.NOT_REGEX: Operator.REGEX,
    Operator.NOT_IN: Operator.IN,
}
_PRECISE: Final = Context(prec=400)


class Writer:
    """Writes conditions in one dialect; ``bind`` keeps a value and returns the name of its parameter."""

    def __init__(self, dialect: Dialect, bind: Bind) -> None:
        self._dialect = dialect
        self._bind = bind

    def condition(self, rule: Condition, value: str) -> str:
        """Return a condition over an expression; it is true or not, never a reason to fail."""
        positive = _NEGATIONS.get(rule.operator)
        if positive is None:
            return self._positive(rule.operator, rule, value)
        return f"({value} IS NULL OR NOT ({self._positive(positive, rule, value)}))"

    def _positive(self, operator: Operator, rule: Condition, value: str) -> str:
        if operator in {Operator.IS_NULL, Operator.IS_NOT_NULL}:
            return f"{value} IS {'NOT ' if operator is Operator.IS_NOT_NULL else ''}NULL"
        if operator in {Operator.IS_TRUE, Operator.IS_FALSE}:
            return self._dialect.has_truth(value, operator is Operator.IS_TRUE)
        if category(rule.type) is Category.STRING and operator not in {Operator.EQ, Operator.IN}:
            return self._text(operator, rule, value)
        if operator is Operator.RELATIVE_DATE:
            return self._whole_days(rule, value)
        if operator is Operator.IN:
            return "(" + " OR ".join(self._compare(Operator.EQ, one, rule, value) for one in rule.operands) + ")"
        if operator is Operator.BETWEEN:
            low, high = rule.operands
            lower = self._compare(Operator.GTE, low, rule, value)
            return f"({lower} AND {self._compare(Operator.LTE, high, rule, value)})"
        return self._compare(operator, rule.operands[0], rule, value)

    def _text(self, operator: Operator, rule: Condition, value: str) -> str:
        dialect = self._dialect
        if operator is Operator.IS_EMPTY:
            return f"({value} IS NULL OR {self._sign(value, '=', '', rule.type)})"
        if operator is Operator.IS_NOT_EMPTY:
            return self._sign(value, "<>", "", rule.type)
        write = {
            Operator.CONTAINS: dialect.in_text,
            Operator.STARTS_WITH: dialect.at_start,
            Operator.ENDS_WITH: dialect.at_end,
            Operator.REGEX: dialect.matches,
        }[operator]
        return write(value, self._bind(rule.operands[0]))

    def _whole_days(self, rule: Condition, value: str) -> str:
        first, last = rule.operands
        if is_day(rule.type):
            return f"({self._sign(value, '>=', first, rule.type)} AND {self._sign(value, '<=', last, rule.type)})"
        start = datetime.combine(_day(first), time())
        end = datetime.combine(_day(last) + timedelta(days=1), time())
        return f"({self._sign(value, '>=', start, rule.type)} AND {self._sign(value, '<', end, rule.type)})"

    def _compare(self, operator: Operator, operand: Operand, rule: Condition, value: str) -> str:
        digits = self._dialect.digits(rule.type)
        if isinstance(operand, Decimal) and digits is not None:
            return self._exact(operator, operand, digits, rule, value)
        return self._sign(value, _SIGNS[operator], operand, rule.type)

    def _exact(self, operator: Operator, number: Decimal, digits: int, rule: Condition, value: str) -> str:
        """Compare with a number that the column's type may not be able to hold: too many digits, or too large."""
        rounding = ROUND_FLOOR if operator in {Operator.GT, Operator.LTE} else ROUND_CEILING
        near = number.quantize(Decimal(1).scaleb(-digits), rounding, _PRECISE)
        if operator is Operator.EQ and near != number:
            return "1 = 0"
        if self._dialect.holds(near, digits, rule.type):
            return self._sign(value, _SIGNS[operator], near, rule.type)
        above = number > 0
        holds = operator in ({Operator.LT, Operator.LTE} if above else {Operator.GT, Operator.GTE})
        return f"{value} IS NOT NULL" if holds else "1 = 0"

    def _sign(self, value: str, sign: str, operand: Operand, type_name: str) -> str:
        dialect = self._dialect
        return dialect.compares(value, sign, self._bind(dialect.bound(operand, type_name)), type_name)


def _day(operand: Operand) -> date:
    if not isinstance(operand, date):
        raise TypeError(operand)
    return operand
