"""Where it stands who may log in to the desk's pages."""

from __future__ import annotations

from adapters.files.desk_people import DeskPeople
from guildhall.settings import Settings


def desk_people(settings: Settings) -> DeskPeople:
    """The file among the secrets; made with the first person."""
    return DeskPeople(settings.secrets / "desk-people.json")
