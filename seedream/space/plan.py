"""What has to be done so that a Space becomes what it should be."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import Literal

from huggingface_hub.hf_api import RepoFile
from huggingface_hub.utils.sha import git_hash

from seedream.space import Secret, Space, Variable

Change = Literal["add", "change", "remove"]

# What the Hub itself puts into a new Space. The second is the Hub's to keep.
_FRESH = frozenset({"README.md", ".gitattributes"})
_THE_HUBS = frozenset({".gitattributes"})


@dataclass
class Asked:
    """What the arguments ask for, as `--help` has it."""

    name: str = ""
    dry_run: bool = False
    private: bool = False
    reset_variables: bool = False
    new_secret: bool = False


@dataclass(frozen=True)
class Found:
    """A Space as the Hub has it; of its secrets, the names. `head` is the commit that it stands at."""

    head: str | None
    sdk: str | None
    private: bool
    files: Mapping[str, RepoFile]
    variables: Mapping[str, str]
    secrets: frozenset[str]

    def is_something_else(self, space: Space) -> bool:
        """Tell whether this holds work of another kind, which a deployment would remove."""
        if self.sdk not in (None, space.hub["sdk"]):
            return True
        return "space.yaml" not in self.files and not self.files.keys() <= _FRESH


@dataclass(frozen=True)
class Plan:
    """What has to be done.

    Attributes:
        make: there is no such Space yet.
        private: hide it, or make it so.
        files: what to do with each that differs, by name.
        variables: what to set.
        kept: variables that the owner of the Space chose otherwise, with their values there; they stay.
        secrets: what the Space lacks.
    """

    make: bool
    private: bool
    files: Mapping[str, Change]
    variables: tuple[Variable, ...]
    kept: tuple[tuple[Variable, str], ...]
    secrets: tuple[Secret, ...]

    @property
    def done(self) -> bool:
        """Nothing has to be done, but for a secret that may be left out."""
        return not (self.make or self.private or self.files or self.variables)

    def lines(self) -> Iterator[str]:
        """Say what is to be done, a line each."""
        if self.make:
            yield f"make    a {'private' if self.private else 'public'} Space"
        elif self.private:
            yield "hide    the Space: only its owner may see it"
        yield from (f"{what:7} {name}" for name, what in sorted(self.files.items(), key=itemgetter(1)))
        yield from (f"set     {each.name} = {each.default}" for each in self.variables)
        yield from (f"ask for {each.name} (secret): {each.meaning}" for each in self.secrets)


def compare(space: Space, files: Mapping[str, Path], found: Found | None, asked: Asked) -> Plan:
    """Return what has to be done.

    Args:
        space: what the Space should be.
        files: the files that it needs, by name.
        found: what the Hub has; None: no such Space.
        asked: what whoever deploys asks for.
    """
    has = found or Found(None, None, False, {}, {}, frozenset())
    differ = [each for each in space.variables if has.variables.get(each.name) not in (None, each.default)]
    return Plan(
        make=found is None,
        private=asked.private and not has.private,
        files={
            **{name: "add" for name in files if name not in has.files},
            **{
                name: "change"
                for name, listed in has.files.items()
                if name in files and _differs(files[name], listed)
            },
            **dict.fromkeys(sorted(has.files.keys() - files.keys() - _THE_HUBS), "remove"),
        },
        variables=tuple(
            each
            for each in space.variables
            if each.name not in has.variables or (asked.reset_variables and each in differ)
        ),
        kept=() if asked.reset_variables else tuple((each, has.variables[each.name]) for each in differ),
        secrets=tuple(each for each in space.secrets if asked.new_secret or each.name not in has.secrets),
    )


def _differs(path: Path, listed: RepoFile) -> bool:
    content = path.read_bytes()
    if listed.lfs:
        return hashlib.sha256(content).hexdigest() != listed.lfs.sha256
    return git_hash(content) != listed.blob_id
