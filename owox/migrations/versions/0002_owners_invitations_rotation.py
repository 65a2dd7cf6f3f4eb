"""Owners of storages and destinations, invitations, rotated keys, and things that can be deleted or hold a secret."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_ADDED: dict[str, tuple[tuple[str, sa.types.TypeEngine[Any]], ...]] = {
    "storage": (("secret", sa.Text()), ("deleted_at", sa.BigInteger())),
    "destination": (("secret", sa.Text()), ("deleted_at", sa.BigInteger())),
    "data_mart": (("fields_read_at", sa.BigInteger()), ("deleted_at", sa.BigInteger())),
    "api_key": (("replaced_at", sa.BigInteger()), ("overlap_ends_at", sa.BigInteger())),
}


def upgrade() -> None:
    """Add them; whoever made a storage or a destination so far is its owner."""
    for table, columns in _ADDED.items():
        for name, kind in columns:
            op.add_column(table, sa.Column(name, kind))
    with op.batch_alter_table("api_key") as batch:
        batch.add_column(sa.Column("replaced_by_id", sa.String(26)))
        batch.create_foreign_key("fk_api_key_replaced_by_id_api_key", "api_key", ["replaced_by_id"], ["id"])
    for thing in ("storage", "destination"):
        _make_owners(thing)
    op.create_table(
        "invitation",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("id", sa.String(36), nullable=False, unique=True),
        sa.Column("project_id", sa.String(36), sa.ForeignKey("project.id"), nullable=False, index=True),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("created_by_id", sa.String(36), sa.ForeignKey("member.id"), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger()),
        sa.Column("withdrawn_at", sa.BigInteger()),
    )


def downgrade() -> None:
    """Take them away."""
    for table in ("invitation", "destination_owner", "storage_owner"):
        op.drop_table(table)
    with op.batch_alter_table("api_key") as batch:
        batch.drop_constraint("fk_api_key_replaced_by_id_api_key", type_="foreignkey")
        batch.drop_column("replaced_by_id")
    for table, columns in _ADDED.items():
        with op.batch_alter_table(table) as batch:
            for name, _ in columns:
                batch.drop_column(name)


def _make_owners(thing: str) -> None:
    op.create_table(
        f"{thing}_owner",
        sa.Column(f"{thing}_id", sa.String(36), sa.ForeignKey(f"{thing}.id"), primary_key=True),
        sa.Column("member_id", sa.String(36), sa.ForeignKey("member.id"), primary_key=True),
    )
    made = sa.table(thing, sa.column("id"), sa.column("created_by_id"))
    owner = sa.table(f"{thing}_owner", sa.column(f"{thing}_id"), sa.column("member_id"))
    creators = sa.select(made.c.id, made.c.created_by_id).where(made.c.created_by_id.is_not(None))
    op.execute(owner.insert().from_select([f"{thing}_id", "member_id"], creators))
