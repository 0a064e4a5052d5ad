"""The table: each fault of submitting, reading and fetching, the state it ends in, and the sentence's code."""

from __future__ import annotations

from dataclasses import dataclass

from seedream.errors import Code
from seedream.jobs.job import NO_OUTPUT_TRIES
from seedream.jobs.record import JobStatus
from seedream.runcomfy.responses import State
from tests.fault_effects import (
    MIB,
    Answer,
    Cut,
    Drip,
    Hang,
    a_file,
    claiming,
    head,
    moved,
    packed,
    page,
    replaced,
    saying,
    unpacking,
    without,
)
from tests.faults import ALWAYS, NO_PAINT, Effect, Fault, Kind, first, picture

# One read of the client's is up to three requests: this is one that gives up, and half of the next.
GIVEN_UP = first(4)
SHOWN: tuple[Code | None, ...] = (None, None, None)
PICTURE = picture(2)


@dataclass(frozen=True)
class Row:
    """A job of three pictures, and what becomes of it.

    Attributes:
        ends: the status of its last record, and `code` that record's error.
        pictures: each tile's error, in order; None for one that is shown.
        watch_seconds: how long it is watched.
        listening: whether there is a service at all.
        again: how it ends when it is taken up by its request ID, once all faults are over.
    """

    name: str
    faults: tuple[Fault, ...]
    ends: JobStatus
    code: Code | None = None
    pictures: tuple[Code | None, ...] = ()
    prompt: str = "3 boats"
    watch_seconds: float = 60.0
    listening: bool = True
    again: State = "completed"


def lost(name: str, effect: Effect) -> Row:
    """The submission arrived, and its answer does not say so."""
    return Row(f"submit: {name}", (Fault(("submit",), effect, reaches=True),), "unknown", "submission_unknown")


def refused(name: str, code: Code, effect: Effect) -> Row:
    return Row(f"submit: {name}", (Fault(("submit",), effect),), "failed", code)


def survived(
    name: str, effect: Effect, when: range = first(1), on: tuple[Kind, ...] = ("status", "result")
) -> Row:
    faults = tuple(Fault((each,), effect, when) for each in on)
    return Row(f"read: {name}", faults, "completed", pictures=SHOWN)


def stopped(name: str, code: Code, effect: Effect, on: Kind = "status") -> Row:
    """A refused look says nothing about the job, which goes on and is paid for."""
    return Row(f"read: {name}", (Fault((on,), effect),), "unknown", code)


def accepted(name: str, effect: Effect) -> Row:
    """An odd answer that names the job all the same."""
    return Row(f"submit: {name}", (Fault(("submit",), effect),), "completed", pictures=SHOWN)


def unwatched(name: str, ends: JobStatus, effect: Effect, on: Kind = "status") -> Row:
    return Row(f"watch: {name}", (Fault((on,), effect),), ends, "watch_ended", watch_seconds=1.0)


def ended(name: str, ends: JobStatus, code: Code, effect: Effect, when: range = ALWAYS) -> Row:
    return Row(f"end: {name}", (Fault(("result",), effect, when),), ends, code)


def odd_file(name: str, code: Code | None, effect: Effect, when: range = ALWAYS) -> Row:
    """The second of three pictures."""
    faults = (Fault(("file",), effect, when, name="/2.png"),)
    return Row(f"file: {name}", faults, "completed", pictures=(None, code, None))


ELSEWHERE = "http://127.0.0.2:9/a.png"
HALF = head(5000) + b'{"request_id": "'
HALF_FILE = head(len(PICTURE), "image/png") + PICTURE[:60]
DOCUMENTED: dict[int, Code] = {
    400001: "identifier_refused",
    400002: "no_credit",
    400004: "token_refused",
    403001: "not_permitted",
    404001: "not_found",
}
REFUSALS: dict[int, Code] = {
    401: "token_refused",
    402: "no_credit",
    403: "not_permitted",
    404: "not_found",
    422: "input_refused",
}
RETRY_AFTER = {
    "that is short": "1",
    "that is absurd": "99999999999999999999",
    "far beyond any calendar": "Fri, 31 Dec 999999 23:59:59 GMT",
    "that is garbage": "soon",
    "that is negative": "-5",
    "that is long over": "Wed, 21 Oct 2015 07:28:00 GMT",
}

SUBMITTING = [
    lost("no answer in time", Hang()),
    lost("half an answer, then silence", Hang(HALF)),
    lost("an answer that drips in for ever", Drip(head(100_000), b" ")),
    lost("cut before the headers", Cut()),
    lost("cut in the headers", Cut(b"HTTP/1.1 200 O")),
    lost("cut in the body", Cut(HALF)),
    lost("an answer that is not HTTP", Cut(b"SSH-2.0-OpenSSH\r\n")),
    *[lost(f"HTTP {status}", saying(status)) for status in (408, 500, 502, 503, 504)],
    lost("HTTP 503 with Retry-After", saying(503, Retry_After="1")),
    lost("HTTP 500 that says no credit", saying(500, {"error_code": 400002})),
    lost("HTTP 502 as HTML", page(502)),
    lost("HTML", page()),
    lost("empty", Answer()),
    lost("HTTP 204", Answer(204)),
    lost("a list", saying(200, ["abc"])),
    lost("no request_id", without("request_id")),
    lost("a request_id that is null", replaced(request_id=None)),
    lost("a request_id that is a number", replaced(request_id=17)),
    lost("a request_id that is a list", replaced(request_id=["abc"])),
    lost("a request_id that is empty", replaced(request_id="")),
    lost("a request_id that is a path", replaced(request_id="../../v1/models")),
    lost("a request_id that is another host", replaced(request_id="@evil.example/a?b")),
    lost("a request_id that is a line break", replaced(request_id="abc\r\nHost: evil.example")),
    lost("nested too deep", Answer(200, b"[" * 100_000 + b"]" * 100_000)),
    lost("redirected", moved("/v1/models/another", 307)),
    lost("redirected elsewhere", moved(ELSEWHERE, 303)),
    lost("redirected to nonsense", moved("http://[bad/")),
    lost("an unheard-of error code", saying(200, {"error_code": 500001})),
    accepted("an error_code that says none", replaced(error_code=0, error_message="")),
    accepted("fields never seen", replaced(status="dreaming", result_url="http://127.0.0.2:9/", queue=[])),
    *[refused(f"HTTP {status}", code, saying(status)) for status, code in REFUSALS.items()],
    refused("HTTP 400", "refused", saying(400)),
    refused("HTTP 400 that says no credit", "no_credit", saying(400, {"error_code": 400002})),
    refused("HTTP 429", "too_many_requests", saying(429)),
    refused("HTTP 429 with Retry-After", "too_many_requests", saying(429, Retry_After="1")),
    *[
        refused(f"{number} in a 200", code, saying(200, {"error_code": number, "error_message": "No."}))
        for number, code in DOCUMENTED.items()
    ],
    refused("a code in a 200 that is text", "no_credit", saying(200, {"error_code": "400002"})),
    Row("submit: nobody listens", (), "failed", "service_unreachable", listening=False),
]

READING = [
    survived("HTTP 500 once", saying(500)),
    *[survived(f"HTTP {status} for a while", saying(status), GIVEN_UP) for status in (500, 502, 503, 504)],
    survived("HTTP 503 as HTML", page(503), GIVEN_UP),
    survived("HTTP 408", saying(408)),
    survived("HTTP 429 without Retry-After", saying(429), GIVEN_UP),
    *[
        survived(f"HTTP 429 with a Retry-After {what}", saying(429, Retry_After=wish))
        for what, wish in RETRY_AFTER.items()
    ],
    survived(
        "HTTP 429 with a long Retry-After for a while", saying(429, Retry_After="86400"), GIVEN_UP, ("status",)
    ),
    survived("cut before the headers", Cut(), GIVEN_UP),
    survived("cut in the body", Cut(HALF)),
    survived("HTML", page()),
    survived("empty", Answer()),
    survived("a list", saying(200, [1])),
    survived("nested too deep", Answer(200, b"[" * 100_000 + b"]" * 100_000)),
    survived("redirected", moved(ELSEWHERE)),
    survived("redirected to nonsense", moved("http://[bad/")),
    survived("hung", Hang(), first(3), ("status",)),
    survived("hung in the result", Hang(), first(3), ("result",)),
    survived("half an answer, then silence", Hang(HALF)),
    survived("an answer that drips in for ever", Drip(head(100_000), b" ")),
    survived("a state never seen", replaced(status="dreaming")),
    survived("a state that is null", replaced(status=None)),
    survived("a state that is a list", replaced(status=["completed"])),
    survived("no state", without("status")),
    survived("completed before its result", replaced(status="in_progress", output=None), first(2), ("result",)),
    survived("completed before its output", replaced(output=None), first(NO_OUTPUT_TRIES - 1), ("result",)),
    survived("an error_code that says none", replaced(error_code=0), ALWAYS),
    *[stopped(f"HTTP {status}", code, saying(status)) for status, code in REFUSALS.items()],
    *[stopped(f"HTTP {each} in the result", REFUSALS[each], saying(each), "result") for each in REFUSALS],
    *[stopped(f"{each} in a 200", DOCUMENTED[each], saying(200, {"error_code": each})) for each in DOCUMENTED],
    ended("failed with a reason", "failed", "job_failed", replaced(status="failed", output=None, error="Unsafe.")),
    ended("failed without one", "failed", "job_failed", replaced(status="failed", output=None)),
    Row("end: nothing to paint with", (), "failed", "job_failed", prompt=NO_PAINT, again="failed"),
    ended("cancelled by the service", "cancelled", "job_cancelled", replaced(status="canceled", output=None)),
    ended("completed without output", "completed", "no_output", replaced(output=None)),
    ended("completed with an empty output", "completed", "no_output", replaced(output={"images": []})),
    ended("completed with an odd output", "completed", "no_output", replaced(output={"images": [7, {}]})),
    unwatched("in the queue for ever", "in_queue", replaced(status="in_queue", queue_position=3)),
    unwatched("drawn for ever", "in_progress", replaced(status="in_progress", output=None), "result"),
    unwatched("a state never seen, for ever", "in_progress", replaced(status="dreaming"), "result"),
    unwatched("HTTP 500 for ever", "in_queue", saying(500)),
    unwatched("HTML for ever", "in_queue", page()),
    unwatched("hung for ever", "in_queue", Hang()),
]

FETCHING = [
    *[odd_file(f"HTTP {status}", "file_missing", saying(status)) for status in (401, 403, 404, 410)],
    *[odd_file(f"HTTP {status}", "file_unreachable", saying(status)) for status in (500, 503)],
    odd_file("cut before the headers", "file_unreachable", Cut()),
    odd_file("cut in the body", "file_unreachable", Cut(HALF_FILE)),
    odd_file("less than its Content-Length", "file_unreachable", Cut(head(MIB, "image/png") + PICTURE)),
    odd_file("more than its Content-Length", "file_not_a_picture", Cut(head(60, "image/png") + PICTURE)),
    odd_file("cut short in storage", "file_not_a_picture", a_file(PICTURE[:60])),
    odd_file("damaged", "file_not_a_picture", a_file(PICTURE[:60] + b"\xff" * 8 + PICTURE[68:])),
    odd_file("packed, though asked for as it is", "file_not_a_picture", packed(PICTURE)),
    odd_file("empty", "file_not_a_picture", a_file(b"")),
    odd_file("HTTP 204", "file_not_a_picture", Answer(204)),
    odd_file("HTML", "file_not_a_picture", page()),
    odd_file("an SVG", "file_not_a_picture", a_file(b'<svg xmlns="http://www.w3.org/2000/svg"/>')),
    odd_file("claiming 100000x100000 pixels", "file_too_large", a_file(claiming(100_000, 100_000))),
    odd_file("a bomb of pixels", "file_too_large", a_file(unpacking((12_000, 12_000)))),
    odd_file("a bomb of words", "file_not_a_picture", a_file(unpacking(words=64 * MIB))),
    odd_file("a bomb of zeros, never unpacked", "file_not_a_picture", packed(bytes(64 * MIB))),
    odd_file("far too many bytes", "file_too_large", a_file(PICTURE + bytes(2 * MIB))),
    odd_file("without an end", "file_too_large", Drip(head(None, "image/png") + PICTURE, bytes(65536), 0.01)),
    odd_file("hung", "file_slow", Hang()),
    odd_file("half of it, then silence", "file_slow", Hang(HALF_FILE)),
    odd_file("drop by drop", "file_slow", Drip(head(MIB, "image/png"), b"x")),
    odd_file("redirected elsewhere", "file_untrusted", moved(ELSEWHERE)),
    odd_file("redirected to another scheme", "file_untrusted", moved("file:///etc/passwd")),
    odd_file("redirected to nonsense", "file_untrusted", moved("http://[bad/")),
    odd_file("redirected in a circle", "file_untrusted", moved("2.png")),
    odd_file(
        "redirected elsewhere, with a body that never ends",
        "file_untrusted",
        Drip(f"HTTP/1.1 302 Found\r\nLocation: {ELSEWHERE}\r\n\r\n".encode(), b"x"),
    ),
    odd_file("redirected to a trusted place", None, moved("1.png"), first(1)),
    odd_file("called a text, though a picture", None, Answer(200, PICTURE, {"Content-Type": "text/html"})),
    odd_file("called packed, though it is not", None, a_file(PICTURE, Content_Encoding="gzip")),
    odd_file("another format than its name", None, a_file(picture(2, "JPEG"))),
    Row(
        "file: all of them gone",
        (Fault(("file",), saying(404)),),
        "completed",
        pictures=("file_missing", "file_missing", "file_missing"),
    ),
]

ROWS = [*SUBMITTING, *READING, *FETCHING]
