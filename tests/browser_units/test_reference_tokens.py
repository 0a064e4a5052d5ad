"""What stands for a picture that goes in: the page reads the server's signed links, whatever their signature."""

from __future__ import annotations

from pathlib import Path

from seedream.runcomfy.responses import Output
from seedream.ui.signed_urls import SignedUrls
from tests.browser_units.node import node

# Among so many signatures there is each byte, also those that begin a list or a text.
LINKS = 1000


def test_a_signed_link_is_read_whatever_its_signature() -> None:
    signed_urls = SignedUrls(b"any secret")
    with node(Path(__file__).with_name("reference_tokens.mjs")) as page:
        for number in range(LINKS):
            output = Output(f"https://example.org/{number}.png", "image", f"job-{number}")
            assert page.ask(signed_urls.sign(output)) == {"url": output.url, "requestId": output.job}
        assert page.ask("no link") is None
