"""A sign-in of a terminal, which names the membership whose API keys may be managed from there."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the membership; the sign-ins so far are browsers'."""
    with op.batch_alter_table("sign_in") as batch:
        batch.add_column(sa.Column("membership_id", sa.String(36)))
        batch.create_foreign_key("fk_sign_in_membership_id_membership", "membership", ["membership_id"], ["id"])


def downgrade() -> None:
    """End the sign-ins of terminals, which no cookie may hold, and take the membership away."""
    op.execute("DELETE FROM sign_in WHERE membership_id IS NOT NULL")
    with op.batch_alter_table("sign_in") as batch:
        batch.drop_constraint("fk_sign_in_membership_id_membership", type_="foreignkey")
        batch.drop_column("membership_id")
