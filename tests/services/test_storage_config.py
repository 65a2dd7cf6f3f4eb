"""What a storage may be opened with, what is shown of it, and what never is."""

import secrets
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import pytest

from owox.models import Storage
from owox.models.base import new_id
from owox.reading.engines import StorageError
from owox.services.errors import BadSetting
from owox.services.secrets import Vault
from owox.services.storage_config import Keeper, Opening

PASSWORD = secrets.token_urlsafe(12) + "@/:?%#é"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder that members may name files in, beside the server's own."""
    (tmp_path / "data").mkdir()
    (tmp_path / "SECRET_KEY").write_text("not really")
    return tmp_path / "data"


@pytest.fixture
def keeper(folder: Path) -> Keeper:
    """Allows that folder."""
    own = (folder.parent / "SECRET_KEY", folder / "owox.db")
    return Keeper(Vault((secrets.token_urlsafe(48),)), (folder,), own)


def url(host: str = "db.example", rest: str = "/shop", user: str = "reader", password: str = PASSWORD) -> str:
    """The address of a PostgreSQL database."""
    return f"postgresql://{user}:{quote(password, safe='')}@{host}{rest}"


def refused(keeper: Keeper, config: dict[str, object], kind: str = "DUCKDB") -> str:
    """Why a configuration is refused."""
    with pytest.raises(BadSetting) as caught:
        keeper.check(kind, config)
    return str(caught.value)


def test_a_file_in_an_allowed_folder_is_kept_with_its_links_resolved(keeper: Keeper, folder: Path):
    (folder / "link.duckdb").symlink_to(folder / "shop.duckdb")

    for text in (f"{folder}/shop.duckdb", f"{folder}/link.duckdb", f"{folder}/x/../shop.duckdb", "shop.duckdb"):
        opening = keeper.check("DUCKDB", {"path": text})
        assert opening.shown == {"path": str(folder / "shop.duckdb")}
        assert opening.secret == {}


def test_the_folder_itself_may_be_a_storage(folder: Path):
    keeper = Keeper(Vault((secrets.token_urlsafe(48),)), (folder,))

    assert keeper.check("DUCKDB", {"path": str(folder)}).shown == {"path": str(folder)}


@pytest.mark.parametrize(
    "path",
    ["/etc/passwd", "../SECRET_KEY", "../data2/x", "..", "/", "x/../../y", "~/x.duckdb", "link/SECRET_KEY", "link"],
)
def test_a_path_outside_the_allowed_folders_is_refused(path: str, keeper: Keeper, folder: Path):
    """I6: also by way of a link; the message names the folders and the setting."""
    (folder / "link").symlink_to(folder.parent)
    if path.startswith("~"):
        assert keeper.check("DUCKDB", {"path": path}).shown == {"path": str(folder / path)}
        return

    message = refused(keeper, {"path": path})

    assert str(folder) in message
    assert "OWOX_STORAGE_PATHS" in message


@pytest.mark.parametrize("path", ["x\0y", "a\nb", "x" * 2_001, "", "  ", "x\u2028y"])
def test_a_path_that_is_none_is_refused(path: str, keeper: Keeper):
    """I6."""
    assert "path" in refused(keeper, {"path": path})


def test_a_loop_of_links_is_refused(keeper: Keeper, folder: Path):
    """I6."""
    (folder / "a").symlink_to(folder / "b")
    (folder / "b").symlink_to(folder / "a")

    assert refused(keeper, {"path": "a"}) == "config.path cannot be followed."


def test_the_servers_own_files_are_no_storage_wherever_they_are(keeper: Keeper, folder: Path):
    """Z7: the database of keys and members cannot be read as somebody's data, nor the folder that holds it."""
    for path in (folder / "owox.db", folder):
        assert "own files" in refused(keeper, {"path": str(path)}, "SQLITE")


@pytest.mark.parametrize(
    "config",
    [{}, {"url": "x"}, {"path": 1}, {"path": None}, {"path": "a", "read_only": False}, {"path": ["a"]}],
)
def test_a_configuration_of_another_shape_is_refused(config: dict[str, object], keeper: Keeper):
    """Z6."""
    assert refused(keeper, config) == 'config of the type DUCKDB must be one "path".'


def test_of_an_address_all_is_shown_but_the_password(keeper: Keeper):
    """K2, Z7."""
    opening = keeper.check("POSTGRESQL", {"url": url("db.example:6432", "/shop?sslmode=require")})

    assert opening.shown == {
        "host": "db.example",
        "port": 6432,
        "database": "shop",
        "user": "reader",
        "sslmode": "require",
    }
    assert opening.secret == {
        "url": f"postgresql://reader:{quote(PASSWORD, safe='')}@db.example:6432/shop?sslmode=require"
    }
    assert PASSWORD not in repr(opening)


def test_no_part_of_an_address_slips_into_another_part(keeper: Keeper):
    opening = keeper.check("POSTGRESQL", {"url": url(rest="/shop%3Fhost=%2Ftmp%26options=-c")})

    assert opening.shown["database"] == "shop?host=/tmp&options=-c"
    assert opening.secret["url"].endswith("@db.example/shop%3Fhost%3D%2Ftmp%26options%3D-c")


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://reader@db.example/shop",  # this server's password file or environment would fill in
        "postgresql://:secret@db.example/shop",
        "postgresql://reader:secret@/shop",  # this machine's socket
        "postgresql://reader:secret@%2Ftmp/shop",
        "postgresql://reader:secret@/shop?host=/tmp",
        "postgresql://reader:secret@db.example",
        "postgresql://reader:secret@db.example,other.example/shop",
        "postgresql://reader:secret@db.example:99999/shop",
        "postgresql://reader:secret@db.example:x/shop",
        "postgresql://reader:secret@db.example/shop?options=-c%20statement_timeout=0",
        "postgresql://reader:secret@db.example/shop?passfile=/etc/passwd",
        "postgresql://reader:secret@db.example/shop?service=x",
        "mysql://reader:secret@db.example/shop",
        "sqlite:////etc/passwd",
        "host=db.example password=secret",
        "secret",
    ],
)
def test_an_address_that_would_use_what_is_this_servers_is_refused_without_being_repeated(address: str, keeper: Keeper):
    """K2, U4: the message names no part of it."""
    message = refused(keeper, {"url": address}, "POSTGRESQL")

    assert message.startswith("config.url must ")
    assert "secret" not in message
    assert "passwd" not in message


def test_the_operator_may_name_anything(keeper: Keeper):
    operator = keeper.for_operator()

    assert operator.check("SQLITE", {"path": "/srv/shop.db"}).shown == {"path": "/srv/shop.db"}
    assert operator.check("POSTGRESQL", {"url": "postgresql:///shop"}).shown["database"] == "shop"


def test_what_is_stored_of_an_address_holds_no_secret_and_opens_again(keeper: Keeper):
    """K2: encrypted at rest; a driver that repeats the address does not give it away."""
    storage = stored(keeper)

    whole = keeper.vault.open(storage.id, storage.secret)["url"]
    said = f"cannot reach {whole} with {PASSWORD} or {quote(PASSWORD, safe='')}"

    with pytest.raises(StorageError) as caught, keeper.opened(storage):
        raise StorageError(said, provider="PostgreSQL", storage_type="POSTGRESQL")

    assert PASSWORD not in f"{storage.config} {storage.secret}"
    assert str(caught.value) == caught.value.provider_message == "cannot reach *** with *** or ***"


def test_a_secret_of_another_server_is_a_failure_of_the_storage(keeper: Keeper):
    storage = stored(keeper)
    other = Keeper(Vault((secrets.token_urlsafe(48),)), ())

    with pytest.raises(StorageError, match="OWOX_SECRET_KEY") as caught, other.opened(storage):
        pass

    assert caught.value.code == "STORAGE_UNAUTHORIZED"


def stored(keeper: Keeper) -> Storage:
    """A storage with a password, as it goes into the database; its engine is one that asks for no network."""
    now = datetime.now(UTC)
    storage = Storage(id=new_id(), type="DUCKDB", title="Shop", config={}, created_at=now, modified_at=now)
    opening = keeper.check("POSTGRESQL", {"url": url()})
    keeper.put(storage, Opening(opening.shown, opening.secret | {"path": "/nowhere.duckdb"}))
    return storage
