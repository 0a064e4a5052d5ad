"""The documented error answers of the Model API (docs.runcomfy.com/model-apis/error-codes)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jsonschema import Draft202012Validator
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from seedream.schema import Model


class ApiError(Exception):
    """An answer other than success: its HTTP status and its JSON body."""

    def __init__(self, status: int, body: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status, body)
        self.status = status
        self.body = body
        self.headers = headers


def documented(status: int, code: int, message: str) -> ApiError:
    return ApiError(status, {"error_code": code, "error_message": message})


def unfit(problems: Mapping[str, str]) -> ApiError:
    """Return the 422 that names each unfit field; a problem of the body as a whole has the name ''."""
    detail = [{"loc": ["body", *([name] if name else [])], "msg": text} for name, text in problems.items()]
    message = "; ".join(f"{name or 'body'}: {text}" for name, text in problems.items())
    return ApiError(422, {"detail": detail, "error_message": message})


def check(model: Model, body: object) -> dict[str, Any]:
    """Return the body with the schema's defaults filled in; raise the 422 where it does not fit."""
    if not isinstance(body, dict):
        raise unfit({"": "The body must be a JSON object."})
    problems = {name: "This field is required." for name in model.input_schema["required"] if name not in body}
    problems |= {name: "There is no such field." for name in body if name not in model.input_schema["properties"]}
    for problem in Draft202012Validator(model.input_schema).iter_errors(body):
        if problem.path:
            problems.setdefault(str(problem.path[0]), problem.message)
    if problems:
        raise unfit(problems)
    return {**model.defaults, **body}


async def answer(_request: Request, error: Exception) -> Response:
    """Answer an error in the API's form; Starlette's own (no such path, wrong method) included."""
    if isinstance(error, ApiError):
        return JSONResponse(error.body, error.status, error.headers)
    assert isinstance(error, HTTPException)  # noqa: S101 - the only other kind this handles
    code = {"error_code": 404001} if error.status_code == 404 else {}
    return JSONResponse({**code, "error_message": f"{error.detail}."}, error.status_code, error.headers)
