"""What terminals ask members for in the browser."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "device_authorization",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("digest", sa.String(64), nullable=False, unique=True),
        sa.Column("user_code", sa.String(8), nullable=False, unique=True),
        sa.Column("purpose", sa.String(20), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("client", sa.String(200), nullable=False),
        sa.Column("address", sa.String(45), nullable=False, index=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False, index=True),
        sa.Column("polled_at", sa.BigInteger()),
        sa.Column("membership_id", sa.String(36), sa.ForeignKey("membership.id")),
        sa.Column("key_name", sa.String(100)),
        sa.Column("key_expires_at", sa.BigInteger()),
        sa.Column("approved_at", sa.BigInteger()),
        sa.Column("denied_at", sa.BigInteger()),
        sa.Column("taken_at", sa.BigInteger()),
    )


def downgrade() -> None:
    """Take it away."""
    op.drop_table("device_authorization")
