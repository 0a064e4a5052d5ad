"""`/edit`, for scripts and agents: references by their addresses and as data URIs."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from seedream.runcomfy.responses import Output
from seedream.schema import EDIT, load, model_of, pages
from seedream.schema.live import lay_over
from seedream.settings import from_environment
from seedream.ui.routes import routes
from seedream.ui.services import make_services
from tests.controlled_api import ControlledApi, controlled_api
from tests.grown_catalogue import last_request, served
from tests.schema.test_live import entry_of
from tests.servers import AppProcess
from tests.ui.test_mcp_tools import agent, record_of, texts_of

ADDRESS = "https://example.org/a.png"


@pytest.fixture(scope="module")
def api() -> Iterator[ControlledApi]:
    with controlled_api() as found, found.hurrying():
        yield found


@pytest.fixture(scope="module")
def client(editing_app: AppProcess) -> Client:
    return Client(editing_app.url, verbose=False)


def data_uri(size: tuple[int, int] = (64, 48)) -> str:
    file = io.BytesIO()
    Image.new("RGB", size, "red").save(file, "PNG")
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"


def test_an_address_goes_over_the_wire_as_it_is(api: ControlledApi, client: Client) -> None:
    gallery, record = client.predict("in oil", [ADDRESS], api_name="/edit")
    sent = api.submissions[-1]
    assert sent.path == f"/v1/models/{load(EDIT).model_id}"
    # What nobody has seen that this model knows is left out, as long as it is the default.
    assert sent.json == {"prompt": "in oil", "image": [ADDRESS]}
    assert (len(gallery), record["model_id"], record["request"]) == (1, load(EDIT).model_id, sent.json)


def test_a_result_is_refined_by_its_own_address(api: ControlledApi, client: Client) -> None:
    _, first = client.predict("a fox", api_name="/generate")
    (output,) = first["outputs"]
    client.predict("make the sky red", [output["url"]], api_name="/edit")
    assert api.submissions[-1].json["image"] == [output["url"]]


def test_a_data_uri_is_told_without_its_bytes(api: ControlledApi, client: Client) -> None:
    given = data_uri()
    _, record = client.predict("in oil", [given, ADDRESS], output_format="jpeg", api_name="/edit")
    assert api.submissions[-1].json == {"prompt": "in oil", "image": [given, ADDRESS], "output_format": "jpeg"}
    told, address = record["request"]["image"]
    assert address == ADDRESS
    assert "64x48" in told
    assert given.partition(",")[2] not in told


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ([], "references_few"),
        ([ADDRESS] * 11, "references_many"),
        ([ADDRESS] * 15, "references_many"),
        (["http://example.org/a.png"], "reference_unfit"),
        ([ADDRESS, "https://127.0.0.1/a.png"], "reference_unfit"),
        (["file:///etc/passwd"], "reference_unfit"),
        (["data:image/svg+xml;base64,PHN2Zy8+"], "reference_not_a_picture"),
        ([data_uri((400, 20))], "reference_shape"),
        ([data_uri((8, 8))], "reference_small"),
    ],
)
def test_what_does_not_fit_is_told_and_not_sent(
    api: ControlledApi, client: Client, given: list[str], code: str
) -> None:
    before = api.submitted()
    with pytest.raises(AppError, match=rf"\[{code}\]"):
        client.predict("in oil", given, api_name="/edit")
    assert api.submitted() == before


def test_references_and_a_series_fit_together(api: ControlledApi, client: Client) -> None:
    series: dict[str, Any] = {"sequential_image_generation": "auto", "api_name": "/edit"}
    with pytest.raises(AppError, match=r"\[references_and_series\]"):
        client.predict("in oil", [ADDRESS] * 5, max_images="11", **series)
    gallery, _ = client.predict("in oil", [ADDRESS] * 5, max_images="3", **series)
    assert len(gallery) == 3
    assert api.submissions[-1].json["max_images"] == 3


async def test_an_agent_passes_a_result_on(api: ControlledApi, editing_app: AppProcess) -> None:
    async with agent(editing_app) as session:
        first = record_of(await session.call_tool("generate", {"prompt": "a fox"}))
        url = first["outputs"][0]["url"]
        record = record_of(await session.call_tool("edit", {"prompt": "in oil", "image": [url]}))
    assert record["status"] == "completed"
    assert api.submissions[-1].json["image"] == [url]


async def test_an_agent_changes_a_picture_of_its_own_and_finds_the_job_again(
    api: ControlledApi, editing_app: AppProcess
) -> None:
    async with agent(editing_app) as session:
        tools = {tool.name: tool.inputSchema for tool in (await session.list_tools()).tools}
        made = await session.call_tool("edit", {"prompt": "in oil", "image": [data_uri(), ADDRESS]})
        record = record_of(made)
        again = record_of(await session.call_tool("resume", {"request_id": record["request_id"]}))
        before = api.submitted()
        for unfit, code in ((data_uri((8, 8)), "reference_small"), ("https://[::1]/a.png", "reference_unfit")):
            refused = await session.call_tool("edit", {"prompt": "in oil", "image": [ADDRESS, unfit]})
            assert refused.isError
            assert f"[{code}]" in texts_of(refused)[0]
            assert "picture 2" in texts_of(refused)[0]
    assert tools["edit"]["required"] == ["prompt", "image"]
    assert tools["edit"]["properties"]["image"]["type"] == "array"
    assert api.submissions[-1].json["image"] == [data_uri(), ADDRESS]
    assert data_uri() not in str(made)
    assert again["outputs"] == record["outputs"]
    # RunComfy tells neither of a request ID alone.
    assert (record["model_id"], again["model_id"], again["request"]) == (load(EDIT).model_id, None, None)
    assert api.submitted() == before


async def test_an_agent_cancels_an_edit_that_waits(api: ControlledApi, editing_app: AppProcess) -> None:
    api.clock.stands = True
    try:
        edit = {"prompt": "in oil", "image": [ADDRESS]}
        request_id = api.client().post(f"/v1/models/{load(EDIT).model_id}", edit).json()["request_id"]
        async with agent(editing_app) as session:
            cancelled = record_of(await session.call_tool("cancel", {"request_id": request_id}))
    finally:
        api.clock.stands = False
        assert api.client().status(request_id)["status"] == "cancelled"
    assert cancelled["status"] == "cancelled"


async def test_as_many_references_as_the_catalogue_says() -> None:
    def change(properties: dict[str, Any]) -> None:
        properties["image"]["maxItems"] = 15

    page = dict(pages()[1])
    addresses = [f"https://example.org/{number}.png" for number in range(1, 17)]
    with served(model_of(lay_over(page, entry_of(page, change)).page)) as (app, recorder):
        client = Client(app.url, verbose=False)
        _, record = client.predict("in oil", addresses[:15], api_name="/edit")
        assert last_request(recorder)["image"] == record["request"]["image"] == addresses[:15]
        async with agent(app) as session:
            record_of(await session.call_tool("edit", {"prompt": "in oil", "image": addresses[1:]}))
        assert last_request(recorder)["image"] == addresses[1:]
        before = len(recorder.submissions())
        with pytest.raises(AppError, match=r"15.*\[references_many\]"):
            client.predict("in oil", addresses, api_name="/edit")
        series: dict[str, Any] = {"sequential_image_generation": "auto", "max_images": "2"}
        with pytest.raises(AppError, match=r"\[references_and_series\]"):
            client.predict("in oil", addresses[:14], **series, api_name="/edit")
        assert len(recorder.submissions()) == before


def test_what_is_kept_of_an_edit_tells_what_it_began_with(api: ControlledApi, client: Client) -> None:
    _, record = client.predict("a fox", api_name="/generate")
    url = record["outputs"][0]["url"]
    services = make_services(from_environment(api.environment(), Path("no.env")))
    link = services.signed_urls.sign(Output(url, "image"))
    asked = {"prompt": "in oil", "image": [f"result:{link}", "file:kept-here", ADDRESS]}
    page = TestClient(Starlette(routes=routes(services)))
    job = {"files": [[link, "a"]], "about": {"name": "a", "request": asked}}
    packed = page.post("/atelier/archive", data={"job": json.dumps(job)})
    manifest = json.loads(zipfile.ZipFile(io.BytesIO(packed.content)).read("manifest.json"))
    copied = page.post(f"/atelier/copy/{link}", data={"settings": json.dumps({"request": asked})})
    with Image.open(io.BytesIO(copied.content)) as image:
        settings = json.loads(image.info["seedream"])
    request = {"prompt": "in oil", "image": [url, ADDRESS]}
    assert (manifest["request"], manifest["model"]) == (request, load(EDIT).model_id)
    assert settings == {**request, "model": load(EDIT).model_id}
