"""The documented error answers of the Model API (docs.runcomfy.com/model-apis/error-codes)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jsonschema import Draft202012Validator
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from seedream.schema import Model

_CODES = {400: 400001, 401: 400004, 403: 403001, 404: 404001}


class UnfitError(HTTPException):
    """A body does not fit the model's schema: what is wrong, by field; with the body as a whole, by ''."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(422, "; ".join(f"{name or 'body'}: {text}" for name, text in problems.items()))
        self.fields = [{"loc": ["body", *filter(None, [name])], "msg": text} for name, text in problems.items()]


def check(model: Model, body: object) -> dict[str, Any]:
    """Return the body with the schema's defaults filled in; raise `UnfitError` where it does not fit."""
    if not isinstance(body, dict):
        raise UnfitError({"": "The body must be a JSON object."})
    problems = {name: "This field is required." for name in model.input_schema["required"] if name not in body}
    problems |= {name: "There is no such field." for name in body if name not in model.input_schema["properties"]}
    for problem in Draft202012Validator(model.input_schema).iter_errors(body):
        if problem.path:
            problems.setdefault(str(problem.path[0]), problem.message)
    if problems:
        raise UnfitError(problems)
    return {**model.defaults, **body}


async def refused(_request: Request, error: Exception) -> Response:
    """Answer an error, Starlette's own (no such path, wrong method) included; a 422 names each unfit field."""
    assert isinstance(error, HTTPException)  # noqa: S101 - the only kind this handles
    if isinstance(error, UnfitError):
        return JSONResponse({"detail": error.fields, "error_message": error.detail}, 422)
    code = {"error_code": _CODES[error.status_code]} if error.status_code in _CODES else {}
    return JSONResponse({**code, "error_message": f"{error.detail}."}, error.status_code, error.headers)
