"""Each row of the table over real HTTP, through what the page's button and its stream use."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from seedream import texts
from seedream.errors import CODES
from seedream.jobs import job as jobs
from seedream.pictures.cache import PictureCache
from seedream.pictures.downloads import Bounds, Downloads
from seedream.runcomfy import client
from seedream.schema.references import MIB
from seedream.settings import Settings
from seedream.ui.events import Watched, events
from seedream.ui.services import Services, make_services
from seedream.ui.submission import CheckedRequest, Visitor, submit
from tests.fault_table import FETCHING, READING, ROWS, SHOWN, SUBMITTING, Row
from tests.faults import RunningApi, running_api
from tests.servers import free_port

TOKEN = "owner"
KEY = "the-key-of-this-very-press"
# Most of a row's time is waiting, as it is for a job.
ROWS_AT_ONCE = 24
# Longer than any row takes, unless something waits for ever.
LIMIT = 30.0
BOUNDS = Bounds(max_bytes=MIB, seconds=4.0, connect_seconds=3.0, read_seconds=3.0)
# The bounds that a hung service is given up at, in seconds; a healthy one needs a hundredth of them.
READ_SECONDS, SUBMIT_SECONDS, LONGEST_DELAY = 2.0, 5.0, 1.0


@dataclass(frozen=True)
class Seen:
    """What a page was told of a job: its last record, and each tile's error."""

    status: str
    code: str | None
    request_id: str | None
    pictures: tuple[str | None, ...]


@dataclass(frozen=True)
class Outcome:
    """A row's job, once at the mercy of the faults and once taken up when they were over."""

    seen: Seen
    again: Seen | None
    submissions: int
    accepted: list[str]
    fetched: Counter[str] = field(default_factory=Counter)
    retried: Counter[str] = field(default_factory=Counter)


async def watched(services: Services, key: str, request_id: str | None = None) -> Seen:
    """Follow a job as a page does, to the end of the stream."""
    record: dict[str, Any] = {}
    pictures: dict[int, str | None] = {}
    async for name, data in events(services, [Watched(key, request_id)], "ada"):
        if name == "record":
            record = data["record"]
        elif name == "picture":
            pictures[data["number"]] = data["error"]["code"] if "error" in data else None
    assert record["ended"]
    code = record["error"]["code"] if record["error"] else None
    return Seen(record["status"], code, record["request_id"], tuple(pictures[each] for each in sorted(pictures)))


async def lived(row: Row, there: RunningApi) -> Outcome:
    base_url = there.url if row.listening else f"http://127.0.0.1:{free_port()}"
    settings = Settings(token=TOKEN, base_url=base_url, offline=False, watch_seconds=row.watch_seconds)
    services = replace(make_services(settings), pictures=PictureCache(Downloads(base_url, BOUNDS)))
    values = {
        "prompt": row.prompt,
        "sequential_image_generation": "auto",
        "max_images": 3,
        "output_format": "png",
    }
    sending = CheckedRequest(services.model, services.model.request(values))
    try:
        # A double click.
        await asyncio.gather(*(submit(services, Visitor("127.0.0.1"), KEY, sending) for _ in range(2)))
        seen = await watched(services, KEY)
        fetched = Counter(there.asked("file"))
        there.faulty.faults = ()
        # A browser that replays its request later on.
        await submit(services, Visitor("127.0.0.1"), KEY, sending)
        accepted = there.faulty.accepted
        again = await watched(services, "another key", accepted[0]) if accepted else None
        retried = Counter(there.asked("file")) - fetched
        return Outcome(seen, again, len(there.recorder.submissions()), accepted, fetched, retried)
    finally:
        services.pictures.close()


async def all_lived(rows: list[Row]) -> dict[str, Outcome | BaseException]:
    places = asyncio.Semaphore(ROWS_AT_ONCE)

    async def one(row: Row) -> Outcome:
        async with places, running_api(row.faults) as there:
            return await asyncio.wait_for(lived(row, there), LIMIT)

    ends = await asyncio.gather(*map(one, rows), return_exceptions=True)
    return {row.name: end for row, end in zip(rows, ends, strict=True)}


@pytest.fixture(scope="module")
def outcomes(request: pytest.FixtureRequest) -> Iterator[dict[str, Outcome | BaseException]]:
    """Live all rows that are asked for at once: a job waits most of its time."""
    calls = [item.callspec for item in request.session.items if hasattr(item, "callspec")]
    rows = {row.name: row for call in calls if isinstance(row := call.params.get("row"), Row)}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(client, "READ_SECONDS", READ_SECONDS)
        patch.setattr(client, "SUBMIT_SECONDS", SUBMIT_SECONDS)
        patch.setattr(jobs, "LONGEST_DELAY", LONGEST_DELAY)
        yield asyncio.run(all_lived(list(rows.values())))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_fault_ends_as_the_table_says(row: Row, outcomes: dict[str, Outcome | BaseException]) -> None:
    outcome = outcomes[row.name]
    if isinstance(outcome, BaseException):
        raise outcome
    seen, again = outcome.seen, outcome.again
    assert (seen.status, seen.code, seen.pictures) == (row.ends, row.code, row.pictures)
    # One submission, whatever happened to it; none where nobody listens.
    assert outcome.submissions == (1 if row.listening else 0)
    reached = row not in SUBMITTING or row.ends != "failed"
    assert len(outcome.accepted) == (1 if reached else 0)
    if not reached:
        assert (seen.request_id, again) == (None, None)
        return
    # Where the answer was lost, the ID is the one that RunComfy shows under Generations.
    assert seen.request_id == (None if row.code == "submission_unknown" else outcome.accepted[0])
    assert again
    assert again.request_id == outcome.accepted[0]
    assert again.status == row.again
    assert (again.code, again.pictures) == ((None, SHOWN) if row.again == "completed" else (row.code, ()))
    if row in FETCHING:
        # What was shown is not fetched again; what was missing is, and nothing else.
        missing = {number for number, code in enumerate(row.pictures, 1) if code}
        assert {int(path[-5]) for path in outcome.retried} == missing


def test_the_table_has_a_row_for_each_fault() -> None:
    assert len(ROWS) >= 40
    assert len({row.name for row in ROWS}) == len(ROWS)
    assert all(row.ends == "unknown" or row.code != "submission_unknown" for row in ROWS)
    ends = {row.ends for row in [*SUBMITTING, *READING]}
    assert ends == {"unknown", "failed", "cancelled", "completed", "in_queue", "in_progress"}


@pytest.mark.parametrize("language", texts.locales())
def test_each_code_of_the_table_has_a_sentence(language: str) -> None:
    codes = {code for row in ROWS for code in (row.code, *row.pictures) if code}
    assert codes <= set(CODES)
    sentences = {code: texts.locales()[language].get(f"error.{code}", "") for code in codes}
    assert all(sentences.values())
    assert len(set(sentences.values())) == len(codes)
