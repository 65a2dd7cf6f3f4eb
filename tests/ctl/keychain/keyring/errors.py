"""What that keychain raises."""


class KeyringError(Exception):
    """Any failure of a keychain."""


class NoKeyringError(KeyringError):
    """There is no keychain."""
