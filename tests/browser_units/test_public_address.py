"""The page knows a public address by the server's own rule: both are asked the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedream.schema import load_models
from seedream.schema.references import PUBLIC_ADDRESS, is_public_address
from seedream.ui.gallery import edit_settings
from tests.browser_units.node import Node, node
from tests.browser_units.test_entries import many
from tests.schema.addresses import FIT, FIT_BY_ORIGIN, OWN, UNFIT, UNFIT_BY_ORIGIN

# Parts that a rule is likely to stumble over, put together in any way.
_PARTS = [
    *("https://", "HTTPS://", "http://", "//", "/", "?", "#", "@", ":", ":443", ":0443", "[", "]", "\\", "%", "."),
    *("a", "Z", "0", "-", "_", "127.0.0.1", "example.org", "localhost", "\n", "\x7f", " ", "\u212a", "\u017f"),
    *("a" * 61, "a" * 63, ".aa" * 80, "\U0001f98a"),
    *PUBLIC_ADDRESS.not_public,
]
_addresses = st.builds(
    lambda head, host, tail: head + host + "".join(tail),
    st.sampled_from(["https://", f"{OWN}/", ""]),
    st.sampled_from(["example.org", "a_b.example.org", ""]),
    st.lists(st.sampled_from(_PARTS), max_size=6),
)


@pytest.fixture(scope="module")
def page() -> Iterator[Node]:
    with node(Path(__file__).with_name("public_address.mjs")) as started:
        yield started


def taken(page: Node, addresses: list[str], own_origin: str = OWN) -> list[bool]:
    settings = {"base_url": own_origin, "edit": edit_settings(load_models())}
    answer: list[bool] = page.ask({"settings": settings, "addresses": addresses})
    return answer


def test_the_page_takes_what_the_server_takes(page: Node) -> None:
    table = [(each, True) for each in (*FIT, *FIT_BY_ORIGIN)]
    table += [(each, False) for each in (*UNFIT, *UNFIT_BY_ORIGIN)]
    answers = taken(page, [address for address, _ in table])
    assert list(zip(table, answers, strict=True)) == [(row, row[1]) for row in table]
    assert not any(taken(page, FIT_BY_ORIGIN, "https://model-api.runcomfy.net"))


@pytest.mark.thorough
@many
@given(addresses=st.lists(_addresses, min_size=20, max_size=20))
def test_no_address_is_one_for_the_page_and_none_for_the_server(page: Node, addresses: list[str]) -> None:
    assert taken(page, addresses) == [is_public_address(each, OWN) for each in addresses]
