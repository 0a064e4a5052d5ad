"""The page's own files: all are found, in one order, and kept for good."""

from __future__ import annotations

import re

import pytest
from gradio.brotli_middleware import BrotliMiddleware
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from seedream import texts
from seedream.schema import load
from seedream.ui.assets import INLINE_SHEETS, STYLE_SHEETS, assets
from seedream.ui.bundle import ENTRY, STATIC, bundles
from seedream.ui.theme import theme

FOREVER = "public, max-age=31536000, immutable"
PAGE = '<html><head><base href="./"><script>1</script></head><body><script>"</head>"</script></body></html>'
FILES = sorted(file.relative_to(STATIC).as_posix() for file in STATIC.rglob("*.*"))


@pytest.fixture(scope="module")
def client() -> TestClient:
    async def page(_: Request) -> HTMLResponse:
        return HTMLResponse(PAGE)

    routes, head = assets(load(), lambda language, _: f"<page-shell lang={language}>")
    return TestClient(Starlette(routes=[*routes, Route("/", page)], middleware=[head]))


def test_the_order_of_the_sheets_names_each_of_them_once_but_what_comes_later() -> None:
    scripts = "".join((STATIC / name).read_text(encoding="utf-8") for name in FILES if name.endswith(".js"))
    later = re.findall(r'new URL\("\./([\w-]+\.css)", import\.meta\.url\)', scripts)
    sheets = [name for name in FILES if name.endswith(".css")]
    assert len(set(STYLE_SHEETS)) == len(STYLE_SHEETS)
    assert sorted({*INLINE_SHEETS, *STYLE_SHEETS}) == [
        name for name in sheets if name.rpartition("/")[2] not in later
    ]


def test_the_head_asks_for_everything_before_gradio_does(client: TestClient) -> None:
    page = client.get("/").text
    links = re.findall(r'<link .*?rel="(\w+)" href="([^"]+)">', page)
    asked = [(kind, href.partition("/static-")[2].partition("/")[2]) for kind, href in links]
    assert asked == [("stylesheet", "page.css"), ("modulepreload", ENTRY)]
    places = ["data-texts", "stylesheet", "</head><body>", "<page-shell", "<script>1</script>", "modulepreload"]
    assert sorted(places, key=page.index) == places
    assert page.endswith('<script>"</head>"</script></body></html>')
    for _, href in links:
        answer = client.get(f"/{href}")
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == FOREVER
    for name, bundle in bundles().items():
        answer = client.get(f"/{links[1][1].removesuffix(ENTRY)}{name}")
        assert (answer.text, answer.headers["content-type"]) == (bundle, "text/javascript; charset=utf-8")
    sheets = [client.get(f"/{links[0][1]}").text.index((STATIC / each).read_text()) for each in STYLE_SHEETS]
    assert sheets == sorted(sheets)
    inline = [page.index((STATIC / each).read_text()) for each in INLINE_SHEETS]
    assert inline == sorted(inline)


def test_the_texts_are_kept_too(client: TestClient) -> None:
    at = re.search(r'data-texts="([^"]+)" data-languages="([^"]+)"', client.get("/").text)
    assert at
    assert at[2].split() == list(texts.locales())
    for language in texts.locales():
        answer = client.get(f"/{at[1]}/{language}.json")
        assert answer.headers["cache-control"] == FOREVER
        assert answer.json().items() >= texts.locales()[language].items()
    assert client.get(f"/{at[1]}/tlh.json").status_code == 404


def test_what_gradio_compresses_is_whole_each_time(client: TestClient) -> None:
    sheet = next(href for href in re.findall(r'href="([^"]+)"', client.get("/").text) if href.endswith(".css"))
    compressing = TestClient(BrotliMiddleware(client.app))
    answers = [compressing.get(f"/{sheet}", headers={"Accept-Encoding": "br"}) for _ in range(2)]
    assert answers[0].headers["content-length"] == answers[1].headers["content-length"]
    assert answers[0].headers.raw == answers[1].headers.raw


def test_gradio_and_the_sheets_have_one_palette() -> None:
    sheet = (STATIC / "palette.css").read_text(encoding="utf-8")
    paper, night = re.findall(r"--paper: (#\w+)", sheet)
    assert (theme().body_background_fill, theme().body_background_fill_dark) == (paper, night)
    for name in FILES:
        if name.endswith((".css", ".js")) and name != "palette.css":
            colors = re.findall(r"[\"`:,(] ?#[0-9a-f]{3,8}\b(?!\()", (STATIC / name).read_text(encoding="utf-8"))
            assert colors == [], name
