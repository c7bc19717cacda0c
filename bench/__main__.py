"""``python -m bench``: measure, print figures, and fail when what must hold did not."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time

from bench import backlog, core, day, flows, idle_agent, load, lost_phone, publish, rate, recording_hour, speech, steer
from bench.measurement import Measurement, Result
from bench.progress import Progress
from bench.table import report
from kernel.errors import GuildhallError

MEASUREMENTS: dict[str, Measurement] = {
    one.name: one
    for one in (
        core.MEASUREMENT,
        day.MEASUREMENT,
        idle_agent.MEASUREMENT,
        backlog.MEASUREMENT,
        flows.MEASUREMENT,
        load.MEASUREMENT,
        lost_phone.MEASUREMENT,
        publish.MEASUREMENT,
        rate.MEASUREMENT,
        recording_hour.MEASUREMENT,
        speech.MEASUREMENT,
        steer.MEASUREMENT,
    )
}

_HELP = """Measures Guildhall beside the limit of the same Asterisk. Each live measurement starts a service of its own
on free ports and takes it away again; one that runs here already is left alone. Close what else uses the machine:
"other load" in the tables tells how much there was. Ratios from one run compare; milliseconds of two days do not."""


def _parser() -> argparse.ArgumentParser:
    known = "\n".join(f"  {one.name:<11} {one.tells} ({one.takes})" for one in MEASUREMENTS.values())
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description=_HELP,
        epilog=f"what can be measured:\n{known}\n\nexamples:\n  python -m bench core\n"
        "  python -m bench --quick idle_agent\n  make bench ARGS='--json load'\n\nexit: 0 done, 1 a call was lost or an"
        " invariant broken, 2 wrong usage. Speed alone never fails.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="what to measure; default: everything")
    parser.add_argument("--quick", action="store_true", help="fewer samples: to see that it runs, not to quote")
    parser.add_argument("--json", action="store_true", help="print JSON for programs instead of tables for people")
    parser.add_argument("--list", action="store_true", help="list what can be measured, and end")
    return parser


def _machine() -> dict[str, str | int | float | None]:
    return {
        "at": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "load_average": round(os.getloadavg()[0], 2),
    }


def main(arguments: list[str] | None = None) -> int:
    """Run what was asked; return the exit code."""
    parser = _parser()
    asked = parser.parse_args(arguments)
    if asked.list:
        print("\n".join(f"{one.name:<11} {one.tells} ({one.takes})" for one in MEASUREMENTS.values()))
        return 0
    unknown = [name for name in asked.names if name not in MEASUREMENTS]
    if unknown:
        parser.error(f"unknown: {', '.join(unknown)}; known: {', '.join(MEASUREMENTS)}")
    machine, progress = _machine(), Progress()
    results: dict[str, Result] = {}
    if not asked.json:
        print(", ".join(f"{name} {value}" for name, value in machine.items()), flush=True)
    for name in asked.names or MEASUREMENTS:
        progress.say(f"{name}: {MEASUREMENTS[name].tells} ({MEASUREMENTS[name].takes})")
        results[name] = MEASUREMENTS[name].run(asked.quick, progress)
        if not asked.json:
            print(f"\n{report(results[name])}", flush=True)
    if asked.json:
        told = {name: {**found.figures, "failures": list(found.failures)} for name, found in results.items()}
        print(json.dumps({"machine": machine, "results": told}, indent=1))
    return 1 if any(found.failures for found in results.values()) else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except GuildhallError as error:
        print(f"bench: {error}", file=sys.stderr)
        sys.exit(1)
