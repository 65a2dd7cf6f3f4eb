"""What ends a key acts on the next request, on tokens exchanged before, and on streams that are open."""

import subprocess
import time
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import update

from owox.admin.serve import BUFFER_BYTES
from owox.models import DataMart
from owox.roles import Role
from owox.services import keys, members
from tests.live.conftest import HANDS, Live

PAGE_VIEWS = 20_000_000


def _revoke(live: Live) -> None:
    with live.hands() as (session, now):
        membership_id = members.caller_in(session, live.member_id, live.project_id).membership_id
        keys.revoke(session, membership_id, live.key_id, HANDS, now)


def _revoke_by_its_secret(live: Live) -> None:
    answer = _prove(live, "revoke")
    assert answer.status_code == 204


def _expire(live: Live) -> None:
    with live.hands() as (_, now):
        pass
    live.set_key(expires_at=now)


def _suspend(live: Live) -> None:
    with live.hands() as (_, now):
        pass
    live.set_key(suspended_at=now)


def _end_membership(live: Live) -> None:
    with live.hands() as (session, now):
        members.end_membership(session, live.member_id, live.project_id, HANDS, now)


def _disable(live: Live) -> None:
    with live.hands() as (session, now):
        members.disable(session, live.member_id, HANDS, now)


ENDINGS = {
    "revoke": ("API_KEY_REVOKED", _revoke),
    "revoke by its secret": ("API_KEY_REVOKED", _revoke_by_its_secret),
    "expire": ("API_KEY_EXPIRED", _expire),
    "suspend": ("API_KEY_SUSPENDED", _suspend),
    "end the membership": ("API_KEY_OWNER_LEFT", _end_membership),
    "disable the owner": ("API_KEY_OWNER_DISABLED", _disable),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_whatever_ends_a_key_is_refused_at_every_door_by_the_very_next_request(live: Live, ending: str) -> None:
    """K10, Z5: tokens exchanged before included."""
    doors = _doors(live)
    assert [live.get("/api/auth/context", headers=headers).status_code for headers in doors] == [200] * len(doors)

    code, end = ENDINGS[ending]
    end(live)

    answers = [live.get("/api/auth/context", headers=headers) for headers in doors]
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(401, code)] * len(doors)
    assert _exchange(live).json()["code"] == code


@pytest.mark.parametrize("ending", ENDINGS)
def test_whatever_ends_a_key_cuts_an_open_stream_within_two_seconds(live: Live, ending: str) -> None:
    """K10: a reader that keeps up sees the connection end without the final chunk, which curl calls 18."""
    with live.reader() as reader:
        _wait_for_rows(reader)

        begin = time.monotonic()
        ENDINGS[ending][1](live)
        rows = sum(piece.count(b"\n") for piece in iter(lambda: reader.stdout.read(1 << 20), b""))

        took = time.monotonic() - begin
        assert reader.wait(5) == 18
    assert rows < PAGE_VIEWS / 2
    assert took < 2.0 + 0.5, "two seconds, and what it takes to read what was already on its way"


def test_downgrade_cuts_a_stream_of_what_the_new_role_may_not_read(live: Live) -> None:
    """K15, Z5: here a mart that only editors may use."""
    page_views = live.mart("Page views")
    with live.hands() as (session, _):
        session.execute(update(DataMart).where(DataMart.id == page_views).values(available_for_reporting=False))
    with live.reader() as reader:
        _wait_for_rows(reader)

        with live.hands() as (session, now):
            members.change_role(session, live.member_id, live.project_id, Role.VIEWER, HANDS, now)

        reader.stdout.read()
        assert reader.wait(5) == 18
    refused = live.get(f"/api/external/http-data/data-marts/{page_views}.ndjson")
    with live.hands() as (session, _):
        session.execute(update(DataMart).where(DataMart.id == page_views).values(available_for_reporting=True))
    assert refused.status_code == 403


def test_key_that_lasts_leaves_its_streams_alone(live: Live) -> None:
    """The other side of the tests above: an expiry still ahead does not cut, and rows arrive whole."""
    with live.hands() as (_, now):
        pass
    live.set_key(expires_at=now + timedelta(minutes=5))

    answer = httpx.get(live.rows_url("Page views"), params={"limit": 1_000_000}, auth=live.basic, timeout=60)

    assert answer.content.count(b"\n") == 1_000_000


def test_reader_that_has_stopped_gets_no_more_than_what_was_buffered(live: Live) -> None:
    """K10: the server's mark, one piece past it, and the kernel's buffers."""
    url = live.rows_url("Page views")
    with httpx.stream("GET", url, auth=live.basic, timeout=30) as answer:
        _revoke(live)
        time.sleep(2.5)  # the bound itself: after it nothing more may be handed over

        pieces: list[int] = []
        with pytest.raises(httpx.RemoteProtocolError):
            pieces.extend(map(len, answer.iter_raw()))

    kernel = 2 * _loopback_buffer_bytes()
    assert pieces
    assert sum(pieces) <= BUFFER_BYTES + 64 * 1024 + kernel


def test_stream_over_http_1_0_is_refused(live: Live) -> None:
    """A cut could not be told from an end there."""
    command = ["curl", "-s0", "-o", "-", "-w", "%{http_code}", "-u", ":".join(live.basic), live.rows_url("Orders")]

    answer = subprocess.run(command, capture_output=True, text=True, timeout=20).stdout

    assert answer.endswith("505")
    assert "proxy_http_version" in answer


def _doors(live: Live) -> list[dict[str, str]]:
    token = _exchange(live).json()["accessToken"]
    basic = httpx.BasicAuth(*live.basic)._auth_header
    return [
        {"x-owox-authorization": f"Bearer {token}", "x-owox-api-key-id": live.key_id},
        {"Authorization": f"Bearer {token}"},
        {"Authorization": basic},
        {"Authorization": f"Bearer {live.combined}"},
    ]


def _exchange(live: Live) -> httpx.Response:
    return _prove(live, "exchange")


def _prove(live: Live, act: str) -> httpx.Response:
    return httpx.post(
        f"{live.server.url}/api/auth/api-keys/{act}",
        json={"apiKeySecret": live.secret},
        headers={"x-owox-api-key-id": live.key_id},
    )


def _wait_for_rows(reader: "subprocess.Popen[bytes]") -> None:
    assert reader.stdout.readline().startswith(b'{"view_id":')


def _loopback_buffer_bytes() -> int:
    with open("/proc/sys/net/ipv4/tcp_rmem") as read, open("/proc/sys/net/ipv4/tcp_wmem") as write:
        return max(int(read.read().split()[2]), int(write.read().split()[2]))
