"""``python -m guildhall``: the command line."""

from guildhall.cli import main

main()
