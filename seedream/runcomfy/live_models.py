"""The models that a page is for: their files, and over them what the catalogue says at the start.

Reading it is bounded in time, and where it fails the files are in force; but for a model that has none.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from seedream import schema
from seedream.errors import SeedreamError
from seedream.runcomfy.client import ModelApi
from seedream.schema import Models
from seedream.schema.live import UnfitSchemaError, lay_over, page_of
from seedream.settings import Settings

log = logging.getLogger(__name__)

# For all models together.
MOST_SECONDS = 3.0
_LONGEST_LINE = 2000

Page = Mapping[str, Any]
Entry = Mapping[str, Any] | SeedreamError


class NoSchemaError(ValueError):
    """There can be no page of the model that was asked for; the text says why."""


@dataclass(frozen=True)
class LivePage:
    """A model's page as it is now.

    Attributes:
        page: what is in force.
        differences: from the file, a line each.
        problem: why the file is in force unchanged, where it is because of the catalogue.
    """

    page: Page
    differences: Sequence[str] = ()
    problem: str | None = None


def read_models(settings: Settings) -> Models:
    """Return the models of a page with these settings, and log what the catalogue says else than the files.

    Raises:
        NoSchemaError: SEEDREAM_MODEL is a model whose schema can't be read, or makes no page.
    """
    text_to_image, edit = schema.pages()
    both = {page["model_id"]: page for page in (text_to_image, edit)}
    if settings.model and settings.model not in both:
        return Models(schema.model_of(_page_without_file(settings, settings.model, text_to_image["output"])))
    pages = [both[settings.model]] if settings.model else [*both.values()]
    if settings.live_schema:
        live = live_pages(settings, pages)
        log.info("The catalogue: %s", "; ".join(_said(*each) for each in live.items())[:_LONGEST_LINE])
        pages = [each.page for each in live.values()]
    return Models(*map(schema.model_of, pages))


def live_pages(settings: Settings, pages: Sequence[Page]) -> dict[str, LivePage]:
    """Return these pages with the catalogue's schemas over them, by model ID."""
    entries = _entries(settings, [page["model_id"] for page in pages])
    return {page["model_id"]: _laid(page, entries[page["model_id"]]) for page in pages}


def _laid(page: Page, entry: Entry) -> LivePage:
    if isinstance(entry, SeedreamError):
        return LivePage(page, problem=f"the catalogue can't be read ({entry.code})")
    try:
        laid = lay_over(page, entry)
    except UnfitSchemaError as error:
        return LivePage(page, problem=f"the catalogue's makes no sense here ({error})")
    return LivePage(laid.page, laid.differences)


def _page_without_file(settings: Settings, model_id: str, output: Mapping[str, Any]) -> Page:
    if not settings.live_schema:
        raise NoSchemaError(f"SEEDREAM_SCHEMA=file leaves no schema for {model_id}, which has no file")
    entry = _entries(settings, [model_id])[model_id]
    if isinstance(entry, SeedreamError):
        raise NoSchemaError(
            f"the catalogue's schema of {model_id} can't be read ({entry.code}); "
            "it takes the token, the right ID in SEEDREAM_MODEL, and an answer within three seconds"
        )
    try:
        return page_of(entry, model_id, output)
    except UnfitSchemaError as error:
        raise NoSchemaError(f"there can be no page of {model_id}: {error}") from error


def _entries(settings: Settings, model_ids: Sequence[str]) -> dict[str, Entry]:
    """Return the catalogue's entries, each asked for once, and what is there in time."""
    answers: queue.SimpleQueue[tuple[str, Entry]] = queue.SimpleQueue()

    def ask(model_id: str) -> None:
        try:
            answers.put((model_id, ModelApi(settings.base_url, settings.token, model_id).entry(MOST_SECONDS)))
        except SeedreamError as error:
            answers.put((model_id, error))

    until = time.monotonic() + MOST_SECONDS
    for each in model_ids:
        # Nothing waits for one that hangs, not even the program's end.
        threading.Thread(target=ask, args=[each], name="catalogue", daemon=True).start()
    found: dict[str, Entry] = {each: SeedreamError("service_unreachable") for each in model_ids}
    try:
        for _ in model_ids:
            model_id, entry = answers.get(timeout=max(0.0, until - time.monotonic()))
            found[model_id] = entry
    except queue.Empty:
        pass
    return found


def _said(model_id: str, live: LivePage) -> str:
    if live.problem:
        return f"{model_id}: the file's schema is in force, as {live.problem}"
    return f"{model_id}: {', '.join(live.differences) or 'the file says what the catalogue does'}"
