"""The installed command against servers that speak TLS wrongly, or not at all."""

import datetime
import ipaddress
import json
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.ctl.conftest import Run
from tests.infra.faulty import EXCHANGE, ROWS, FaultyServer, chunk, rows_head, token

CALLS = [["status"], ["data-marts", "list"], ["data-marts", "stream", "orders", "--output", "rows.csv"]]


def self_signed(folder: Path, *, address: str = "127.0.0.1", days: int = 0) -> Path:
    """A certificate that nobody but itself vouches for, with its key, good for a day that began so many days ago."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    begins = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=days)
    named = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))])
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = builder.not_valid_before(begins).not_valid_after(begins + datetime.timedelta(days=1))
    made = made.add_extension(named, critical=False).add_extension(x509.BasicConstraints(True, None), critical=True)
    path = folder / "certificate.pem"
    unencrypted = serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, unencrypted)
    path.write_bytes(made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM) + private)
    return path


def speaking_tls(certificate: Path) -> FaultyServer:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return FaultyServer(context)


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 that nobody but itself vouches for, with its key."""
    return self_signed(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def tls(certificate: Path) -> Iterator[FaultyServer]:
    """A server that exchanges every key over TLS."""
    server = speaking_tls(certificate)
    server.on(EXCHANGE, token())
    yield server
    server.close()


@pytest.mark.parametrize("arguments", CALLS, ids=lambda words: words[0])
def test_a_certificate_that_nobody_vouches_for_is_not_trusted(
    ctl: Run, tls: FaultyServer, variables: dict[str, str], tmp_path: Path, arguments: list[str]
):
    result = ctl(*arguments, **{**variables, "OWOX_API_ORIGIN": tls.origin})

    assert (result.returncode, tls.asked) == (3, [])
    told = result.stdout + result.stderr
    assert arguments == ["status"] or ("CERTIFICATE_VERIFY_FAILED" in told and "SSL_CERT_FILE" in told)
    assert not (tmp_path / "rows.csv").exists()


def test_a_certificate_that_the_environment_vouches_for_is_trusted(
    ctl: Run, tls: FaultyServer, variables: dict[str, str], certificate: Path
):
    tls.on(ROWS, rows_head() + chunk(b'{"n":1}\n') + chunk(b""))
    trusting = {**variables, "OWOX_API_ORIGIN": tls.origin, "SSL_CERT_FILE": str(certificate)}

    status, rows = ctl("status", **trusting), ctl("data-marts", "stream", "orders", **trusting)

    assert (status.returncode, json.loads(status.stdout)["authenticated"]) == (0, True)
    assert (rows.returncode, rows.stdout) == (0, '{"n":1}\n')


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        ({"days": 3}, "has expired, or the clock of this machine is wrong"),
        ({"days": -3}, "is not valid yet, or the clock of this machine is wrong"),
        ({"address": "127.0.0.2"}, "one of another server: check the address"),
    ],
    ids=["expired", "not yet valid", "of another host"],
)
def test_what_is_wrong_with_a_certificate_is_told(
    ctl: Run, variables: dict[str, str], tmp_path: Path, wrong: dict[str, Any], hint: str
):
    certificate = self_signed(tmp_path, **wrong)
    server = speaking_tls(certificate)
    trusting = {**variables, "OWOX_API_ORIGIN": server.origin, "SSL_CERT_FILE": str(certificate)}

    result = ctl("data-marts", "list", **trusting)
    server.close()

    assert (result.returncode, server.asked) == (3, [])
    assert hint in json.loads(result.stderr)["error"]["hint"]


@pytest.mark.parametrize("arguments", CALLS, ids=lambda words: words[0])
def test_plain_http_where_tls_is_expected_is_unreachable(
    ctl: Run, faulty: FaultyServer, variables: dict[str, str], tmp_path: Path, arguments: list[str]
):
    result = ctl(*arguments, **{**variables, "OWOX_API_ORIGIN": faulty.origin.replace("http:", "https:")})

    assert result.returncode == 3
    assert "Unable to reach OWOX Data Marts API" in result.stdout + result.stderr
    assert "begin its address with http://" in result.stdout + result.stderr
    assert not (tmp_path / "rows.csv").exists()


@pytest.mark.parametrize("arguments", CALLS, ids=lambda words: words[0])
def test_tls_where_plain_http_is_expected_is_unreachable(
    ctl: Run, tls: FaultyServer, variables: dict[str, str], arguments: list[str]
):
    result = ctl(*arguments, **{**variables, "OWOX_API_ORIGIN": tls.origin.replace("https:", "http:")})

    assert result.returncode == 3
    assert "Traceback" not in result.stderr
