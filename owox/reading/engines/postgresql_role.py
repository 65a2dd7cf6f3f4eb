"""The role that reads: it is the boundary of a storage, so one that reaches beyond its database is refused."""

from collections.abc import Sequence
from typing import Final

from owox.reading.engines import UNAUTHORIZED
from owox.reading.engines.postgresql_errors import problem

# What the session's role may do itself, or as any role that it could become with SET ROLE.
DANGERS: Final = """
WITH reach AS (
    SELECT oid, CAST(rolname AS text) AS name, rolsuper, rolreplication,
        CAST(rolname <> session_user AS integer) AS other
    FROM pg_roles WHERE pg_has_role(session_user, oid, 'MEMBER')
)
SELECT CAST(session_user AS text), danger, name FROM (
    SELECT 0 + other AS rank, 'superuser' AS danger, name FROM reach WHERE rolsuper
    UNION ALL
    SELECT 2, 'member', name FROM reach WHERE name IN (
        'pg_read_server_files', 'pg_write_server_files', 'pg_execute_server_program', 'pg_signal_backend'
    )
    UNION ALL
    SELECT 3 + other, 'replication', name FROM reach WHERE rolreplication
    UNION ALL
    SELECT 5, 'dblink', CAST(CAST(p.oid AS regprocedure) AS text) FROM pg_extension e
    JOIN pg_depend d ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid AND d.deptype = 'e'
    JOIN pg_proc p ON d.classid = 'pg_proc'::regclass AND p.oid = d.objid
    WHERE e.extname = 'dblink' AND EXISTS (SELECT FROM reach WHERE has_function_privilege(reach.oid, p.oid, 'EXECUTE'))
    UNION ALL
    SELECT 6, 'file', CAST(CAST(p.oid AS regprocedure) AS text) FROM pg_proc p
    WHERE p.pronamespace = 'pg_catalog'::regnamespace
    AND p.proname IN ('pg_read_file', 'pg_read_binary_file', 'pg_stat_file', 'pg_ls_dir', 'lo_import', 'lo_export')
    AND EXISTS (SELECT FROM reach WHERE has_function_privilege(reach.oid, p.oid, 'EXECUTE'))
) AS found ORDER BY rank, name LIMIT 1
"""

_WHY: Final = {
    "superuser": "is a superuser",
    "member": 'is a member of "{name}"',
    "replication": "may replicate",
    "dblink": "may execute functions of the extension dblink, such as {name}",
    "file": "may execute {name}",
}
_HOW: Final = {
    "dblink": (
        "take that right away, also from PUBLIC (REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA ... FROM PUBLIC), or drop"
        " the extension"
    ),
    "file": "take that right away (REVOKE EXECUTE ON FUNCTION ...)",
}
_ELSE: Final = (
    "give the storage a role of its own: CREATE ROLE ... LOGIN PASSWORD '...', then GRANT SELECT on what it reads"
)


def check_role(dangers: Sequence[tuple[str, str, str]]) -> None:
    """Judge the rows of ``DANGERS``; raise ``StorageError`` that says what is wrong and what to do."""
    for role, danger, name in dangers:
        why, how = _WHY[danger].format(name=name), _HOW.get(danger, _ELSE)
        if danger in {"superuser", "replication"} and name != role:
            why = f'can become "{name}", which {why}'
        raise problem(
            f'The role "{role}" {why}: a data mart could reach beyond this database. To read here, {how}.', UNAUTHORIZED
        )
