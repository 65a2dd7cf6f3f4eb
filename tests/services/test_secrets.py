"""Secrets at rest: who can open what was sealed."""

import base64
import secrets

import pytest

from owox.services.secrets import Unreadable, Vault

ROW, OTHER = "row", "other row"


def new_key() -> str:
    """A secret key as servers make it."""
    return secrets.token_urlsafe(48)


def test_a_sealed_secret_opens_again_and_shows_nothing_of_itself():
    """K2."""
    canary, vault = secrets.token_urlsafe(24), Vault((new_key(),))

    sealed = vault.seal(ROW, {"url": f"postgresql://me:{canary}@host/db", "ü": "✓"})

    shown = sealed.encode() + base64.urlsafe_b64decode(sealed)
    assert canary.encode() not in shown
    assert b"postgresql" not in shown
    assert vault.open(ROW, sealed) == {"url": f"postgresql://me:{canary}@host/db", "ü": "✓"}


def test_no_secret_is_an_empty_one():
    assert Vault((new_key(),)).open(ROW, None) == {}


def test_sealing_twice_gives_two_texts():
    vault = Vault((new_key(),))

    assert vault.seal(ROW, {"a": 1}) != vault.seal(ROW, {"a": 1})


def test_an_older_key_still_opens_and_the_newest_seals():
    """K18: after the older one is gone, what the newest sealed still opens."""
    old, new = new_key(), new_key()
    both = Vault((new, old))

    assert both.open(ROW, Vault((old,)).seal(ROW, {"a": 1})) == {"a": 1}
    assert Vault((new,)).open(ROW, both.seal(ROW, {"a": 2})) == {"a": 2}


def test_another_server_opens_nothing_and_says_what_to_do():
    sealed = Vault((new_key(),)).seal(ROW, {"a": 1})

    with pytest.raises(Unreadable, match="OWOX_SECRET_KEY_FALLBACKS"):
        Vault((new_key(),)).open(ROW, sealed)


def test_a_secret_that_was_moved_into_another_row_does_not_open():
    vault = Vault((new_key(),))

    with pytest.raises(Unreadable):
        vault.open(OTHER, vault.seal(ROW, {"a": 1}))


def test_a_damaged_secret_does_not_open():
    vault = Vault((new_key(),))
    sealed = vault.seal(ROW, {"a": 1})

    for damaged in ("", "x", sealed[:-4], sealed[:20] + ("A" if sealed[20] != "A" else "B") + sealed[21:]):
        with pytest.raises(Unreadable):
            vault.open(ROW, damaged)
