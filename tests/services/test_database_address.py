"""The address of a database part by part: what is refused, and when a password stays."""

import secrets
from typing import Any

import pytest
from sqlalchemy.engine import make_url

from owox.services import database_address
from owox.services.errors import BadSetting

PASSWORD = secrets.token_urlsafe(12) + "@/:?%#é "
PARTS = {"host": "db.example", "port": "6432", "database": "shop", "user": "reader", "password": PASSWORD}
KEPT = database_address.joined(PARTS, None)


def refused(changes: dict[str, Any], kept: Any = None) -> BadSetting:
    """What is said of these parts."""
    with pytest.raises(BadSetting) as caught:
        database_address.joined(PARTS | changes, kept)
    return caught.value


def test_the_parts_come_back_out_of_the_written_address_unchanged():
    parts = {"host": "::1", "port": 5433, "database": "a b/?#é", "user": "x@y:z", "password": PASSWORD}

    url = make_url(database_address.written(database_address.joined(parts | {"sslmode": "require"}, None)))

    assert [url.host, url.port, url.database, url.username, url.password] == list(parts.values())
    assert url.query == {"sslmode": "require"}


def test_port_and_sslmode_have_a_usual_value():
    url = database_address.joined(PARTS | {"port": " ", "sslmode": None}, None)

    assert (url.port, url.query) == (5432, {"sslmode": "prefer"})
    assert database_address.shown(url) == {
        "host": "db.example", "port": 5432, "database": "shop", "user": "reader", "sslmode": "prefer",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *((name, value) for name in ("host", "database", "user") for value in ("", "  ", None, 7, [], {}, "x" * 2_001)),
        *(
            ("host", value)
            for value in ("/run", "%2Frun", "a,b", "a b", "a@b", "a?host=/run", "[::1]", "db:5433", "é.example")
        ),
        *(("port", value) for value in ("0", "65536", "x", "-1", "5432x", "٣", True, 1.5, 0, 99_999)),
        *(("sslmode", value) for value in ("none", "REQUIRE", "disable&x=y")),
        *((name, f"a{char}b") for name in ("password", "user", "database") for char in ("\0", "\n", "\ud800")),
        ("password", "x" * 2_001),
        ("password", ""),
        ("password", None),
    ],
)
def test_a_part_that_is_none_is_said_by_its_name_without_repeating_it(name: str, value: Any):
    """K2, Z7: none of them reaches a socket, a file or an option of this server."""
    found = refused({name: value})

    assert found.field == f"config.{name}"
    assert str(found).startswith(f"config.{name} must ")
    assert PASSWORD not in str(found)
    assert not isinstance(value, str) or len(value) < 8 or value not in str(found)


def test_the_password_stays_for_the_same_server_and_user():
    url = database_address.joined(PARTS | {"password": "", "database": "other"}, KEPT)

    assert (url.password, url.database) == (PASSWORD, "other")


@pytest.mark.parametrize(
    ("name", "value"), [("host", "evil.example"), ("port", "5432"), ("user", "root"), ("sslmode", "disable")]
)
def test_a_stored_password_is_sent_nowhere_else(name: str, value: str):
    """K2: whoever may edit a storage cannot have its password sent to a server of their own."""
    found = refused({"password": "", name: value}, KEPT)

    assert found.field == "config.password"
    assert "given again" in str(found)


def test_what_an_operator_left_without_a_password_gets_none_from_this_server():
    """Z7: neither its password file nor its environment."""
    kept = make_url("postgresql://reader@db.example:6432/shop")

    assert refused({"password": ""}, kept).field == "config.password"


def test_options_of_the_address_last_as_long_as_the_server_is_the_same():
    kept = KEPT.set(query={"sslmode": "prefer", "channel_binding": "require"})

    same, other = (database_address.joined(PARTS | {"host": host}, kept) for host in ("db.example", "new.example"))

    assert same.query["channel_binding"] == "require"
    assert other.query == {"sslmode": "prefer"}
