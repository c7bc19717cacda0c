"""Who is urgent, whatever the queue: recall and false alarms over sentences whose urgency was judged by a person.

python -m bench.steering.urgency [SETS…]   (CSV with text, urgent (1 or 0) and intent; default: held_out_urgent_*.csv)

`guildhall steer evaluate` takes urgency from the intent; here a gas leak (nobody's) and an adult at risk count as well.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Sequence
from pathlib import Path

from adapters.files.dialplans import read_dialplans
from guildhall.settings import Settings
from guildhall.steering_models import Models, taught, there
from ivr.steering.understand import Understanding
from kernel.meaning import Urgency

_COUNCIL = "northmere"


def main(sets: Sequence[Path]) -> None:
    """Print a line for each set."""
    settings = Settings()
    council = next(one for one in read_dialplans(settings.dialplans).tenants if one.id == _COUNCIL)
    book = there(council.id, council.steering)
    understood = taught(settings, council.id, book, Models.load(settings), print)
    for path in sets:
        print(_told(path, understood))


def _told(path: Path, understood: Understanding) -> str:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    found = understood.explain_all([row["text"] for row in rows])
    raised = [one.meaning.urgency is not Urgency.NONE for one in found]
    intents = understood.book.intents
    # What is about an urgent intent is urgent by the council's rule, whoever judged it calm: no false alarm.
    calm = [row["urgent"] == "0" and not (row["intent"] and intents[row["intent"]].urgent) for row in rows]
    urgent = [row["urgent"] == "1" for row in rows]
    kinds = ((urgent, "of those urgent found"), (calm, "of those not urgent taken for it"))
    told = [f"{_both(raised, kind)} of {sum(kind)} {words}" for kind, words in kinds]
    return f"{path.name}: {'; '.join(told)}"


def _both(raised: Sequence[bool], kind: Sequence[bool]) -> int:
    return sum(one and other for one, other in zip(raised, kind, strict=True))


if __name__ == "__main__":
    main([Path(one) for one in sys.argv[1:]] or sorted(Path(__file__).parent.glob("held_out_urgent_*.csv")))
