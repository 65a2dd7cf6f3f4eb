"""Audit events are numbered and chained by digests, and the database refuses to change or delete them.

Events that are there already are chained in the order of their time, as they stand. A later step that makes the table
anew, as ``batch_alter_table`` does on SQLite, has to make the triggers anew too.
"""

import sqlalchemy as sa
from alembic import op

from owox.models.audit_event import CHAINED, digest_after

revision = "0008"
down_revision = "0007"

_BATCH = 1000
_REFUSED = "the audit log is only ever added to: {} of audit_event is refused"
# REPLACE deletes rows past a DELETE trigger, unless the connection asks for recursive ones.
_THERE = "SELECT 1 FROM audit_event WHERE id = NEW.id OR number = NEW.number OR rowid = NEW.rowid"
_SQLITE = {
    "update": ("UPDATE", ""),
    "delete": ("DELETE", ""),
    "replace": ("INSERT", f"WHEN EXISTS ({_THERE}) "),
}


def upgrade() -> None:
    """Chain what is there, then refuse to change it."""
    op.add_column("audit_event", sa.Column("number", sa.BigInteger()))
    op.add_column("audit_event", sa.Column("digest", sa.String(64)))
    _chain()
    with op.batch_alter_table("audit_event") as table:
        table.alter_column("number", existing_type=sa.BigInteger(), nullable=False)
        table.alter_column("digest", existing_type=sa.String(64), nullable=False)
        table.alter_column("details", existing_type=sa.JSON(), type_=sa.Text(), postgresql_using="details::text")
        table.create_unique_constraint(op.f("uq_audit_event_number"), ["number"])
    if op.get_bind().dialect.name == "postgresql":
        _refuse_on_postgresql()
    else:
        _refuse_on_sqlite()


def downgrade() -> None:
    """Take chain and triggers away."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER audit_event_refuse ON audit_event")
        op.execute("DROP FUNCTION audit_event_refuse")
    else:
        for name in _SQLITE:
            op.execute(f"DROP TRIGGER audit_event_refuse_{name}")
    with op.batch_alter_table("audit_event") as table:
        table.drop_constraint(op.f("uq_audit_event_number"), type_="unique")
        table.alter_column("details", existing_type=sa.Text(), type_=sa.JSON(), postgresql_using="details::json")
        table.drop_column("digest")
        table.drop_column("number")


def _chain() -> None:
    columns: list[sa.ColumnClause[str]] = [sa.column(name) for name in (*CHAINED, "digest")]
    events = sa.table("audit_event", *columns)
    details = sa.cast(events.c.details, sa.Text).label("details")
    own = [details if name == "details" else events.c[name] for name in CHAINED[1:]]
    moment: sa.BindParameter[int] = sa.bindparam("moment")
    this: sa.BindParameter[str] = sa.bindparam("this")
    later = sa.or_(events.c.at > moment, sa.and_(events.c.at == moment, events.c.id > this))
    following = sa.select(*own).where(later).order_by(events.c.at, events.c.id).limit(_BATCH)
    filling = events.update().where(events.c.id == this)
    filling = filling.values(number=sa.bindparam("its_number"), digest=sa.bindparam("its_digest"))
    last = {"moment": -(2**63), "this": ""}
    number, digest = 0, ""
    while rows := op.get_bind().execute(following, last).all():
        filled = []
        for row in rows:
            number += 1
            digest = digest_after(digest, (number, *row))
            filled.append({"this": row.id, "its_number": number, "its_digest": digest})
        op.get_bind().execute(filling, filled)
        last = {"moment": row.at, "this": row.id}


def _refuse_on_sqlite() -> None:
    for name, (verb, condition) in _SQLITE.items():
        refusal = f"SELECT RAISE(ABORT, '{_REFUSED.format(name.upper())}')"
        op.execute(
            f"CREATE TRIGGER audit_event_refuse_{name} BEFORE {verb} ON audit_event {condition}BEGIN {refusal}; END"
        )


def _refuse_on_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION audit_event_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_REFUSED.format('%')}', TG_OP; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_event_refuse BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_event "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_event_refuse()"
    )
