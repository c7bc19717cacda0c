"""The councils' folder as the tools read it: bounded, found from any path inside it, every mistake a finding."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from adapters.files.dialplans import SHARED, Dialplans, read_dialplans
from guildhall.flow_book import flow_book
from ivr.core.lint import ERROR, WARNING, Council, Finding, lint
from ivr.flows import FlowBook
from kernel.errors import BadInput
from kernel.located import MAX_BYTES, ConfigErrors, Place

#: More is no councils' folder. A megabyte of YAML takes about a second to read (kernel/located.py).
MAX_FILES, MAX_TOTAL_BYTES = 1000, 4 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """A councils' folder, and the part of it that was asked about, as errors name it: ``dialplans/northmere``."""

    root: Path
    part: str

    def whole(self) -> Folder:
        """All of it."""
        return Folder(root=self.root, part=self.root.name)

    def holds(self, file: str) -> bool:
        """Whether a file, as errors name it, is in the part asked about."""
        return file == self.part or file.startswith(f"{self.part}/")


def find_folder(path: Path) -> Folder:
    """Return the councils' folder that ``path`` is, or is in. Raises ``BadInput`` when there is none."""
    path = path.resolve()
    if not path.exists():
        raise BadInput("no_such_file", f"{path} is not there")
    for root in (path, *path.parents):
        if (root / SHARED).is_dir():
            part = path.relative_to(root.parent).as_posix()
            _bounded(root)
            return Folder(root=root, part=part)
    raise BadInput("no_dialplans", f"no councils' folder here (one that holds '{SHARED}'): name one as PATH")


def _bounded(root: Path) -> None:
    # A file that is too big by itself is refused by its reader, with its name.
    sizes = [min(path.lstat().st_size, MAX_BYTES) for path in _some(root) if path.suffix == ".yaml"]
    if len(sizes) > MAX_FILES or sum(sizes) > MAX_TOTAL_BYTES:
        raise BadInput(
            "too_much",
            f"more than {MAX_FILES} files or {MAX_TOTAL_BYTES >> 20} MiB of YAML: this is no councils' folder",
        )


def _some(root: Path) -> Iterator[Path]:
    """Everything below, but never more than the limit is worth looking at."""
    for count, path in enumerate(root.rglob("*")):
        if count > 20 * MAX_FILES:
            raise BadInput("too_much", "too many files: this is no councils' folder")
        yield path


def read_book(folder: Folder) -> tuple[Dialplans, FlowBook]:
    """Everything, bound. Raises ``ConfigErrors``."""
    plans = read_dialplans(folder.root)
    return plans, flow_book(plans)


def look_over(folder: Folder) -> list[Finding]:
    """Everything that is wrong, or might be, in the part asked about."""
    try:
        plans, book = read_book(folder)
    except ConfigErrors as wrong:
        found = [
            Finding(place=one.place, level=ERROR, code=one.code, message=one.message, hint=one.hint)
            for one in wrong.errors
        ]
        # Nothing is bound, and so nothing looked over, before all of it can be read: that is not "0 errors".
        found += [] if any(folder.holds(one.place.file) for one in found) else [_unseen(folder, found)]
    else:
        found = [one for council in councils(plans, book) for one in lint(council)]
    unique = {(one.place.file, one.place.line, one.place.column, one.code, one.message): one for one in found}
    return [one for one in unique.values() if folder.holds(one.place.file)]


def _unseen(folder: Folder, elsewhere: Sequence[Finding]) -> Finding:
    first = f"{elsewhere[0].place.file}:{elsewhere[0].place.line}"
    return Finding(
        place=Place(file=folder.part),
        level=WARNING,
        code="elsewhere",
        message=f"not looked over to the end: {len(elsewhere)} error(s) elsewhere, the first in {first}",
        hint="check the whole folder",
    )


def councils(plans: Dialplans, book: FlowBook) -> Iterator[Council]:
    """Each council as the lint wants it."""
    for tenant in plans.tenants:
        yield Council(
            tenant=tenant,
            flows={name: flow for (owner, name), flow in book.flows.items() if owner == tenant.id},
            trees=plans.flows[tenant.id],
            files=plans.files[tenant.id],
            prompts=plans.prompts[tenant.id].keys(),
        )
