"""What is to be read, decided down to types: the bridge between a judged request and the SQL of any engine."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from owox.reading.controls import DateBucket, Operator
from owox.reading.fields import Field, Function, is_day, is_zoned, result_type
from owox.reading.operands import Operand

ROW_COUNT: Final = "Row Count"


@dataclass(frozen=True, slots=True)
class Output:
    """One member of each row: a column, its date bucket, an aggregate of it, or (``field`` None) the row count."""

    label: str
    field: Field | None
    function: Function | None = None
    bucket: DateBucket | None = None

    @property
    def type(self) -> str:
        """The name of the type that the values have."""
        if self.field is None:
            return "BIGINT"
        if self.function is not None:
            return result_type(self.function, self.field.type)
        if self.bucket is None or is_day(self.field.type):
            return self.field.type
        # A bucket in a zone begins at that zone's midnight, which is a time on a wall and no instant.
        return "TIMESTAMP" if self.bucket.time_zone else self.field.type

    @property
    def is_zoned(self) -> bool:
        """Tell whether the values are instants."""
        return is_zoned(self.type)


@dataclass(frozen=True, slots=True)
class Condition:
    """One filter over a column, or over an aggregate of it; ``type`` is that of what is compared."""

    field: Field
    operator: Operator
    type: str
    operands: tuple[Operand, ...] = ()
    function: Function | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """One read. ``order`` holds positions in ``outputs`` with a mark for descending."""

    outputs: tuple[Output, ...]
    where: tuple[Condition, ...] = ()
    having: tuple[Condition, ...] = ()
    order: tuple[tuple[int, bool], ...] = ()
    grouped: bool = False
    limit: int | None = None


def all_of(fields: Sequence[Field], limit: int | None = None) -> Plan:
    """Return the plan that reads these fields as they stand."""
    return Plan(tuple(Output(field.name, field) for field in fields), limit=limit)
