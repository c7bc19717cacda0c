"""Reads the councils' folder: tenants, queues, people, prompts and the flows' trees, checked against one another."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from adapters.files.cross_checks import Council, check_all
from adapters.files.intents_shape import IntentsFile, check_codes, check_intents
from adapters.files.meant import agent_meant, queue_meant, tenant_meant
from adapters.files.open_inside import entries_in, folders_in, read_inside
from adapters.files.routing_checks import check_routing
from adapters.files.said_texts import said_prompts
from adapters.files.shapes import (
    IncidentsFile,
    PeopleFile,
    PromptsFile,
    QueuesFile,
    ServiceShape,
    SkillsFile,
    TablesFile,
    TenantFile,
)
from kernel.agent import AgentProfile
from kernel.errors import BadInput
from kernel.ids import TenantId, checked_id
from kernel.located import ConfigError, ConfigErrors, Located, Place, parse
from kernel.queues import Queue
from kernel.schema import MAX_ERRORS, Schema, fill
from kernel.tenant import Tenant

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
    #: Council -> flow name -> its file, the shared pieces among them.
    flows: Mapping[TenantId, Mapping[str, Located]]
    #: Council, or ``_shared`` -> prompts, the texts of verb `say` that never change among them.
    prompts: Mapping[str, Texts]
    #: Council -> file name (``tenant.yaml``, ``prompts.yaml``, ``queues.yaml``) -> its tree, to tell places by.
    files: Mapping[TenantId, Mapping[str, Located]] = field(default_factory=dict)
    #: Council, name -> what verb `lookup` may ask over the network.
    services: Mapping[tuple[str, str], ServiceShape] = field(default_factory=dict)

    def prompt_ids(self, tenant: TenantId) -> frozenset[str]:
        """The prompts a council's flows may play: its own and the shared ones."""
        return frozenset(self.prompts[tenant]) | frozenset(self.prompts[SHARED])


S = TypeVar("S", bound=Schema)


@dataclass(slots=True)
class _Reader:
    root: Path
    errors: list[ConfigError] = field(default_factory=list)
    shared_intents: IntentsFile = field(default_factory=IntentsFile)
    #: Whether a flow is there that could not be read: it is not unknown, and that it is broken was told.
    flows_unread: bool = False

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

    def optional(self, path: Path, shape: type[S]) -> tuple[Located, S] | None:
        """A file that may be absent. A link or a folder of that name is not absence."""
        return self.file(path, shape) if path.is_symlink() or path.exists() else None

    def flows(self, folder: Path) -> dict[str, Located]:
        trees: dict[str, Located] = {}
        try:
            paths = list(entries_in(folder, self.root))
        except ConfigError as error:
            self.errors.append(error)
            self.flows_unread = True
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
            tree = self.tree(path)
            self.flows_unread = self.flows_unread or tree is None
            if tree is not None:
                trees[name] = tree
        return trees

    def council(self, folder: Path) -> Council | None:
        files = (
            self.file(folder / "tenant.yaml", TenantFile),
            self.file(folder / "queues.yaml", QueuesFile),
            self.file(folder / "people.yaml", PeopleFile),
            self.file(folder / "prompts.yaml", PromptsFile),
        )
        tables = self.optional(folder / "tables.yaml", TablesFile)
        incidents = self.optional(folder / "incidents.yaml", IncidentsFile)
        intents = self.intents(folder)
        flows = self.flows(folder / "flows")
        tenant, queues, people, prompts = files
        if tenant is None or queues is None or people is None or prompts is None:
            return None
        return Council(
            id=folder.name,
            tenant=tenant,
            queues=queues,
            people=people,
            prompts=prompts,
            flows=flows,
            tables=tables,
            incidents=incidents,
            intents=intents,
        )

    def intents(self, folder: Path) -> IntentsFile | None:
        """What steering is taught in this folder."""
        read = self.optional(folder / "intents.yaml", IntentsFile)
        if read is None:
            return None
        self.errors.extend(itertools.islice(check_intents(*read, self.shared_intents.intents), MAX_ERRORS))
        codes = check_codes(*read, self.shared_intents, is_shared=folder.name == SHARED)
        self.errors.extend(itertools.islice(codes, MAX_ERRORS))
        return read[1]


def read_dialplans(folder: Path) -> Dialplans:
    """Read and check the councils' folder. Raises ``ConfigErrors`` with everything that is wrong and where."""
    reader = _Reader(root=folder)
    try:
        reader.shared_intents = reader.intents(folder / SHARED) or reader.shared_intents
        councils, complete = _councils(reader, folder)
        skills = reader.file(folder / SHARED / "skills.yaml", SkillsFile)
        shared = reader.file(folder / SHARED / "prompts.yaml", PromptsFile)
        pieces = reader.flows(folder / SHARED / "flows") if (folder / SHARED / "flows").is_dir() else {}
    except ConfigError as error:
        raise ConfigErrors([*reader.errors, error]) from None
    # With a file missing or broken, half of the cross-checks would only repeat that.
    if complete and skills is not None and shared is not None:
        found = itertools.islice(_mistakes(councils, skills[1].skills, shared), MAX_ERRORS)
        reader.errors.extend(one for one in found if one.code != "unknown_flow" or not reader.flows_unread)
    if reader.errors or shared is None:
        raise ConfigErrors(reader.errors)
    return Dialplans(
        tenants=tuple(tenant_meant(council, reader.shared_intents) for council in councils),
        queues=tuple(queue_meant(council, queue) for council in councils for queue in council.queues[1].queues),
        agents=tuple(agent_meant(council.id, agent) for council in councils for agent in council.people[1].agents),
        # A council's own flow wins over a shared one of the same name.
        flows={TenantId(council.id): {**pieces, **council.flows} for council in councils},
        prompts={
            SHARED: {**shared[1].prompts, **said_prompts(pieces.values())},
            **{one.id: {**one.prompts[1].prompts, **said_prompts(one.flows.values())} for one in councils},
        },
        services={(one.id, name): shape for one in councils for name, shape in one.tenant[1].services.items()},
        files={
            TenantId(one.id): {
                "tenant.yaml": one.tenant[0],
                "queues.yaml": one.queues[0],
                "prompts.yaml": one.prompts[0],
            }
            for one in councils
        },
    )


def _mistakes(
    councils: list[Council], skills: Collection[str], shared: tuple[Located, PromptsFile]
) -> Iterator[ConfigError]:
    yield from check_all(councils, skills, shared)
    yield from check_routing(councils, skills)


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
