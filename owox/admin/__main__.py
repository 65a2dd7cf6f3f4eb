"""`python -m owox.admin` is `owox`."""

from owox.admin import main

main()
