"""A project's events in the order in which they happened, which its activity page reads from the newest."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """One index for the project and the order, in place of one for the project alone."""
    op.create_index("ix_audit_event_project_id_at", "audit_event", ["project_id", "at", "id"])
    op.drop_index("ix_audit_event_project_id", "audit_event")


def downgrade() -> None:
    """The other way round."""
    op.create_index("ix_audit_event_project_id", "audit_event", ["project_id"])
    op.drop_index("ix_audit_event_project_id_at", "audit_event")
