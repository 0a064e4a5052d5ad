from __future__ import annotations

from typing import Any, Literal

import pytest

from seedream.errors import CODES, SeedreamError
from seedream.runcomfy import responses as answers
from seedream.runcomfy.responses import Output, Result, Status

A, B, C = (f"https://files.runcomfy.net/{name}.png" for name in "abc")
V, W = (f"https://files.runcomfy.net/{name}.mp4" for name in "vw")


def image(*urls: str) -> tuple[Output, ...]:
    return tuple(Output(url, "image") for url in urls)


def video(*urls: str) -> tuple[Output, ...]:
    return tuple(Output(url, "video") for url in urls)


@pytest.mark.parametrize(
    ("output", "found"),
    [
        pytest.param({"image": A}, image(A), id="image"),
        pytest.param({"images": [A, B, C]}, image(A, B, C), id="images"),
        pytest.param({"image": C, "images": [A, B]}, image(C, A, B), id="image-and-others"),
        pytest.param({"image": A, "images": [A, B]}, image(A, B), id="image-repeats-the-first"),
        pytest.param({"image": B, "images": [A, B]}, image(A, B), id="image-repeats-a-later-one"),
        pytest.param({"images": [A, B], "image": B}, image(A, B), id="images-before-image"),
        pytest.param({"images": [A, B, A]}, image(A, B), id="doubles"),
        pytest.param({"video": V}, video(V), id="video"),
        pytest.param({"videos": [V, W]}, video(V, W), id="videos"),
        pytest.param({"videos": [V, W], "video": V}, video(V, W), id="video-repeats"),
        pytest.param({"video": V, "image": A}, image(A) + video(V), id="picture-and-video"),
        pytest.param({"videos": [V], "images": [A, B]}, image(A, B) + video(V), id="pictures-and-videos"),
        pytest.param({"video": A}, video(A), id="the-field-says-what-it-is"),
        pytest.param(A, image(A), id="one-url"),
        pytest.param(V, video(V), id="one-video-url"),
        pytest.param(f"{V}?signature=a.png", video(V + "?signature=a.png"), id="query-is-no-ending"),
        pytest.param("https://files.runcomfy.net/V.MP4", video("https://files.runcomfy.net/V.MP4"), id="capitals"),
        pytest.param("https://files.runcomfy.net/v.webm", video("https://files.runcomfy.net/v.webm"), id="webm"),
        pytest.param("https://[broken/a.mp4", image("https://[broken/a.mp4"), id="no-url-at-all"),
        pytest.param([A, B], image(A, B), id="list"),
        pytest.param([A, V], image(A) + video(V), id="mixed-list"),
        pytest.param([[A], [B, [C]]], image(A, B, C), id="nested-lists"),
        pytest.param({"images": [[A, B]], "image": None}, image(A, B), id="nested-images"),
        pytest.param({"images": A}, image(A), id="a-url-for-a-list"),
        pytest.param({"image": [A, B]}, image(A, B), id="a-list-for-a-url"),
        pytest.param({"images": [A, None, 7, "", {}, B]}, image(A, B), id="odd-things-between"),
        pytest.param({"image": f" {A}\n"}, image(A), id="spaces-around"),
        pytest.param({"image": "", "images": [], "video": None, "videos": None}, (), id="nothing-in-four-fields"),
        pytest.param({"text": "hello", "image": {"url": A}}, (), id="unknown-shapes"),
        pytest.param({}, (), id="empty"),
        pytest.param([], (), id="empty-list"),
        pytest.param(None, (), id="none"),
        pytest.param("  ", (), id="blank"),
        pytest.param(7, (), id="number"),
        pytest.param(True, (), id="truth"),
    ],
)
def test_every_shape_of_output_is_read(output: object, found: tuple[Output, ...]) -> None:
    assert answers.outputs(output) == found


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("in_queue", "in_queue"),
        ("queued", "in_queue"),
        ("pending", "in_queue"),
        ("waiting", "in_queue"),
        ("in_progress", "in_progress"),
        ("starting", "in_progress"),
        ("processing", "in_progress"),
        ("completed", "completed"),
        ("succeeded", "completed"),
        ("cancelled", "cancelled"),
        ("canceled", "cancelled"),
        ("failed", "failed"),
        (" Completed ", "completed"),
        ("IN_QUEUE", "in_queue"),
        ("upscaling", "in_progress"),
        ("", "in_progress"),
        (None, "in_progress"),
        (7, "in_progress"),
        ([], "in_progress"),
    ],
)
def test_a_state_is_read_and_an_unknown_one_goes_on(name: object, state: str) -> None:
    assert answers.state(name) == state
    assert answers.status({"status": name}) == Status(answers.state(name))


@pytest.mark.parametrize("position", [0, 1, 10**30])
def test_a_queue_position_is_read(position: int) -> None:
    assert answers.status({"status": "in_queue", "queue_position": position}) == Status("in_queue", position)


@pytest.mark.parametrize("odd", [True, False, -1, "3", 2.5, float("nan"), None, [1], {}])
def test_an_odd_queue_position_is_unknown(odd: object) -> None:
    assert answers.status({"status": "in_queue", "queue_position": odd}).queue_position is None


@pytest.mark.parametrize("amount", [0, 0.0, 0.04, 1])
def test_an_amount_of_dollars_is_read(amount: float) -> None:
    assert answers.dollars(amount) == amount
    assert answers.result({"status": "completed", "cost": amount}).cost_usd == amount


@pytest.mark.parametrize(
    "odd", [True, False, -0.01, float("nan"), float("inf"), -float("inf"), "0.04", "", None, [0.04], {}]
)
def test_an_odd_amount_is_unknown_and_not_free(odd: object) -> None:
    assert answers.dollars(odd) is None
    assert answers.result({"status": "completed", "cost": odd}).cost_usd is None


def test_an_amount_beyond_any_float_is_unknown() -> None:
    assert answers.dollars(10**400) is None


def test_a_full_result_is_read() -> None:
    body = {
        "request_id": "r",
        "status": "completed",
        "output": {"images": [A, B]},
        "cost": 0.08,
        "created_at": "2026-01-01T00:00:00Z",
        "finished_at": "2026-01-01T00:00:09Z",
        "error": None,
    }
    assert answers.result(body) == Result(
        Status("completed"), image(A, B), 0.08, "2026-01-01T00:00:00Z", "2026-01-01T00:00:09Z", None
    )


def test_a_result_before_the_end_is_a_state() -> None:
    body = {"status": "in_queue", "queue_position": 2, "output": None}
    assert answers.result(body) == Result(Status("in_queue", 2))


@pytest.mark.parametrize("odd", [7, [], {}, "", True])
def test_odd_times_are_unknown(odd: object) -> None:
    found = answers.result({"status": "completed", "created_at": odd, "finished_at": odd})
    assert (found.created_at, found.finished_at) == (None, None)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        ("too dark", "too dark"),
        ({"message": "too dark"}, "too dark"),
        ({"code": 7, "error_message": "too dark"}, "too dark"),
        (["too dark", "too long"], "too dark; too long"),
        ("x" * 2000, "x" * 500),
        (["x" * 400, "y" * 400], f"{'x' * 400}; {'y' * 98}"),
        (None, None),
        ("", None),
        ("  ", None),
        ([], None),
        ([None, 7], None),
        ({"a": "b"}, None),
        (7, None),
    ],
)
def test_the_reason_of_a_failure_is_told_in_at_most_500_characters(error: object, reason: str | None) -> None:
    assert answers.result({"status": "failed", "error": error}).reason == reason


def refused(http_status: int, body: object) -> SeedreamError:
    found = answers.refusal(http_status, body)
    assert found
    return found


@pytest.mark.parametrize(
    ("http_status", "code"),
    [
        (400, "refused"),
        (401, "token_refused"),
        (402, "no_credit"),
        (403, "not_permitted"),
        (404, "not_found"),
        (405, "refused"),
        (408, "service_trouble"),
        (409, "refused"),
        (413, "refused"),
        (422, "input_refused"),
        (429, "too_many_requests"),
        (500, "service_trouble"),
        (502, "service_trouble"),
        (503, "service_trouble"),
        (504, "service_trouble"),
        (599, "service_trouble"),
    ],
)
@pytest.mark.parametrize("body", [None, {}, [], "an HTML page", {"error_code": "odd"}, {"error_code": True}])
def test_an_http_status_is_an_error_whatever_its_body(http_status: int, code: str, body: object) -> None:
    assert refused(http_status, body).code == code
    assert code in CODES


@pytest.mark.parametrize("http_status", [200, 400, 401, 402, 403, 404, 422])
@pytest.mark.parametrize("as_text", [False, True])
@pytest.mark.parametrize(
    ("number", "code"),
    [
        (400001, "identifier_refused"),
        (400002, "no_credit"),
        (400004, "token_refused"),
        (403001, "not_permitted"),
        (404001, "not_found"),
    ],
)
def test_an_error_code_wins_over_the_http_status(
    http_status: int, number: int, code: str, *, as_text: bool
) -> None:
    body = {"error_code": str(number) if as_text else number, "error_message": "No."}
    error = refused(http_status, body)
    assert (error.code, error.detail) == (code, "No.")


@pytest.mark.parametrize("number", [499999, "E_UNKNOWN", -1, 10**30])
def test_an_error_code_never_seen_before_is_a_refusal_also_with_http_200(number: object) -> None:
    assert refused(200, {"error_code": number, "error_message": "No."}).code == "refused"


@pytest.mark.parametrize("number", [500001, "503000"])
def test_an_error_code_of_the_services_own_trouble_is_told_as_such(number: object) -> None:
    assert refused(200, {"error_code": number}).code == "service_trouble"


@pytest.mark.parametrize(
    "body",
    [{}, {"request_id": "r"}, {"error_code": None}, {"error": "none"}, {"error_message": "hm"}, None, [], "text"],
)
@pytest.mark.parametrize("http_status", [200, 201, 202, 204, 302])
def test_a_good_answer_is_no_refusal(http_status: int, body: object) -> None:
    assert answers.refusal(http_status, body) is None


@pytest.mark.parametrize("nothing", [0, ""])
def test_an_error_code_that_says_no_error_is_no_refusal(nothing: object) -> None:
    assert answers.refusal(200, {"request_id": "r", "error_code": nothing, "error_message": ""}) is None


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({"error_message": "No credit."}, "No credit."),
        ({"message": "No credit."}, "No credit."),
        ({"detail": "No credit."}, "No credit."),
        ({"error_message": "", "detail": "No credit."}, "No credit."),
        ({"detail": [{"loc": ["body", "prompt"], "msg": "too long"}]}, "prompt: too long"),
        (
            {"detail": [{"loc": ["body", "prompt"], "msg": "too long"}, {"loc": [], "msg": "no"}]},
            "prompt: too long; no",
        ),
        ({"detail": [{"loc": ["body", 0], "msg": "odd"}]}, "0: odd"),
        ({"detail": {"message": "No credit."}}, "No credit."),
        ({"error_message": "<script>alert(1)</script>"}, "<script>alert(1)</script>"),
        ({"error_message": "x" * 3000}, "x" * 500),
        ({"error_message": 7}, None),
        ({"detail": [{"loc": "body"}]}, None),
        ({}, None),
    ],
)
def test_what_the_service_said_is_kept_as_text(body: dict[str, Any], detail: str | None) -> None:
    assert refused(422, body).detail == detail


@pytest.mark.parametrize("status", [401, 503])
def test_retry_after_comes_with_the_error(status: Literal[401, 503]) -> None:
    found = answers.refusal(status, {}, retry_after=7.0)
    assert found
    assert found.facts["retry_after"] == 7.0
