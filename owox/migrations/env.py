"""What Alembic runs: the steps, on the connection that it is given."""

from alembic import context

from owox.models import db

connection = context.config.attributes["connection"]
context.configure(
    connection=connection, target_metadata=db.metadata, render_as_batch=True, transaction_per_migration=False
)
with context.begin_transaction():
    context.run_migrations()
