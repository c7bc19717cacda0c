"""Reads the councils' folder: tenants, queues, people, prompts and the flows' trees, checked against one another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from adapters.files.cross_checks import Council, check_all
from adapters.files.open_inside import files_in, folders_in, read_inside
from adapters.files.shapes import AgentShape, PeopleFile, PromptsFile, QueuesFile, QueueShape, SkillsFile, TenantFile
from kernel.agent import AgentProfile
from kernel.errors import BadInput
from kernel.ids import AgentId, QueueId, TenantId, checked_id
from kernel.located import ConfigError, ConfigErrors, Located, Place, parse
from kernel.number import Dialled
from kernel.queues import Queue
from kernel.schema import Schema, fill
from kernel.tenant import CouncilNumber, Tenant

#: The folder of what all councils share. An underscore cannot begin an id, so no council can have this name.
SHARED = "_shared"
_TESTS = ".test.yaml"

#: Prompt id -> language -> text.
Texts = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialplans:
    """Everything the councils' folder says, checked; the flows themselves are for the flow language to read."""

    tenants: tuple[Tenant, ...]
    queues: tuple[Queue, ...]
    agents: tuple[AgentProfile, ...]
    #: Council -> flow name -> its file.
    flows: Mapping[TenantId, Mapping[str, Located]]
    #: Council, or ``_shared`` -> prompts.
    prompts: Mapping[str, Texts]

    def prompt_ids(self, tenant: TenantId) -> frozenset[str]:
        """The prompts a council's flows may play: its own and the shared ones."""
        return frozenset(self.prompts[tenant]) | frozenset(self.prompts[SHARED])


S = TypeVar("S", bound=Schema)


@dataclass(slots=True)
class _Reader:
    root: Path
    errors: list[ConfigError] = field(default_factory=list)

    def tree(self, path: Path) -> Located | None:
        try:
            return parse(*read_inside(path, self.root))
        except ConfigError as error:
            self.errors.append(error)
            return None

    def file(self, path: Path, shape: type[S]) -> tuple[Located, S] | None:
        tree = self.tree(path)
        try:
            return (tree, fill(tree, shape)) if tree is not None else None
        except ConfigErrors as found:
            self.errors.extend(found.errors)
            return None

    def flows(self, folder: Path) -> dict[str, Located]:
        trees: dict[str, Located] = {}
        try:
            paths = list(files_in(folder, self.root))
        except ConfigError as error:
            self.errors.append(error)
            return trees
        for path in paths:
            if path.suffix != ".yaml" or path.name.endswith(_TESTS):
                continue
            try:
                name = checked_id(path.stem, "a flow's file name")
            except BadInput as error:
                place = Place(file=path.relative_to(self.root.parent).as_posix())
                self.errors.append(ConfigError(place, "bad_id", error.message))
                continue
            if (tree := self.tree(path)) is not None:
                trees[name] = tree
        return trees

    def council(self, folder: Path) -> Council | None:
        files = (
            self.file(folder / "tenant.yaml", TenantFile),
            self.file(folder / "queues.yaml", QueuesFile),
            self.file(folder / "people.yaml", PeopleFile),
            self.file(folder / "prompts.yaml", PromptsFile),
        )
        flows = self.flows(folder / "flows")
        tenant, queues, people, prompts = files
        if tenant is None or queues is None or people is None or prompts is None:
            return None
        return Council(id=folder.name, tenant=tenant, queues=queues, people=people, prompts=prompts, flows=flows)


def read_dialplans(folder: Path) -> Dialplans:
    """Read and check the councils' folder. Raises ``ConfigErrors`` with everything that is wrong and where."""
    reader = _Reader(root=folder)
    try:
        councils, complete = _councils(reader, folder)
        skills = reader.file(folder / SHARED / "skills.yaml", SkillsFile)
        shared = reader.file(folder / SHARED / "prompts.yaml", PromptsFile)
    except ConfigError as error:
        raise ConfigErrors([*reader.errors, error]) from None
    # With a file missing or broken, half of the cross-checks would only repeat that.
    if complete and skills is not None and shared is not None:
        reader.errors.extend(check_all(councils, skills[1].skills, shared))
    if reader.errors or shared is None:
        raise ConfigErrors(reader.errors)
    return Dialplans(
        tenants=tuple(_tenant(council) for council in councils),
        queues=tuple(_queue(council.id, queue) for council in councils for queue in council.queues[1].queues),
        agents=tuple(_agent(council.id, agent) for council in councils for agent in council.people[1].agents),
        flows={TenantId(council.id): council.flows for council in councils},
        prompts={SHARED: shared[1].prompts, **{council.id: council.prompts[1].prompts for council in councils}},
    )


def _councils(reader: _Reader, folder: Path) -> tuple[list[Council], bool]:
    councils: list[Council] = []
    complete = True
    for path in _council_folders(reader, folder):
        council = reader.council(path)
        complete = complete and council is not None
        if council is not None:
            councils.append(council)
    if complete and not councils:
        raise ConfigError(Place(file=folder.name), "no_council", "there is no council's folder here")
    return councils, complete


def _council_folders(reader: _Reader, folder: Path) -> Iterable[Path]:
    for path in folders_in(folder):
        # A folder that holds nothing of a council is none: `agi-bin/`, an editor's leavings.
        if path.name == SHARED or not any(one.suffix == ".yaml" or one.name == "flows" for one in path.iterdir()):
            continue
        try:
            checked_id(path.name, "a council's folder name")
        except BadInput as error:
            reader.errors.append(ConfigError(Place(file=f"{folder.name}/{path.name}"), "bad_id", error.message))
            continue
        yield path


def _tenant(council: Council) -> Tenant:
    shape, tenant = council.tenant[1], TenantId(council.id)
    numbers = (
        CouncilNumber(
            number=Dialled(one.number),
            tenant=tenant,
            flow=one.flow,
            queue=None if one.queue is None else QueueId(one.queue),
        )
        for one in shape.numbers
    )
    return Tenant(
        id=tenant,
        name=shape.name,
        languages=shape.languages,
        numbers=tuple(numbers),
        default_queue=QueueId(shape.default_queue),
    )


def _queue(council: str, shape: QueueShape) -> Queue:
    return Queue(
        id=QueueId(f"{council}.{shape.id}"),
        tenant=TenantId(council),
        name=shape.name,
        skills=shape.skills,
        priority=shape.priority,
        ring_time_s=shape.ring_time,
        wrap_up_s=shape.wrap_up,
        rona_exclude_s=shape.rona_exclude,
        service_level_s=shape.service_level,
    )


def _agent(council: str, shape: AgentShape) -> AgentProfile:
    return AgentProfile(
        id=AgentId(shape.id),
        tenant=TenantId(council),
        name=shape.name,
        sip_user=shape.sip_user,
        queues=tuple(map(QueueId, shape.queues)),
        skills=shape.skills,
        councils=tuple(map(TenantId, shape.councils)),
    )
