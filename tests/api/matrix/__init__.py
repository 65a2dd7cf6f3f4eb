"""What every route of the app gives to whom, and what is sent to it; the rows are in one file a noun."""

from tests.api.matrix import (
    keys,
    mart_pages,
    marts,
    members,
    others,
    people,
    plugins,
    projects,
    storage_pages,
    storages,
    terminals,
)

_NOUNS = (keys, mart_pages, marts, members, others, people, plugins, projects, storage_pages, storages, terminals)
EXPECTED = {route: expected for noun in _NOUNS for route, expected in noun.EXPECTED.items()}
BODIES = {route: body for noun in _NOUNS for route, body in noun.BODIES.items()}
