"""Whom a script's jobs go to: the Model API or, without a token, this process's stand-in; and the models there."""

from __future__ import annotations

import atexit
import threading
from functools import cache

from seedream.runcomfy.live_models import read_models
from seedream.schema import Models, load_models
from seedream.settings import Settings

_starting = threading.Lock()


def served(settings: Settings) -> Settings:
    """Return these settings with an API that answers: without a token the stand-in's, started if need be."""
    if not settings.offline:
        return settings
    with _starting:
        return settings.served_by(_stand_in())


def models_of(settings: Settings) -> Models:
    """Return the models that jobs with these settings go to: the files', or SEEDREAM_MODEL's, read once a process.

    Raises:
        NoSchemaError: as `read_models` does.
    """
    return _read(served(settings)) if settings.model else load_models()


@cache
def _read(settings: Settings) -> Models:
    return read_models(settings)


@cache
def _stand_in() -> str:
    from seedream.offline import start_offline  # noqa: PLC0415 - only samples need it

    service = start_offline()
    atexit.register(service.stop)
    return service.url
