"""A county in which each queue is recorded by another rule."""

from __future__ import annotations

import re

from tests.fakes.service import Service

WASTE, MUST, TOLD, ASKED, NEVER = "03069990002", "03069990003", "03069990004", "03069990027", "03069990028"
DEMAND = "03069990029"


RULES = {
    "waste": "{longest_pause: 30s, secure_input: card_details}",
    "emergency": "{may_pause: false}",
    "welsh": "{announce: always, longest_pause: 5s}",
    "housing": "{announce: ask}",
    "council_tax": "{record: never}",
    "general": "{record: on_demand}",
}


def with_rules(service: Service) -> None:
    """Give each queue of Northmere its rule, and two more of them a direct number."""
    folder = service.place / "dialplans" / "northmere"
    queues, tenant = folder / "queues.yaml", folder / "tenant.yaml"
    # The sample's own rules make way.
    text = re.sub(r"\n    recording: .*", "", queues.read_text(encoding="utf-8"))
    for queue, rule in RULES.items():
        text = re.sub(rf"(- id: {queue}\n)", rf"\1    recording: {rule}\n", text)
    queues.write_text(text, encoding="utf-8")
    more = "".join(
        f'  - number: "{number}"\n    queue: northmere.{queue}\n'
        for number, queue in ((ASKED, "housing"), (NEVER, "council_tax"), (DEMAND, "general"))
    )
    text = tenant.read_text(encoding="utf-8")
    tenant.write_text(text.replace("numbers:\n", f"numbers:\n{more}", 1), encoding="utf-8")
