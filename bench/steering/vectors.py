"""Writes the vectors of the sample councils' phrases, which are shipped so that a first start learns in seconds.

python -m bench.steering.vectors   (after phrases were added; a minute of one core)
"""

from __future__ import annotations

from adapters.files.dialplans import read_dialplans
from guildhall.settings import HOME, Settings
from guildhall.shipped_vectors import ship
from guildhall.steering_models import Models
from ivr.steering.understand import lesson


def main() -> None:
    """One file a model."""
    books = [one.steering for one in read_dialplans(HOME / "dialplans").tenants if one.steering is not None]
    phrases = sorted({phrase for book in books for phrase in lesson(book).phrases})
    for name, turn in Models.load(Settings()).found.items():
        path = ship(name, phrases, turn(phrases))
        print(f"{path.relative_to(HOME)}: {len(phrases)} phrases, {path.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
