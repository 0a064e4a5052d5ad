"""Who counts as the page's own: browsers, scripts and agents, by themselves, in a frame and behind proxies."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from starlette.requests import Request

from seedream.ui.gate_origin import Names

BROWSER = {"origin": "https://page.example"}
RENAMED = {**BROWSER, "host": "127.0.0.1:7860"}


@dataclass(frozen=True)
class Asked:
    """A request, and how the page is set up for it."""

    headers: dict[str, str]
    own: bool
    method: str = "POST"
    hosts: tuple[str, ...] = ()
    behind_proxy: bool = False


def asked(headers: dict[str, str], method: str = "POST") -> Request:
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "method": method, "headers": raw})


WAYS = {
    "a script, curl": Asked({"host": "page.example"}, own=True),
    "a script without a host": Asked({}, own=True),
    "a browser": Asked({**BROWSER, "host": "page.example"}, own=True),
    "a proxy that takes the port off": Asked(
        {"origin": "https://page.example:8443", "host": "page.example"}, own=True
    ),
    "a proxy that changes the name": Asked(RENAMED, own=False),
    "of which the owner has told": Asked(RENAMED, own=True, hosts=("page.example",)),
    "a trusted one that says so": Asked(
        {**RENAMED, "x-forwarded-host": "inner, page.example"}, own=True, behind_proxy=True
    ),
    "whose word nobody trusts": Asked({**RENAMED, "x-forwarded-host": "page.example"}, own=False),
    "a browser that says more, behind any": Asked({**RENAMED, "sec-fetch-site": "same-origin"}, own=True),
    "typed into a browser": Asked(
        {"sec-fetch-site": "none", "sec-fetch-mode": "navigate"}, own=True, method="GET"
    ),
    "the Hub's frame opens": Asked(
        {"host": "ada-page.hf.space", "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"},
        own=True,
        method="GET",
    ),
    "a press in it": Asked(
        {"host": "ada-page.hf.space", "origin": "https://ada-page.hf.space", "sec-fetch-site": "same-origin"},
        own=True,
    ),
    "a press on another page": Asked({"host": "page.example", "origin": "https://other.example"}, own=False),
    "a form that another page sends": Asked(
        {**BROWSER, "host": "page.example", "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"},
        own=False,
    ),
    "a neighbour's page": Asked({"host": "page.example", "sec-fetch-site": "same-site"}, own=False, method="GET"),
    "a page without an origin": Asked({"host": "page.example", "origin": "null"}, own=False),
    "another port of the same name": Asked({"host": "localhost:7860", "origin": "http://localhost:80"}, own=False),
}


@pytest.mark.parametrize("way", WAYS)
def test_what_the_page_takes_for_its_own(way: str) -> None:
    case = WAYS[way]
    names = Names(case.hosts, behind_proxy=case.behind_proxy)
    assert names.own(asked(case.headers, case.method)) == case.own


@pytest.mark.parametrize(
    ("host", "known"),
    [
        ("Page.Example", True),
        ("page.example:443", True),
        ("localhost:7860", True),
        ("other.example", False),
        ("", False),
    ],
)
def test_the_names_that_the_page_goes_by(host: str, known: bool) -> None:
    request = asked({"host": host} if host else {})
    assert Names(("page.example",), behind_proxy=False).knows(request) == known
    assert Names((), behind_proxy=False).knows(request)
