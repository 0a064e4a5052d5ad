from __future__ import annotations

import asyncio
import json
import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount

from seedream import schema
from seedream.offline import Options, create_app, serve
from seedream.runcomfy.live_models import NoSchemaError, read_models
from seedream.schema.live import lay_over
from seedream.settings import Settings
from tests.schema.test_live import NEW, PRO, entry_of, pro_entry
from tests.servers import App, Receive, Recorder, Scope, Send

LONGEST_SECONDS = 3.5
FILES = schema.load_models()


def answering(response: Response) -> App:
    return response


@contextmanager
def catalogue(app: App) -> Iterator[tuple[Settings, Recorder]]:
    recorder = Recorder(Starlette(routes=[Mount("/", app)]))
    with serve(recorder) as service:
        yield Settings(token="owner", base_url=service.url, offline=False), recorder


def test_the_stand_in_tells_the_files_schemas_with_one_read_for_each_model(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.INFO), catalogue(create_app(Options())) as (settings, recorder):
        models = read_models(settings)
    assert [field.name for field in models.plain.fields] == [field.name for field in FILES.plain.fields]
    assert models.edit
    assert not any(field.careful for field in models.edit.fields)
    assert sorted(call.path for call in recorder.calls) == sorted(
        f"/v1/models/{each.model_id}" for each in FILES.both
    )
    (line,) = caplog.messages
    assert line.startswith(
        "The catalogue: bytedance/seedream-5/lite/text-to-image: the file says what the catalogue does; "
    )


def test_what_the_catalogue_knows_more_is_in_the_models_and_one_line_says_so(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def change(properties: dict[str, Any]) -> None:
        properties["resolution"]["enum"].append(NEW)
        properties["watermark"] = {"type": "boolean"}

    page = dict(schema.pages()[0])
    more = schema.model_of(lay_over(page, entry_of(page, change)).page)
    served = create_app(Options(), models=[more])
    with caplog.at_level(logging.INFO), catalogue(served) as (settings, _):
        models = read_models(settings)
    assert NEW in models.plain.field("resolution").choices
    assert models.plain.field("watermark").kind == "boolean"
    assert models.edit == FILES.edit
    (line,) = caplog.messages
    assert f"resolution also takes '{NEW}', watermark is new (boolean)" in line
    assert "lite/edit: the file's schema is in force, as the catalogue can't be read (not_found)" in line


async def dribbling(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
    with suppress(OSError):
        for _ in range(100):
            await send({"type": "http.response.body", "body": b" ", "more_body": True})
            await asyncio.sleep(0.1)


async def silent(scope: Scope, receive: Receive, send: Send) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


NONSENSE: dict[str, App] = {
    "hangs": silent,
    "dribbles": dribbling,
    "HTML": answering(HTMLResponse("<h1>Hello</h1>")),
    "an error page": answering(HTMLResponse("<h1>Bad Gateway</h1>", 502)),
    "refuses": answering(JSONResponse({"error_code": 400004}, 401)),
    "a list": answering(JSONResponse([1])),
    "nothing": answering(JSONResponse({})),
    "deep": answering(Response('{"input_schema":' * 9000 + "1" + "}" * 9000, media_type="application/json")),
    "huge": answering(Response(b'{"a":"' + b"a" * 5_000_000 + b'"}', media_type="application/json")),
    "a schema of another thing": answering(
        JSONResponse({"input_schema": {"properties": {"prompt": {"type": "object"}}, "required": ["mask"]}})
    ),
    "numbers beyond all": answering(
        Response(
            json.dumps(
                {"input_schema": {"properties": {"prompt": {"type": "string"}, "max_images": {"type": "integer"}}}}
            ).replace('"integer"', '"integer", "minimum": NaN, "maximum": Infinity'),
            media_type="application/json",
        )
    ),
}


@pytest.mark.thorough
@pytest.mark.parametrize("what", NONSENSE)
def test_whatever_the_catalogue_does_the_files_are_in_force_soon(
    what: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO), catalogue(NONSENSE[what]) as (settings, _):
        began = time.monotonic()
        assert read_models(settings) == FILES
        assert time.monotonic() - began < LONGEST_SECONDS
    (line,) = caplog.messages
    assert line.count("the file's schema is in force") == 2
    assert "owner" not in line
    assert not [each for each in threading.enumerate() if each.name == "catalogue" and not each.daemon]


def test_nobody_asks_where_the_files_are_to_be_in_force() -> None:
    with catalogue(create_app(Options())) as (settings, recorder):
        asked = Settings(token=settings.token, base_url=settings.base_url, offline=False, live_schema=False)
        assert read_models(asked) == FILES
    assert recorder.calls == []


def for_model(settings: Settings, model: str = PRO, **more: Any) -> Settings:
    return Settings(token="owner", base_url=settings.base_url, offline=False, model=model, **more)


def test_a_model_is_made_of_its_entry_alone() -> None:
    with catalogue(answering(JSONResponse(pro_entry()))) as (settings, recorder):
        models = read_models(for_model(settings))
    assert (models.plain.model_id, models.edit) == (PRO, None)
    assert [field.name for field in models.plain.fields] == [
        "prompt",
        "image",
        "aspect_ratio",
        "resolution",
        "output_format",
    ]
    assert [call.path for call in recorder.calls] == [f"/v1/models/{PRO}"]


def test_a_model_that_has_a_file_stands_alone_where_it_is_named() -> None:
    with catalogue(answering(JSONResponse({}))) as (settings, _):
        assert FILES.edit
        models = read_models(for_model(settings, FILES.edit.model_id))
    assert models.both == (FILES.edit,)


@pytest.mark.parametrize("name", ["HTML", "refuses", "nothing", "a schema of another thing"])
def test_a_model_that_can_t_be_read_is_one_sentence(name: str) -> None:
    with catalogue(NONSENSE[name]) as (settings, _):
        began = time.monotonic()
        with pytest.raises(NoSchemaError) as caught:
            read_models(for_model(settings))
        assert time.monotonic() - began < LONGEST_SECONDS
    assert PRO in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_model_without_a_file_needs_the_catalogue() -> None:
    with pytest.raises(NoSchemaError, match="SEEDREAM_SCHEMA=file"):
        read_models(Settings(token="owner", base_url="http://127.0.0.1:9", model=PRO, live_schema=False))
