"""One real, paid picture from RunComfy: `RUNCOMFY_TOKEN=… python -m pytest -m live`."""

from __future__ import annotations

import asyncio

import pytest
from PIL import Image

from seedream.jobs.job import Job, JobSpec
from seedream.pictures.cache import PictureCache
from seedream.pictures.downloads import Downloads
from seedream.runcomfy.client import ModelApi
from seedream.schema import load
from seedream.settings import from_environment

# A queue at RunComfy may be long; far beyond this, something is wrong.
LIMIT = 15 * 60.0


@pytest.mark.live
async def test_runcomfy_makes_a_picture() -> None:
    settings = from_environment()
    if settings.offline:
        pytest.fail("no token in the environment: set RUNCOMFY_TOKEN")
    model = load()
    api = ModelApi(settings.base_url, settings.token, model.model_id)
    order = model.request(
        {"prompt": "a quiet bay at dawn", "resolution": "2048x2048 (1:1)", "output_format": "jpeg"}
    )
    job = Job(JobSpec(api, order))

    async def follow() -> None:
        async for _ in job.states():
            pass

    await asyncio.wait_for(follow(), LIMIT)
    assert (job.record.status, job.record.error) == ("completed", None), job.record
    assert len(job.record.outputs) == 1
    pictures = PictureCache(Downloads(settings.base_url))
    try:
        picture = await pictures.get(job.record.outputs[0])
        assert (picture.format, picture.width, picture.height) == ("JPEG", 2048, 2048)
        assert picture.preview
        with Image.open(picture.preview) as preview:
            assert preview.size == (1280, 1280)
    finally:
        pictures.close()
