"""The first HTML: the shell in the visitor's language, before all that a browser has to wait for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from seedream import texts
from seedream.schema import load
from seedream.settings import LimitRules, Settings
from seedream.ui.assets import assets
from seedream.ui.bundle import STATIC
from seedream.ui.controls import offered
from seedream.ui.examples import examples
from seedream.ui.shell import Shell

GRADIOS = (
    "<html><head><base href='./'><style>1</style><script>2</script>"
    '<link rel="stylesheet" crossorigin href="./assets/index.css"></head>'
    "\n<body style='width: 100%'><gradio-app></gradio-app></body></html>"
)
LOGIN = GRADIOS.replace("<script>2", '<script>{"auth_required": true}')
DRAWINGS = {file.stem: file for file in (STATIC / "drawings").iterdir()}
# What a drawing may not do: run, fetch, or clash with another on one page.
_UNFIT = re.compile(r"<script|href|url\(|\bid=|\bon\w+=|<style|gradient|<image|<foreignObject", re.IGNORECASE)


def client(page: str = GRADIOS, settings: Settings | None = None) -> TestClient:
    async def answer(_: Request) -> HTMLResponse:
        return HTMLResponse(page)

    routes, middleware = assets(load(), Shell(load(), settings or Settings()).html)
    return TestClient(Starlette(routes=[*routes, Route("/", answer)], middleware=[middleware]))


def test_nothing_is_waited_for_before_the_shell() -> None:
    page = client().get("/").text
    before, _, after = page.partition("<page-shell")
    for link in re.findall(r'<link [^>]*rel="stylesheet"[^>]*>', before):
        assert 'media="print"' in link
    assert before.index("index.css") < before.index("page.css") < before.index("</head>")
    assert "<script>2</script>" in after
    assert "modulepreload" in after
    # Gradio's whole page is there, each of its parts once.
    for part in ("<base href='./'>", "<style>1</style>", "<script>2", "index.css", "<body style=", "<gradio-app>"):
        assert page.count(part) == 1
    assert page.endswith("</gradio-app></body></html>")


def test_it_is_small_on_its_way() -> None:
    asked = client()
    for _ in range(2):
        answer = asked.get("/", headers={"Accept-Encoding": "br, gzip"})
        assert answer.headers["content-encoding"] == "gzip"
        assert answer.num_bytes_downloaded < len(answer.content) / 3
    plain = asked.get("/", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.text == answer.text
    assert "Accept-Encoding" in plain.headers["vary"]


@pytest.mark.parametrize("language", sorted(texts.locales()))
def test_the_shell_speaks_the_visitors_language(language: str) -> None:
    known = texts.locales()[language]
    asked = client()
    answer = asked.get("/", headers={"Accept-Language": language})
    assert "Accept-Language" in answer.headers["vary"]
    assert f'data-language="{language}"' in answer.text
    assert asked.get("/", params={"lang": language}).text == answer.text
    for key in ("page.tagline", "page.empty", "form.generate", "start.drawn", "example.food.title"):
        assert known[key] in answer.text
    assert f'<noscript><p class="shell-failure">{known["page.needs_scripts"]}</p></noscript>' in answer.text


def test_who_has_to_log_in_sees_no_form() -> None:
    page = client(LOGIN).get("/").text
    assert "<page-shell" not in page
    assert "data-texts" in page


def test_the_shell_offers_what_the_page_does() -> None:
    settings = Settings(rules=LimitRules(resolutions=("2K",)))
    made = Shell(load(), settings).html("en")
    named = re.findall(r'data-start="(\w+)"', made)
    assert named == [each.name for each in examples(offered(load(), settings.rules))]


def test_each_example_has_a_drawing_and_each_drawing_an_example() -> None:
    assert DRAWINGS.keys() == {each.name for each in examples(load())}


@pytest.mark.parametrize("name", sorted(DRAWINGS))
def test_a_drawing_is_small_plain_and_in_its_examples_shape(name: str) -> None:
    file: Path = DRAWINGS[name]
    text = file.read_text(encoding="utf-8")
    assert file.stat().st_size <= 3 * 1024
    assert not _UNFIT.search(text)
    width, height = map(int, re.findall(r'viewBox="0 0 (\d+) (\d+)"', text)[0])
    example = next(each for each in examples(load()) if each.name == name)
    wide, high = re.findall(r"(\d+):(\d+)", str(example.settings["resolution"]))[0]
    assert width * int(high) == height * int(wide)
