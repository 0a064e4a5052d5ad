"""What has to be done so that a Space becomes what it should be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from seedream.space import Secret, Space, Variable
from seedream.space.files import RemoteFile

# What the Hub itself puts into a new Space. The second is the Hub's to keep.
_FRESH = frozenset({"README.md", ".gitattributes"})
_THE_HUBS = frozenset({".gitattributes"})


@dataclass(frozen=True)
class Wish:
    """What whoever deploys asks for.

    Attributes:
        private: only the owner may see the Space; otherwise it stays as it is.
        reset: set variables back that the Space's owner chose otherwise.
        new_secret: set secrets anew that the Space has.
    """

    private: bool = False
    reset: bool = False
    new_secret: bool = False


@dataclass(frozen=True)
class Found:
    """A Space as the Hub has it.

    Attributes:
        head: the commit that it stands at.
        sdk: what kind it is, where the Hub knows.
        private: only its owner may see it.
        files: its files, by name.
        variables: its variables.
        secrets: the names of its secrets.
    """

    head: str | None
    sdk: str | None
    private: bool
    files: Mapping[str, RemoteFile]
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
        added, changed, removed: names of files.
        variables: what to set.
        kept: variables that the owner of the Space chose otherwise, with their values there; they stay.
        secrets: what the Space lacks.
    """

    make: bool
    private: bool
    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    variables: tuple[Variable, ...]
    kept: tuple[tuple[Variable, str], ...]
    secrets: tuple[Secret, ...]

    @property
    def files(self) -> int:
        return len(self.added) + len(self.changed) + len(self.removed)

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
        for word, names in (("add", self.added), ("change", self.changed), ("remove", self.removed)):
            yield from (f"{word:7} {name}" for name in names)
        yield from (f"set     {each.name} = {each.default}" for each in self.variables)
        yield from (f"ask for {each.name} (secret): {each.meaning}" for each in self.secrets)


def compare(space: Space, files: Mapping[str, Path], found: Found | None, wish: Wish) -> Plan:
    """Return what has to be done.

    Args:
        space: what the Space should be.
        files: the files that it needs, by name.
        found: what the Hub has; None: no such Space.
        wish: what whoever deploys asks for.
    """
    has = found or Found(None, None, False, {}, {}, frozenset())
    differ = [each for each in space.variables if has.variables.get(each.name) not in (None, each.default)]
    return Plan(
        make=found is None,
        private=wish.private and not has.private,
        added=tuple(name for name in files if name not in has.files),
        changed=tuple(
            name
            for name, path in files.items()
            if name in has.files and not has.files[name].holds(path.read_bytes())
        ),
        removed=tuple(sorted(has.files.keys() - files.keys() - _THE_HUBS)),
        variables=tuple(
            each for each in space.variables if each.name not in has.variables or (wish.reset and each in differ)
        ),
        kept=() if wish.reset else tuple((each, has.variables[each.name]) for each in differ),
        secrets=tuple(each for each in space.secrets if wish.new_secret or each.name not in has.secrets),
    )
