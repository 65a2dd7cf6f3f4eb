"""What gunicorn raises while the app reads a body."""

from pathlib import Path

import pytest
from gunicorn.config import Config
from gunicorn.http.parser import RequestParser

from owox.admin.serve import refuse_damaged_bodies
from owox.factory import create_app
from tests.cast import settings

PATH = "/api/auth/api-keys/exchange"
HEAD = f"POST {PATH} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n".encode()


@pytest.mark.parametrize("chunks", [b"-2\r\n{}\r\n0\r\n\r\n", b"2\r\n{}x\r\n0\r\n\r\n", b"2\r\n{}\r\n0\r\nX-A\r\n\r\n"])
def test_chunks_that_are_framed_wrongly_are_a_refusal_and_no_fault_of_the_server(chunks: bytes, tmp_path: Path):
    """I10: with the real parser of gunicorn, which finds out only then."""
    app = create_app(settings(tmp_path, f"sqlite:///{tmp_path / 'owox.db'}"))
    refuse_damaged_bodies(app)
    received = next(RequestParser(Config(), iter([HEAD + chunks]), ("127.0.0.1", 1)))

    answer = app.test_client().post(
        PATH,
        content_type="application/json",
        headers={"Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input": received.body, "wsgi.input_terminated": True},
    )

    assert (answer.status_code, answer.mimetype) == (400, "application/json")
    assert "not framed as they must be" in answer.json["message"]
