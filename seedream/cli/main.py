"""`python -m seedream`: arguments say what is asked for, files go into a folder, their paths to standard output.

Everything that is not an answer to another program goes to standard error, in the language of the system.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Sequence

from seedream import texts
from seedream.cli.arguments import Asked, UsageError, understood
from seedream.cli.exit_codes import Exit, code_of
from seedream.cli.output import print_json, print_paths, say, take_every_letter
from seedream.cli.progress import Progress
from seedream.errors import SeedreamError
from seedream.jobs.record import Record
from seedream.runcomfy.live_models import NoSchemaError
from seedream.schema import load_models
from seedream.sdk.blocking import run_blocking
from seedream.sdk.results import Generation
from seedream.sdk.runner import how_it_ends, run_job, take_up
from seedream.sdk.saver import drop_unfinished
from seedream.sdk.service import models_of
from seedream.settings import Settings, from_environment

log = logging.getLogger(__name__)


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the arguments say (default: the process's), and return the exit code; `--help` lists them."""
    take_every_letter()
    language = texts.system_language()
    try:
        asked, settings = _understood(sys.argv[1:] if arguments is None else arguments, language)
    except UsageError as error:
        _say(str(error))
        return Exit.USAGE
    except ValueError as error:
        _say(texts.text("command.setting_unfit", language, problem=error))
        return Exit.CONFIG
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    progress = Progress(sys.stderr, language, samples=settings.offline)
    try:
        return _made(asked, settings, progress, language)
    except KeyboardInterrupt:
        return _stopped(asked, settings, progress, language)


def _understood(arguments: Sequence[str], language: str) -> tuple[Asked, Settings]:
    """Return what is asked for, and the settings. Who asks for help gets it, whatever these are.

    Raises:
        UsageError: as `understood` does.
        ValueError: a setting makes no sense, or there is no schema of SEEDREAM_MODEL, and one is needed.
    """
    settings, models, problem = Settings(), load_models(), None
    try:
        settings = from_environment()
        models = models_of(settings)
    except ValueError as error:
        problem = error
    try:
        asked = understood(arguments, models, language)
    except UsageError:
        # The flags may be those of the model that can't be read.
        if isinstance(problem, NoSchemaError):
            raise problem from None
        raise
    # To take a job up needs no schema.
    if problem and not (asked.resume and isinstance(problem, NoSchemaError)):
        raise problem
    return asked, settings


def _made(asked: Asked, settings: Settings, progress: Progress, language: str) -> int:
    try:
        values = asked.values if asked.resume is None else None
        generation = run_blocking(
            lambda hear: run_job(hear, settings, asked.folder, values=values, request_id=asked.resume),
            progress.hear,
            idle=progress.draw,
            interrupted=progress.stopping,
        )
    except SeedreamError as error:
        return _failed(asked, settings, progress, error, language)
    except Exception:
        # Also of a fault that nobody foresaw, the request ID is told: the job may be paid for.
        log.exception("an unforeseen fault")
        request_id = progress.record.request_id if progress.record else None
        return _failed(asked, settings, progress, SeedreamError("internal", request_id=request_id), language)
    return _finished(asked, progress, generation, language)


def _finished(asked: Asked, progress: Progress, generation: Generation, language: str) -> int:
    progress.done(generation)
    for each in generation.missing:
        said = each.error.sentence(language, "command")
        _say(texts.text("command.missing", language, number=each.number, sentence=said))
    if generation.missing and not generation.sample:
        _say(take_up(generation.request_id, language))
    if asked.json:
        print_json(generation.record, language, sample=generation.sample, generation=generation)
    else:
        print_paths(generation)
    return code_of(generation.missing[0].error) if generation.missing else Exit.OK


def _failed(asked: Asked, settings: Settings, progress: Progress, error: SeedreamError, language: str) -> int:
    progress.clear()
    _say(error.sentence(language, "command"))
    if error.request_id and error.code not in ("job_failed", "job_cancelled") and not settings.offline:
        _say(take_up(error.request_id, language))
    if asked.json:
        print_json(progress.record or _nothing(asked, error), language, sample=settings.offline, error=error)
    return code_of(error)


def _stopped(asked: Asked, settings: Settings, progress: Progress, language: str) -> int:
    progress.clear()
    for sentence in how_it_ends(progress.record, sample=settings.offline, language=language):
        _say(sentence)
    if asked.json:
        print_json(progress.record or _nothing(asked), language, sample=settings.offline)
    if not settings.offline:
        # Python would wait for the threads that are still reading an answer, and nobody wants it any more.
        drop_unfinished(asked.folder)
        os._exit(Exit.INTERRUPTED)
    return Exit.INTERRUPTED


def _nothing(asked: Asked, error: SeedreamError | None = None) -> Record:
    """Return the record of a job that nothing was heard of."""
    request_id = error.request_id if error else None
    return Record(asked.model_id, "unknown" if request_id else "failed", request_id=request_id)


def _say(sentence: str) -> None:
    say(sys.stderr, f"{sentence}\n")
