"""When a sign-in was last asked for the password again, before an API key was made."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Add it; none so far was."""
    op.add_column("sign_in", sa.Column("proven_at", sa.BigInteger))


def downgrade() -> None:
    """Take it away."""
    op.drop_column("sign_in", "proven_at")
