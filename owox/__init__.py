"""owox: API keys for the members of an OWOX Data Marts project."""

__version__ = "0.1.0"
