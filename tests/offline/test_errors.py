from __future__ import annotations

import pytest
import requests

from tests.offline.support import MODEL, Client

UNKNOWN = "0b6f4bd4-5f0e-4f0a-9a56-3b6c1c5d8a11"


def _error(answer: requests.Response) -> tuple[int, int]:
    body = answer.json()
    assert isinstance(body["error_message"], str)
    return answer.status_code, body["error_code"]


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer   ", "Basic b25lOm9uZQ==", "one"])
def test_every_call_needs_a_token(client: Client, header: str | None) -> None:
    job = client.submit()
    client.headers = {} if header is None else {"Authorization": header}
    answers = [client.post(MODEL, {"prompt": "a bay"}), client.get(MODEL)]
    answers += [client.get(f"/v1/requests/{job}/{what}") for what in ("status", "result")]
    answers.append(client.post(f"/v1/requests/{job}/cancel"))
    assert {_error(answer) for answer in answers} == {(401, 400004)}


def test_an_unknown_model(client: Client) -> None:
    other = "/v1/models/bytedance/seedream-9/text-to-image"
    assert _error(client.get(other)) == _error(client.post(other, {"prompt": "a bay"})) == (404, 404001)


@pytest.mark.parametrize(
    ("request_id", "error"), [(UNKNOWN, (404, 404001)), ("12", (400, 400001)), ("%20", (400, 400001))]
)
def test_an_unknown_or_malformed_request_id(client: Client, request_id: str, error: tuple[int, int]) -> None:
    assert _error(client.get(f"/v1/requests/{request_id}/status")) == error
    assert _error(client.get(f"/v1/requests/{request_id}/result")) == error
    assert _error(client.post(f"/v1/requests/{request_id}/cancel")) == error


def test_a_request_of_another_account(client: Client) -> None:
    job = client.submit()
    other = Client(client.url, token="two")
    assert _error(other.get(f"/v1/requests/{job}/status")) == (403, 403001)
    assert _error(other.get(f"/v1/requests/{job}/result")) == (403, 403001)
    assert _error(other.post(f"/v1/requests/{job}/cancel")) == (403, 403001)
    assert client.status(job)["status"] == "in_queue"


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("prompt", {}),
        ("prompt", {"prompt": 5}),
        ("prompt", {"prompt": None}),
        ("resolution", {"prompt": "a bay", "resolution": "4K"}),
        ("sequential_image_generation", {"prompt": "a bay", "sequential_image_generation": True}),
        ("max_images", {"prompt": "a bay", "max_images": 16}),
        ("max_images", {"prompt": "a bay", "max_images": "3"}),
        ("max_images", {"prompt": "a bay", "max_images": True}),
        ("output_format", {"prompt": "a bay", "output_format": "webp"}),
        ("optimize_prompt_options", {"prompt": "a bay", "optimize_prompt_options": "fast"}),
        ("seed", {"prompt": "a bay", "seed": 1}),
    ],
)
def test_an_unfit_input_is_named(client: Client, field: str, values: dict[str, object]) -> None:
    answer = client.post(MODEL, values)
    assert answer.status_code == 422
    assert [problem["loc"] for problem in answer.json()["detail"]] == [["body", field]]
    assert answer.json()["error_message"].startswith(f"{field}: ")


@pytest.mark.parametrize("body", [b"", b"prompt=a", b"[]", b'"a"', b"null", b"\xff", b"[" * 100_000])
def test_a_body_that_is_no_object(client: Client, body: bytes) -> None:
    answer = requests.post(client.url + MODEL, data=body, headers=client.headers, timeout=30)
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["body"]


def test_a_whole_number_written_as_a_float_fits(client: Client) -> None:
    client.submit(max_images=6.0, sequential_image_generation="auto")


def test_paths_and_methods_that_are_none(client: Client) -> None:
    assert _error(client.get("/v2/models")) == (404, 404001)
    wrong = client.post(f"/v1/requests/{UNKNOWN}/status")
    assert (wrong.status_code, wrong.json()) == (405, {"error_message": "Method Not Allowed."})
