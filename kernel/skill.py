"""Skills: a name and a level from 1 (can) to 5 (expert)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

#: Skill name -> level.
Skills = Mapping[str, int]

NO_SKILLS: Skills = MappingProxyType({})


def meets(have: Skills, need: Skills) -> bool:
    """Whether every needed skill is there at the least level asked. An absent skill is not level 0: it fails."""
    return all(name in have and have[name] >= level for name, level in need.items())
