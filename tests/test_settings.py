"""Settings: where they come from, what is made at first start, and what a server refuses to start with."""

import os
import secrets
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from owox.settings import Overrides, SettingsError, load, note_served_origin
from tests.infra.processes import side_by_side

GOOD = secrets.token_urlsafe(48)


def made(instance: Path, **environ: str):
    """Settings of this folder and environment."""
    return load({"OWOX_INSTANCE": str(instance), **environ})


def test_an_empty_folder_gets_a_private_secret_key_and_a_database_beside_it(tmp_path: Path):
    """K19: no default secret; the file is its owner's alone."""
    settings = made(tmp_path / "instance")

    file = tmp_path / "instance" / "SECRET_KEY"
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
    assert settings.secret_key == file.read_text().strip()
    assert len(settings.secret_key) == 64
    assert settings.database_url == f"sqlite:///{tmp_path / 'instance' / 'owox.db'}"


def test_the_secret_key_stays_and_differs_between_servers(tmp_path: Path):
    """K19."""
    first, again, other = made(tmp_path / "a"), made(tmp_path / "a"), made(tmp_path / "b")

    assert first.secret_key == again.secret_key != other.secret_key


def test_many_processes_that_start_together_agree_on_one_secret_key(tmp_path: Path):
    """S10."""
    program = (
        "import os; from owox.settings import load; print(load({'OWOX_INSTANCE': os.environ['FOLDER']}).secret_key)"
    )
    environ = {**os.environ, "FOLDER": str(tmp_path / "new")}
    commands = [[sys.executable, "-c", program]] * 4

    with side_by_side(commands, env=environ, stdout=subprocess.PIPE, text=True) as started:
        secret_keys = {process.communicate(timeout=30)[0] for process in started}

    assert len(secret_keys) == 1
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["SECRET_KEY"]


def test_downloads_are_those_of_the_checkout_or_of_the_folder_that_is_named(tmp_path: Path):
    assert made(tmp_path).downloads == Path(__file__).parents[1] / "dist"
    assert made(tmp_path, OWOX_DOWNLOADS=f"{tmp_path}/offered").downloads == tmp_path / "offered"
    with pytest.raises(SettingsError, match="absolute path; it is 'dist'"):
        made(tmp_path, OWOX_DOWNLOADS="dist")


def test_the_environment_wins_over_the_file_and_blank_values_count_as_missing(tmp_path: Path):
    (tmp_path / "owox.env").write_text("OWOX_PORT=9001\nOWOX_HOST=127.0.0.2\nOWOX_LOG_LEVEL=debug\n")

    settings = made(tmp_path, OWOX_PORT="9002", OWOX_HOST=" ")

    assert (settings.port, settings.host, settings.log_level) == (9002, "127.0.0.1", "DEBUG")


def test_the_command_line_wins_over_both(tmp_path: Path):
    environ = {"OWOX_INSTANCE": str(tmp_path / "other"), "OWOX_PORT": "9002"}

    settings = load(environ, Overrides(instance=str(tmp_path / "this"), port=9003, serving=True))

    assert (settings.instance, settings.port) == (tmp_path / "this", 9003)
    assert settings.public_origin == "http://127.0.0.1:9003"


@pytest.mark.parametrize(
    ("given", "origin", "hosts"),
    [
        ("https://Keys.Example.com:443/", "https://keys.example.com", ("keys.example.com",)),
        ("http://10.0.0.7:8080", "http://10.0.0.7:8080", ("10.0.0.7",)),
        ("http://[2001:db8::1]:8080", "http://[2001:db8::1]:8080", ("[2001:db8::1]",)),
        ("http://localhost:8000", "http://localhost:8000", ("127.0.0.1", "localhost", "[::1]")),
    ],
)
def test_the_public_origin_is_normalised_and_says_which_host_is_answered_to(
    given: str, origin: str, hosts: tuple[str, ...], tmp_path: Path
):
    """I7."""
    settings = made(tmp_path, PUBLIC_ORIGIN=given)

    assert (settings.public_origin, settings.trusted_hosts) == (origin, hosts)
    assert settings.secure is given.startswith("https")


def test_other_commands_find_the_address_that_the_server_came_up_with(tmp_path: Path):
    served = load({"OWOX_INSTANCE": str(tmp_path)}, Overrides(port=9100, serving=True))
    note_served_origin(served)

    assert made(tmp_path).public_origin == "http://127.0.0.1:9100"


@pytest.mark.parametrize("secret_key", ["short", "x" * 64, "changeme" * 4, "dev" * 20, "abc" * 11, "0123456789" * 3])
def test_a_weak_secret_key_is_refused(secret_key: str, tmp_path: Path):
    """K19."""
    with pytest.raises(SettingsError, match="OWOX_SECRET_KEY must be at least 32 random characters"):
        made(tmp_path, OWOX_SECRET_KEY=secret_key)
    with pytest.raises(SettingsError, match="must be at least 32 random characters"):
        made(tmp_path, OWOX_SECRET_KEY=GOOD, OWOX_SECRET_KEY_FALLBACKS=f"{GOOD},{secret_key}")


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_a_secret_key_file_that_others_can_read_is_refused(mode: int, tmp_path: Path):
    """K19."""
    made(tmp_path)
    (tmp_path / "SECRET_KEY").chmod(mode)

    with pytest.raises(SettingsError, match=r"can be read by others. Run: chmod 600 "):
        made(tmp_path)


@pytest.mark.parametrize("content", ["", "\n", "short\n", "ключ" * 20])
def test_an_empty_or_damaged_secret_key_file_is_refused(content: str, tmp_path: Path):
    """K19."""
    path = tmp_path / "SECRET_KEY"
    path.write_text(content)
    path.chmod(0o600)

    with pytest.raises(SettingsError, match="SECRET_KEY"):
        made(tmp_path)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("OWOX_PORT", "0", "OWOX_PORT must be a whole number from 1 to 65535; it is '0'"),
        ("OWOX_PORT", "65536", "OWOX_PORT must be"),
        ("OWOX_PORT", "http", "OWOX_PORT must be"),
        ("OWOX_PORT", "٣٣", "OWOX_PORT must be"),
        ("OWOX_PROXY_HOPS", "-1", "OWOX_PROXY_HOPS must be a whole number from 0 to 10"),
        ("OWOX_LOG_LEVEL", "loud", "OWOX_LOG_LEVEL must be one of DEBUG, INFO, WARNING, ERROR; it is 'LOUD'"),
        ("OWOX_LOG_LEVEL", "none", "OWOX_LOG_LEVEL must be one of"),
        ("OWOX_STORAGE_TYPE_ALIAS", "DUCKDB", "OWOX_STORAGE_TYPE_ALIAS must be one of AWS_REDSHIFT"),
        ("PUBLIC_ORIGIN", "keys.example.com", "PUBLIC_ORIGIN must be scheme, host and optional port"),
        ("PUBLIC_ORIGIN", "https://keys.example.com/owox", "PUBLIC_ORIGIN must be"),
        ("PUBLIC_ORIGIN", "https://user@keys.example.com", "PUBLIC_ORIGIN must be"),
        ("PUBLIC_ORIGIN", "http://x:99999", "PUBLIC_ORIGIN must be"),
        ("OWOX_HOST", "::", "Set PUBLIC_ORIGIN to it"),
        ("OWOX_HOST", "a..b", "There is no address 'a..b': --host and OWOX_HOST take one such as 127.0.0.1"),
        ("OWOX_HOST", "127.0.0.1:9000", "There is no address '127.0.0.1:9000'"),
        ("OWOX_HOST", "http://127.0.0.1", "There is no address 'http://127.0.0.1'"),
        ("OWOX_DATABASE_URL", "sqlite:////proc", "must name a file; /proc is a folder"),
        ("OWOX_DATABASE_URL", "sqlite:///nowhere/owox.db", "nowhere, but that is no folder. Make it first."),
        ("OWOX_DATABASE_URL", "nonsense", "OWOX_DATABASE_URL must be"),
        ("OWOX_DATABASE_URL", "postgresql://owox:a:b@db:x/owox", "OWOX_DATABASE_URL must be"),
        ("OWOX_DATABASE_URL", "postgresql://owox:a@db:0/owox", "OWOX_DATABASE_URL must be"),
        ("OWOX_DATABASE_URL", "postgresql://owox:a@db..example/owox", "OWOX_DATABASE_URL must be"),
        ("OWOX_DATABASE_URL", "mysql://localhost/owox", "OWOX_DATABASE_URL must be"),
        ("OWOX_DATABASE_URL", "sqlite://", "OWOX_DATABASE_URL must be"),
        ("OWOX_DATABASE_URL", "sqlite:///:memory:", "OWOX_DATABASE_URL must be"),
    ],
)
def test_a_bad_value_is_refused_with_what_to_do(name: str, value: str, message: str, tmp_path: Path):
    """K19."""
    with pytest.raises(SettingsError) as caught:
        made(tmp_path, **{name: value})

    assert message in str(caught.value)


def test_a_host_may_stand_in_brackets(tmp_path: Path):
    settings = made(tmp_path, OWOX_HOST="[::1]")

    assert (settings.host, settings.public_origin) == ("::1", "http://[::1]:8000")


@pytest.mark.parametrize("spoil", [lambda path: path.write_bytes(b"OWOX_PORT=8\xff"), lambda path: path.mkdir()])
def test_a_file_of_settings_that_cannot_be_read_is_said(spoil: Callable[[Path], object], tmp_path: Path):
    spoil(tmp_path / "owox.env")

    with pytest.raises(SettingsError, match=r"owox\.env cannot be read: .*\. It must be a text of NAME=value lines"):
        made(tmp_path)


def test_a_file_of_settings_may_begin_with_a_byte_order_mark(tmp_path: Path):
    (tmp_path / "owox.env").write_bytes(b"\xef\xbb\xbfOWOX_PORT=8321\n")

    assert made(tmp_path).port == 8321


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path):
    (tmp_path / "file").touch()

    with pytest.raises(SettingsError, match=r"The instance folder .* cannot be made: .*Name another in OWOX_INSTANCE"):
        made(tmp_path / "file" / "instance")


def test_plain_postgres_addresses_mean_the_driver_that_comes_with_the_product(tmp_path: Path):
    for scheme in ("postgres", "postgresql"):
        url = made(tmp_path, OWOX_DATABASE_URL=f"{scheme}://owox@localhost/owox").database_url
        assert url == "postgresql+psycopg://owox@localhost/owox"


def test_a_relative_database_file_lies_in_the_instance_folder(tmp_path: Path):
    assert made(tmp_path, OWOX_DATABASE_URL="sqlite:///keys.db").database_url == f"sqlite:///{tmp_path / 'keys.db'}"
    assert made(tmp_path, OWOX_DATABASE_URL="sqlite:////tmp/keys.db").database_url == "sqlite:////tmp/keys.db"


def test_the_storage_alias_can_be_switched_off(tmp_path: Path):
    assert made(tmp_path).storage_type_alias == "AWS_REDSHIFT"
    assert made(tmp_path, OWOX_STORAGE_TYPE_ALIAS="none").storage_type_alias is None


def test_settings_do_not_print_their_secrets(tmp_path: Path):
    """U4."""
    settings = made(tmp_path, OWOX_SECRET_KEY_FALLBACKS=GOOD, OWOX_REDIS_URL="redis://:pass-in-url@localhost")

    for hidden in (settings.secret_key, GOOD, "pass-in-url", settings.database_url):
        assert hidden not in repr(settings)


def test_members_may_name_files_in_two_folders_of_the_instance_unless_told_otherwise(tmp_path: Path):
    """I6."""
    other = made(tmp_path, OWOX_STORAGE_PATHS=" /srv/shop, /srv/more ").storage_paths

    assert made(tmp_path).storage_paths == (tmp_path / "data", tmp_path / "demo")
    assert other == (Path("/srv/shop"), Path("/srv/more"))
    with pytest.raises(SettingsError, match="OWOX_STORAGE_PATHS"):
        made(tmp_path, OWOX_STORAGE_PATHS="/srv/shop,shop")


def test_the_servers_own_files_are_known_so_that_no_storage_is_made_of_them(tmp_path: Path):
    """Z7."""
    (tmp_path / "owox.db.replaced-20261127T034408Z").touch()

    own = made(tmp_path).own_files

    names = (
        "SECRET_KEY",
        "owox.env",
        "revocations.jsonl",
        "owox.db",
        "owox.db-wal",
        "owox.db.replaced-20261127T034408Z",
    )
    assert {tmp_path / name for name in names} <= set(own)
    assert tmp_path / "x.db" in made(tmp_path, OWOX_DATABASE_URL="sqlite:///x.db").own_files
    assert all(path.parent == tmp_path for path in made(tmp_path, OWOX_DATABASE_URL="postgresql://a/b").own_files)
