"""Apps before an API whose catalogue knows more than the files here, or tells nothing of use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from seedream import schema
from seedream.offline import Options, create_app, serve
from seedream.schema.live import lay_over, page_of
from tests.controlled_api import TOKEN, tiny_picture
from tests.schema.test_live import NEW, PRO, entry_of, pro_entry
from tests.servers import App, AppProcess, Receive, Recorder, Scope, Send, running_app

QUICK = Options(queue_seconds=0.1, drawing_seconds=0.1, price_usd=0.04)
TITLE = "Water <b>mark</b>"
DESCRIPTION = "Puts a *mark* `on` <img src=x onerror=alert(1)> [it](https://example.org) {count}"


@contextmanager
def served(model: schema.Model, **variables: str) -> Iterator[tuple[AppProcess, Recorder]]:
    """Run the app before an API that knows this model alone."""
    with _served(create_app(QUICK, tiny_picture, models=[model]), variables) as found:
        yield found


@contextmanager
def served_without(catalogue: App, **variables: str) -> Iterator[tuple[AppProcess, Recorder]]:
    """Run the app before an API in which this answers who asks the catalogue, and all else is as ever."""
    usual = create_app(QUICK, tiny_picture)

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        asks = scope.get("method") == "GET" and scope["path"].startswith("/v1/models/")
        await (catalogue if asks else usual)(scope, receive, send)

    with _served(answer, variables) as found:
        yield found


@contextmanager
def _served(api: App, variables: Mapping[str, str]) -> Iterator[tuple[AppProcess, Recorder]]:
    recorder = Recorder(api)
    with serve(recorder) as service:
        environment = {"RUNCOMFY_TOKEN": TOKEN, "RUNCOMFY_BASE_URL": service.url, **variables}
        with running_app(environment) as app:
            yield app, recorder


def grown() -> schema.Model:
    """Return the first model with a resolution and a field that its file does not know."""

    def change(properties: dict[str, Any]) -> None:
        properties["resolution"]["enum"].append(NEW)
        new = {"type": "boolean", "default": False, "title": TITLE, "description": DESCRIPTION}
        properties["watermark"] = new

    page = dict(schema.pages()[0])
    return schema.model_of(lay_over(page, entry_of(page, change)).page)


def pro() -> schema.Model:
    """Return a model that no file describes."""
    return schema.model_of(page_of(pro_entry(), PRO, schema.load().output_schema))


def last_request(recorder: Recorder) -> dict[str, Any]:
    return dict(recorder.submissions()[-1].json)
