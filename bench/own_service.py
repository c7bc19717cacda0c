"""The bench's own service: the sample councils without after-call work, in a folder that goes away again."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.progress import Progress
from guildhall.settings import Settings
from lab.service import Edit, ServiceProcess, edited_dialplans

#: Nobody writes anything up after a call of the bench: the next one may come at once.
NO_WRAP_UP = Edit(files="*/queues.yaml", pattern=r"wrap_up: \w+", by="wrap_up: 0s")
#: Nobody is sent elsewhere because many wait: a hundred are meant to.
NO_LIMITS = Edit(files="*/queues.yaml", pattern=r"\n    limits:\n(?:      .*\n)+", by="\n")
#: All five agents take calls about bins.
ALL_TAKE_BINS = (
    Edit(files="*/people.yaml", pattern=r"queues: \[(?!.*northmere\.waste)", by="queues: [northmere.waste, "),
    Edit(files="*/people.yaml", pattern=r"skills: \{(?!.*waste)", by="skills: {waste: 1, "),
)


@contextmanager
def own_service(
    progress: Progress,
    edits: Sequence[Edit],
    *,
    dialplan: str = "",
    queues: str = "",
    prepare: Callable[[Path], None] = lambda _dialplans: None,
    **settings: str,
) -> Iterator[ServiceProcess]:
    """Start a service, stop it in the end. ``dialplan`` is read by its Asterisk behind asterisk_conf/extensions.conf.

    ``queues`` likewise behind queues.conf. ``prepare`` may change the copy of the councils' files further;
    ``settings`` are those of guildhall/settings.py, by name.

    Raises ``AssertionError`` with the logs' ends when it does not start.
    """
    with tempfile.TemporaryDirectory(prefix="gh-bench-") as folder:
        place = Path(folder)
        # Asterisk's own user comes through here.
        place.chmod(0o755)
        generated = place / "var" / "pbx" / "generated"
        generated.mkdir(parents=True)
        for name, text in (("bench.conf", dialplan), ("bench-queues.conf", queues)):
            if text:
                (generated / name).write_text(text, encoding="utf-8")
        prepare(edited_dialplans(place / "dialplans", edits))
        service = ServiceProcess(place, dialplans=place / "dialplans", **settings)
        progress.say("starting a service of its own")
        try:
            service.up()
            yield service
        finally:
            progress.say("stopping it")
            service.down()


def settings_of(service: ServiceProcess) -> Settings:
    """The settings it runs with, for looking at it without a process a look."""
    return Settings(var=service.place / "var", recordings=service.recordings, dialplans=service.place / "dialplans")
