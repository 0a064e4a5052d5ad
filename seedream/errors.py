"""The one family of errors: a code that the locale files have a sentence for, and the facts it needs.

An error carries no sentence of its own. Whoever shows it looks the code up in the visitor's language
(`seedream.texts`), so a new way to fail is a new code here and a new line in each locale file.
"""

from __future__ import annotations

import importlib
from typing import Literal, get_args

Code = Literal[
    # What the visitor asked for; nothing was sent.
    "prompt_empty",
    "value_unfit",
    "field_unknown",
    "request_id_unfit",
    # What the owner of the page lets a visitor spend; nothing was sent.
    "limit_pictures",
    "limit_jobs_visitor",
    "limit_jobs_all",
    "limit_max_images",
    "limit_resolution",
    "limit_unreachable",
    # What the service answered (error codes and HTTP status: RunComfy's docs, "error codes").
    "identifier_refused",
    "no_credit",
    "token_refused",
    "not_permitted",
    "not_found",
    "input_refused",
    "refused",
    "too_many_requests",
    "service_trouble",
    "service_unreachable",
    "answer_unreadable",
    # A submission whose outcome nobody knows: it may have been accepted and charged.
    "submission_unknown",
    "not_submitted_yet",
    "own_token_needed",
    "own_token_refused",
    # How a job ended without pictures.
    "job_failed",
    "job_cancelled",
    "no_output",
    "watch_ended",
    # One file of a job; the others are shown.
    "file_untrusted",
    "file_missing",
    "file_unreachable",
    "file_slow",
    "file_too_large",
    "file_not_a_picture",
    # What a script saves, on its own disk.
    "folder_unfit",
    "file_not_saved",
    # Our own fault.
    "internal",
]
CODES: tuple[str, ...] = get_args(Code)

# Reading again may well succeed after these; submitting again is never done by the program.
PASSING: frozenset[str] = frozenset(
    {"too_many_requests", "service_trouble", "service_unreachable", "answer_unreadable"}
)


class SeedreamError(Exception):
    """A way to fail, named by its `code`.

    Attributes:
        code: the key of the sentence, `error.<code>` in the locale files.
        field: the schema's name of the field that it is about, if it is about one.
        request_id: the job's name at RunComfy, where it is known.
        detail: the service's own words. Foreign text: shown as text, never as markup.
        facts: further values for the sentence's placeholders.
    """

    def __init__(
        self,
        code: Code,
        *,
        field: str | None = None,
        request_id: str | None = None,
        detail: str | None = None,
        **facts: object,
    ) -> None:
        super().__init__(code)
        self.code: Code = code
        self.field = field
        self.request_id = request_id
        self.detail = detail
        self.facts = facts

    @property
    def passing(self) -> bool:
        return self.code in PASSING

    def __str__(self) -> str:
        """Say it as people read it, in the system's language; the code behind it is for those who look it up."""
        # The texts know the errors, and only an error that is told needs its text.
        texts = importlib.import_module("seedream.texts")
        return f"{texts.sentence(self, texts.system_language(), speaker='command')} [{self.code}]"
