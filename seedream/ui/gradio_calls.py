"""What a call of Gradio's own routes may hold: this page's endpoints, with plain values, and no file of any kind.

Left to itself, Gradio downloads whatever a value names as a file, answers a wrong number of values with a
traceback in the log, and serves as a proxy for any address.
"""

from __future__ import annotations

import inspect
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import gradio as gr

from seedream.errors import SeedreamError
from seedream.ui.endpoints import Endpoint

_LONGEST_NAME = 200
# Twice what a prompt may have: that it is too long, the prompt's own sentence says better.
_LONGEST_VALUE = 40_000
# What `gradio_client` sends of a call.
_JOINED = frozenset({"data", "session_hash", "event_id", "event_data", "fn_index", "trigger_id"})


class GradioCalls:
    """Knows what may be called, and with what. Its checks are `gate_routes.Check`s.

    Args:
        blocks: the page.
        endpoints: its public ones.
        folder: of the files that it serves by Gradio's route.
    """

    def __init__(self, blocks: gr.Blocks, endpoints: Sequence[Endpoint], folder: Path) -> None:
        self._folder = folder.resolve()
        self._by_name = {each.name: each for each in endpoints}
        names = {index: str(function.api_name) for index, function in blocks.fns.items()}
        self._by_index = {index: self._by_name[name] for index, name in names.items() if name in self._by_name}
        self._functions = {
            index: {function.__name__ for function in getattr(block, "server_fns", ())}
            for index, block in blocks.blocks.items()
        }

    def file(self, path: Mapping[str, str], _: Any) -> None:
        """Check the path of a file: of any other, and of an address, there is nothing here."""
        asked = Path(path["path"])
        if not asked.is_absolute() or not asked.resolve().is_relative_to(self._folder):
            raise SeedreamError("route_unknown")

    def listed(self, path: Mapping[str, str], body: Any) -> None:
        """Check a call with its values in their order."""
        head = _object(body, {"data", "session_hash"})
        _values(_member(head, "data", list), self._endpoint(path["name"]))
        if head.get("session_hash") is not None:
            _session(head)

    def named(self, path: Mapping[str, str], body: Any) -> None:
        """Check a call with its values by name; what is left out has its default."""
        parameters = self._endpoint(path["name"]).parameters
        given = _object(body, {each.name for each in parameters})
        for each in parameters:
            if each.default is inspect.Parameter.empty and each.name not in given:
                raise unfit(each.name)
        for each in parameters:
            _plain(each.name, given.get(each.name), each)

    def joined(self, _: Mapping[str, str], body: Any) -> None:
        """Check a call by `gradio_client`."""
        head = _object(body, _JOINED)
        endpoint = self._by_index.get(_member(head, "fn_index", int))
        if endpoint is None:
            raise unfit("fn_index")
        _values(_member(head, "data", list), endpoint)
        _session(head)

    def function(self, _: Mapping[str, str], body: Any) -> None:
        """Check a call of one of the gallery's functions, which themselves read what they are given."""
        head = _object(body, {"component_id", "fn_name", "session_hash", "data"})
        if _member(head, "fn_name", str) not in self._functions.get(_member(head, "component_id", int), ()):
            raise unfit("fn_name")
        _session(head)
        if "data" not in head:
            raise unfit("data")

    def _endpoint(self, name: str) -> Endpoint:
        if name not in self._by_name:
            raise SeedreamError("route_unknown")
        return self._by_name[name]


def unfit(what: str) -> SeedreamError:
    """Return the error of a body that can't be read; `what` names the place in it."""
    return SeedreamError("body_unfit", what=what[:_LONGEST_NAME])


def _object(body: Any, known: Collection[str]) -> Mapping[str, Any]:
    if not isinstance(body, dict):
        raise unfit("{}")
    for name in body:
        if name not in known:
            raise unfit(name)
    return body


def _member(head: Mapping[str, Any], name: str, kind: type) -> Any:
    value = head.get(name)
    # A bool is an int to Python, and no number to anybody else.
    if not isinstance(value, kind) or isinstance(value, bool):
        raise unfit(name)
    return value


def _session(head: Mapping[str, Any]) -> None:
    if not 0 < len(_member(head, "session_hash", str)) <= _LONGEST_NAME:
        raise unfit("session_hash")


def _values(values: Sequence[Any], endpoint: Endpoint) -> None:
    if len(values) != len(endpoint.parameters):
        raise unfit(f"data: {len(values)} ≠ {len(endpoint.parameters)}")
    for number, (value, parameter) in enumerate(zip(values, endpoint.parameters, strict=True)):
        _plain(f"data[{number}]", value, parameter)


def _plain(name: str, value: Any, parameter: inspect.Parameter) -> None:
    """Whatever Gradio would take for a file is none of these. References are texts, and they alone may be long."""
    listed = parameter.annotation == list[str]
    for each in value if listed and isinstance(value, list) else [value]:
        if not isinstance(each, str | int | float | bool | None):
            raise unfit(name)
        if isinstance(each, str) and not listed and len(each) > _LONGEST_VALUE:
            raise SeedreamError("body_too_long", most=_LONGEST_VALUE // 1000)
