"""References, the pictures that go in: how many, how heavy, of which shape, and which addresses may name one.

An address is checked by its form alone, and never asked: RunComfy fetches it, from outside.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any

from seedream.errors import SeedreamError

MIB = 1024 * 1024
# Of a data URI, and of all of a request: what RunComfy's own ComfyUI nodes send at most.
MOST_CHARACTERS = 6 * MIB
MOST_CHARACTERS_IN_ALL = 64 * MIB
MOST_PIXELS = 32_000_000
_DATA_URI = re.compile(r"data:image/(?:jpeg|png);base64,[A-Za-z0-9+/]+={0,2}", re.ASCII)
# Careful until the catalogue says otherwise (RunComfy's and others' pages of this model and its kin).
_MOST, _SHAPES = 10, (1 / 3, 3.0)


@dataclass(frozen=True)
class AddressRule:
    """What a public address looks like, as Python and the page's scripts both read it.

    Attributes:
        longest: characters.
        pattern: of all of it, in capitals or not; its group is the host.
        longest_host: characters.
        not_public: last labels of hosts that lead nowhere from outside.
    """

    longest: int
    pattern: str
    longest_host: int
    not_public: Sequence[str]


PUBLIC_ADDRESS = AddressRule(
    # Signed addresses are long; longer ones than this many servers don't take.
    longest=4096,
    # At least two labels of letters, digits, dashes and (as storage has them) underscores; the last begins with a
    # letter: no number names a host in it. No user, as what comes before an @ looks like a host to people; no port
    # but the usual; then whatever is printed in ASCII, without what some readers take for a slash.
    pattern=r"https://((?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9])"
    r"(?::443)?(?:[/?#][!-\[\]-~]*)?",
    longest_host=253,
    # RFC 2606, 6761, 6762, 7686, 8375, 9476, and what routers and clusters call their homes.
    not_public=(
        *("alt", "arpa", "corp", "example", "home", "internal", "intranet", "invalid", "lan", "local"),
        *("localdomain", "localhost", "onion", "private", "svc", "test"),
    ),
)
_ADDRESS = re.compile(PUBLIC_ADDRESS.pattern, re.ASCII | re.IGNORECASE)
_PLAIN = re.compile(r"[!-\[\]-~]+", re.ASCII)


@dataclass(frozen=True)
class ReferenceRules:
    """What a model takes.

    Attributes:
        least, most: pictures.
        most_bytes: of a file that an address names.
        narrowest, widest: width divided by height.
        shortest_side: in pixels.
    """

    least: int = 1
    most: int = _MOST
    most_bytes: int = 30 * MIB
    narrowest: float = _SHAPES[0]
    widest: float = _SHAPES[1]
    shortest_side: int = 15


def rules_of(described: Mapping[str, Any]) -> ReferenceRules:
    """Read the rules of a schema's property, its non-standard `validations` among them.

    Raises:
        ValueError: they make no sense.
    """
    usual = ReferenceRules()
    said = {
        str(each.get("validation_rule")): _number(each.get("validation_value"))
        for each in described.get("validations") or ()
        if isinstance(each, Mapping)
    }
    one = described.get("type") == "string"
    sides = [side for side in (said.get("width_pixels>"), said.get("height_pixels>")) if side]
    rules = ReferenceRules(
        least=1 if one else _count(described.get("minItems", usual.least)),
        most=1 if one else _count(described.get("maxItems", usual.most)),
        most_bytes=int((said.get("file_size_mb<") or usual.most_bytes / MIB) * MIB),
        narrowest=said.get("width/height>") or usual.narrowest,
        widest=said.get("width/height<") or usual.widest,
        shortest_side=int(max(sides)) + 1 if sides else usual.shortest_side,
    )
    if rules.least > rules.most or rules.narrowest > rules.widest:
        raise ValueError(f"no pictures fit {rules}")
    return rules


def checked_references(
    value: object, rules: ReferenceRules, name: str, own_origin: str, *, required: bool
) -> list[str] | None:
    """Return the references as they are sent; None where there are none and none are needed.

    Args:
        value: a list of texts, or one text: addresses, or data URIs as `pictures.references` makes them.
        rules: the model's.
        name: the field's.
        own_origin: whose own files may be references, whatever they are.
        required: whether there must be some.

    Raises:
        SeedreamError: `references_few`, `references_many`, `reference_unfit`, `reference_heavy`,
            `references_heavy`; the facts name the number of the picture, from 1.
    """
    given: list[Any] = (
        list(value) if isinstance(value, list | tuple) else [value] if value not in (None, "") else []
    )
    if not given and not required:
        return None
    if len(given) < rules.least:
        raise SeedreamError("references_few", field=name, limit=rules.least)
    if len(given) > rules.most:
        raise SeedreamError("references_many", field=name, limit=rules.most)
    for number, each in enumerate(given, 1):
        if isinstance(each, str) and is_data_uri(each) and len(each) > MOST_CHARACTERS:
            raise SeedreamError("reference_heavy", field=name, number=number, limit=MOST_CHARACTERS // MIB)
        if not isinstance(each, str) or not (_DATA_URI.fullmatch(each) or is_public_address(each, own_origin)):
            raise SeedreamError("reference_unfit", field=name, number=number)
    if sum(map(len, given)) > MOST_CHARACTERS_IN_ALL:
        raise SeedreamError("references_heavy", field=name, limit=MOST_CHARACTERS_IN_ALL // MIB)
    return given


def is_public_address(address: str, own_origin: str = "") -> bool:
    """Tell whether an address has the form of a public HTTPS one. Nobody asks it.

    >>> is_public_address("https://example.org/a.png")
    True
    >>> is_public_address("https://127.0.0.1/a.png")
    False
    """
    if len(address) > PUBLIC_ADDRESS.longest:
        return False
    if own_origin and address.startswith(f"{own_origin.rstrip('/')}/"):
        return _PLAIN.fullmatch(address) is not None
    found = _ADDRESS.fullmatch(address)
    host = found[1].lower() if found else ""
    public = host.rpartition(".")[2] not in PUBLIC_ADDRESS.not_public
    return found is not None and len(host) <= PUBLIC_ADDRESS.longest_host and public


def is_data_uri(reference: str) -> bool:
    return reference.startswith("data:")


def _count(said: object) -> int:
    if not isinstance(said, int) or said < 0:
        raise ValueError(f"{said!r} is no number of pictures")
    return said


def _number(value: object) -> float | None:
    """Return a positive number, as a rule or a text that holds one; None where there is none."""
    try:
        number = float(str(value))
    except ValueError:
        return None
    return number if 0 < number < inf else None
