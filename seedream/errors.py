"""The one family of errors: a code that the locale files have a sentence for, and the facts it needs.

A new way to fail is a new code here and a new line, `error.<code>`, in each locale file.
"""

from __future__ import annotations

import math
from typing import Literal, get_args

from seedream import texts

Speaker = Literal["page", "command"]
"""Who says a sentence: the command's speak of no page, and call the fields by the schema's names."""

Code = Literal[
    # What the visitor asked for; nothing was sent.
    "prompt_empty",
    "prompt_too_long",
    "text_damaged",
    "key_unfit",
    "token_header_empty",
    "value_unfit",
    "field_unknown",
    "request_id_unfit",
    # The pictures that go in; nothing was sent. `facts["number"]`: which of them, from 1.
    "references_few",
    "references_many",
    "references_heavy",
    "references_and_series",
    "reference_unfit",
    "reference_heavy",
    "reference_large",
    "reference_not_a_picture",
    "reference_moving",
    "reference_shape",
    "reference_small",
    # On a script's own computer.
    "reference_unreadable",
    # What the owner of the page lets a visitor spend; nothing was sent.
    "limit_pictures",
    "limit_jobs_visitor",
    "limit_jobs_all",
    "limit_calls",
    "limit_max_images",
    "limit_resolution",
    "limit_unreachable",
    # What makes a press one submission; nothing was sent.
    "claim_unreachable",
    "press_elsewhere",
    # What this page's server does not take; nothing was sent.
    "route_unknown",
    "method_unfit",
    "host_unknown",
    "foreign_page",
    "login_needed",
    "sign_in_failed",
    "sign_in_no_cookies",
    "body_too_long",
    "body_too_slow",
    "body_encoded",
    "body_unfit",
    "page_busy",
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
    "own_token_unwanted",
    # How a job ended without pictures.
    "job_failed",
    "job_cancelled",
    "no_output",
    "watch_ended",
    "nobody_listened",
    # One file of a job; the others are shown. `facts["url"]`: where it still is.
    "file_untrusted",
    "file_missing",
    "file_unreachable",
    "file_slow",
    "file_too_large",
    "file_not_a_picture",
    "file_not_saved",
    # Where a script saves, on its own disk.
    "folder_unfit",
    # Our own fault.
    "internal",
]
CODES: tuple[str, ...] = get_args(Code)

# Reading again may well succeed after these; submitting again is never done by the program.
PASSING: frozenset[str] = frozenset(
    {"too_many_requests", "service_trouble", "service_unreachable", "answer_unreadable"}
)


class SeedreamError(Exception):
    """A way to fail, named by its `code`. Two with the same facts are equal.

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

    def sentence(self, language: str = texts.FALLBACK, speaker: Speaker = "page") -> str:
        """Say in words what went wrong: the code's sentence, what the service said, and the request ID.

        Args:
            language: as in `texts.locales()`.
            speaker: who says it.
        """
        key, facts = self._key_and_facts(language, speaker)
        own = f"{speaker}.{key}"
        said = texts.text(own if texts.has(own) else key, language, **facts)
        if self.detail:
            detail = texts.text("error.said", language, detail=self.detail)
            said = texts.text("sentences.in_a_row", language, first=said, second=detail)
        if self.request_id:
            said = texts.text("error.with_request_id", language, sentence=said, request_id=self.request_id)
        if self.facts.get("url"):
            said = texts.text("error.with_url", language, sentence=said, url=self.facts["url"])
        return said

    def _key_and_facts(self, language: str, speaker: Speaker) -> tuple[str, dict[str, object]]:
        key = f"error.{self.code}"
        if self.request_id and texts.has(f"{key}_read"):
            # Of a job that was submitted, nobody may say that nothing was charged.
            key = f"{key}_read"
        facts = dict(self.facts)
        choices = facts.get("choices")
        if isinstance(choices, tuple):
            facts["choices"] = ", ".join(map(str, choices))
            if all(isinstance(choice, int) for choice in choices):
                key, facts["lowest"], facts["highest"] = f"{key}_number", min(choices), max(choices)
        elif "lowest" in facts:
            key = f"{key}_number" if facts.get("whole", True) else f"{key}_decimal"
        seconds = facts.get("again_in_seconds")
        if isinstance(seconds, (int, float)):
            facts["minutes"] = math.ceil(seconds / 60)
        if self.field:
            label = f"field.{self.field}.label"
            facts["field"] = texts.text(label, language) if speaker == "page" and texts.has(label) else self.field
        return key, facts

    def __str__(self) -> str:
        """Say it as people read it, in the system's language; the code behind it is for those who look it up."""
        return f"{self.sentence(texts.system_language(), 'command')} [{self.code}]"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SeedreamError) and self._value == other._value

    def __hash__(self) -> int:
        return hash((self.code, self.request_id))

    @property
    def _value(self) -> tuple[object, ...]:
        return (self.code, self.field, self.request_id, self.detail, self.facts)


def not_saved(fault: Exception) -> SeedreamError:
    """Return the error of a file that the disk did not take: it is full, above all."""
    reason = (fault.strerror if isinstance(fault, OSError) else None) or str(fault)
    return SeedreamError("file_not_saved", reason=reason)
