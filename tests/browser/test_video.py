"""An output may be a video: it is playable on the wall."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from seedream.offline import serve
from tests.browser.visit import visit
from tests.controlled_api import TOKEN
from tests.servers import AppProcess, running_app

pytestmark = pytest.mark.thorough

_RECORD = """async () => {
  const canvas = document.createElement("canvas");
  canvas.width = 64; canvas.height = 48;
  const context = canvas.getContext("2d");
  const recorder = new MediaRecorder(canvas.captureStream(30), {mimeType: "video/webm"});
  const parts = [];
  recorder.ondataavailable = (event) => parts.push(event.data);
  const stopped = new Promise((resolve) => { recorder.onstop = resolve; });
  recorder.start();
  for (let frame = 0; frame < 20; frame += 1) {
    context.fillStyle = `hsl(${frame * 18} 80% 50%)`;
    context.fillRect(0, 0, 64, 48);
    await new Promise(requestAnimationFrame);
  }
  recorder.stop();
  await stopped;
  const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}"""


@pytest.fixture(scope="module")
def clip(browser: Browser) -> bytes:
    """A short video, made by the browser itself."""
    page = browser.new_page()
    made = base64.b64decode(page.evaluate(_RECORD))
    page.close()
    return made


@pytest.fixture(scope="module")
def app(clip: bytes) -> Iterator[AppProcess]:
    def result(request: Request) -> Response:
        url = str(request.url_for("file"))
        return JSONResponse({"request_id": "video-1", "status": "completed", "output": {"video": url}})

    api = Starlette(
        routes=[
            Route("/v1/models/{model:path}", lambda _: JSONResponse({"request_id": "video-1"}), methods=["POST"]),
            Route("/v1/requests/{name}/status", lambda _: JSONResponse({"status": "completed"})),
            Route("/v1/requests/{name}/result", result),
            Route("/files/clip.webm", lambda _: Response(clip, media_type="video/webm"), name="file"),
        ]
    )
    with (
        serve(api) as service,
        running_app({"RUNCOMFY_TOKEN": TOKEN, "RUNCOMFY_BASE_URL": service.url}) as started,
    ):
        yield started


def test_a_video_plays(browser: Browser, app: AppProcess, clip: bytes) -> None:
    with visit(browser, app.url) as visitor:
        visitor.generate()
        video = visitor.card.locator("video")
        expect(video).to_be_visible()
        video.evaluate("video => { video.muted = true; return video.play(); }")
        visitor.page.wait_for_function("document.querySelector('video').currentTime > 0")
        name, original = visitor.download(visitor.card.get_by_role("link", name="Save original 1"))
        assert name.endswith("-01.webm")
        assert original == clip
