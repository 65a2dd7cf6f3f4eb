"""The words of titles and descriptions, which search looks in."""

import sqlalchemy as sa
from alembic import op

from owox.models.searchable import Words, between_spaces

revision = "0003"
down_revision = "0002"

_SEARCHED = {"data_mart": ("title", "description"), "storage": ("title",), "destination": ("title",)}


def upgrade() -> None:
    """Add them, and fill them in for what is there."""
    for table, names in _SEARCHED.items():
        for name in names:
            op.add_column(table, sa.Column(f"search_{name}", Words, nullable=False, server_default=sa.text("''")))
        _fill(table, names)


def downgrade() -> None:
    """Take them away."""
    for table, names in _SEARCHED.items():
        for name in names:
            op.drop_column(table, f"search_{name}")


def _fill(table: str, names: tuple[str, ...]) -> None:
    columns: list[sa.ColumnClause[str]] = [
        sa.column(name) for name in ("id", *names, *(f"search_{name}" for name in names))
    ]
    things = sa.table(table, *columns)
    filling = (
        things.update()
        .where(things.c.id == sa.bindparam("this"))
        .values({f"search_{name}": sa.bindparam(f"of_{name}") for name in names})
    )
    for row in op.get_bind().execute(sa.select(things.c.id, *(things.c[name] for name in names))).all():
        found = {f"of_{name}": between_spaces(getattr(row, name) or "") for name in names}
        op.get_bind().execute(filling, {"this": row.id, **found})
