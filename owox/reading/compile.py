"""A plan as SQL: one SELECT of typed columns named ``c0``, ``c1`` ... around a mart, its values all bound."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from owox.reading.conditions import Writer
from owox.reading.dialect import Dialect
from owox.reading.plan import Output, Plan

MART = "mart"


@dataclass(frozen=True, slots=True)
class Statement:
    """``select`` gives the columns; ``tail`` is ORDER BY and LIMIT, to stand where ``c0`` and so on are in sight."""

    select: str
    tail: str
    values: tuple[Any, ...]


def compile_plan(plan: Plan, source: str, dialect: Dialect) -> Statement:
    """Write a plan over ``source``, the operand of FROM, which goes by the name ``mart``."""
    values: list[Any] = []

    def bind(value: Any) -> str:
        values.append(value)
        return dialect.parameter(len(values))

    writer = Writer(dialect, bind)
    columns = [f"{_expression(output, plan, dialect, bind)} AS {name(at)}" for at, output in enumerate(plan.outputs)]
    parts = [f"SELECT {', '.join(columns)} FROM {source}"]  # noqa: S608 - every part is quoted or bound
    if plan.where:
        parts.append("WHERE " + " AND ".join(writer.condition(c, _column(c.field.name, dialect)) for c in plan.where))
    keys = [str(at + 1) for at, output in enumerate(plan.outputs) if output.field and not output.function]
    if plan.grouped and keys:
        parts.append("GROUP BY " + ", ".join(keys))
    if plan.having:
        conditions = []
        for rule in plan.having:
            assert rule.function is not None  # noqa: S101 - what makes a condition one of HAVING
            column = _column(rule.field.name, dialect)
            conditions.append(
                writer.condition(rule, dialect.aggregate_to_compare(rule.function, column, rule.field.type))
            )
        parts.append("HAVING " + " AND ".join(conditions))
    return Statement(" ".join(parts), _tail(plan, dialect), tuple(values))


def name(at: int) -> str:
    """Return the name that the compiled SELECT gives a column of the plan."""
    return f"c{at}"


def _tail(plan: Plan, dialect: Dialect) -> str:
    """Rows without a value come last in either direction: the engines' own habits differ."""
    keys = [
        f"{dialect.sort_key(name(at), plan.outputs[at])} {'DESC' if descending else 'ASC'} NULLS LAST"
        for at, descending in plan.order
    ]
    order = f" ORDER BY {', '.join(keys)}" if keys else ""
    return order if plan.limit is None else f"{order} LIMIT {plan.limit:d}"


def _expression(output: Output, plan: Plan, dialect: Dialect, bind: Callable[[Any], str]) -> str:
    if output.field is None:
        return "count(*)"
    column = _column(output.field.name, dialect)
    if output.function is not None:
        return dialect.aggregate(output.function, column, output.field.type)
    if output.bucket is not None:
        zone = None if output.bucket.time_zone is None else bind(dialect.zone(output.bucket.time_zone))
        return dialect.bucket(column, output.field.type, output.bucket.unit, zone)
    return dialect.comparable(column, output.field.type) if plan.grouped else column


def _column(column: str, dialect: Dialect) -> str:
    return f"{MART}.{dialect.identifier(column)}"
