"""An index that holds the history of each data mart in its order: lists count and begin without reading runs."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make it, in place of the one by data mart alone."""
    op.create_index("ix_run_history", "run", ["data_mart_id", "created_at", "id"], unique=False)
    op.drop_index(op.f("ix_run_data_mart_id"), "run")


def downgrade() -> None:
    """Take it back."""
    op.create_index(op.f("ix_run_data_mart_id"), "run", ["data_mart_id"], unique=False)
    op.drop_index("ix_run_history", "run")
