"""The words of the names of API keys and members, which their lists are searched by and sorted by."""

import sqlalchemy as sa
from alembic import op

from owox.models.searchable import Words, between_spaces

revision = "0009"
down_revision = "0008"

_TABLES = ("api_key", "member")


def upgrade() -> None:
    """Add them, and fill them in for what is there."""
    for name in _TABLES:
        op.add_column(name, sa.Column("search_name", Words, nullable=False, server_default=sa.text("''")))
        _fill(sa.table(name, sa.column("id", sa.String), sa.column("name", sa.String), sa.column("search_name", Words)))


def downgrade() -> None:
    """Take them away."""
    for name in _TABLES:
        op.drop_column(name, "search_name")


def _fill(table: sa.TableClause) -> None:
    there = op.get_bind().execute(sa.select(table.c.id, table.c.name)).all()
    filling = table.update().where(table.c.id == sa.bindparam("this")).values(search_name=sa.bindparam("of_it"))
    if there:
        op.get_bind().execute(filling, [{"this": row.id, "of_it": between_spaces(row.name)} for row in there])
