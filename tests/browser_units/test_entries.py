"""What a browser remembers of its jobs: tabs that write at once lose nothing, and what is forgotten stays so."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.browser_units.node import Node, node

PREFIX = "seedream.job."
KEYS = ["a" * 32, "b" * 32]
MOST_KEPT = 50
ENDS = {"completed", "cancelled", "failed"}

many = settings(
    max_examples=400,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture(scope="module")
def tabs() -> Iterator[Node]:
    with node(Path(__file__).with_name("two_tabs.mjs")) as started:
        yield started


def _record(status: str, request_id: str | None = None, code: str | None = None, **more: Any) -> dict[str, Any]:
    ended = status in ENDS or code is not None
    error = {"code": code, "detail": None} if code else None
    usual: dict[str, Any] = {"queue_position": None, "outputs": [], "ended": ended, "error": error}
    return {"status": status, "request_id": request_id, **usual, **more}


def _records(request_id: str) -> list[dict[str, Any]]:
    """What replicas say of one job, those that never heard of it, too."""
    return [
        _record("unknown", code="submission_unknown"),
        _record("in_queue", request_id, queue_position=5),
        _record("in_queue", request_id, queue_position=2),
        _record("in_progress", request_id),
        _record("in_progress", request_id, "watch_ended"),
        _record("unknown", request_id, "own_token_needed"),
        _record("completed", request_id, outputs=[{"kind": "image"}], cost_usd=0.04),
    ]


def _entry(key: str, record: dict[str, Any], **more: Any) -> dict[str, Any]:
    usual = {"version": 1, "key": key, "life": 0, "at": 1.7e12, "drawingAt": None, "own": False, "sample": None}
    more = {"group": None, "looks": 0, "request": {"prompt": f"secret {key[0]}"}, "record": record, **more}
    return {**usual, **more}


def _group(place: int) -> dict[str, Any]:
    return {"id": "c" * 32, "number": place + 1, "count": len(KEYS)}


def _request_id(key: str) -> str:
    return f"request-{key[0]}"


# What often happens stands there often: a list of choices is drawn from faster than choices of choices.
_ACTS = [*["record"] * 2, *["flush", "deliver"] * 7, *["show", "look", "forget"] * 3]
_steps = st.lists(
    st.sampled_from(
        [
            {"tab": tab, "act": act, "key": key, "record": record}
            for key in KEYS
            for tab in range(2)
            for act in _ACTS
            for record in (_records(_request_id(key)) if act == "record" else [None])
        ]
    ),
    max_size=40,
)


@many
@given(steps=_steps)
def test_whatever_two_tabs_and_a_server_do_no_request_id_is_lost_and_nothing_forgotten_comes_back(
    tabs: Node, steps: list[dict[str, Any]]
) -> None:
    begin = [
        {
            "tab": number,
            "act": "add",
            "key": key,
            "job": {
                "request": {"prompt": f"secret {key[0]}"},
                "group": _group(number),
                "record": {"status": "submitting"},
            },
        }
        for number, key in enumerate(KEYS)
    ]
    answer = tabs.ask({"act": "play", "tabs": 2, "entries": [], "steps": [*begin, *steps]})
    told = answer["told"][len(begin) :]
    for tab in answer["tabs"]:
        assert tab["stored"] == answer["disk"]
    for key in KEYS:
        took = [step for step, did in zip(steps, told, strict=True) if did is True and step["key"] == key]
        heard = [step["record"] for step in took if step["act"] == "record"]
        entry = json.loads(answer["disk"][PREFIX + key])
        if any(step["act"] == "forget" for step in took):
            assert entry["forgotten"]
            assert f"secret {key[0]}" not in json.dumps(answer)
            continue
        assert entry["request"]["prompt"] == f"secret {key[0]}"
        assert entry["group"] == _group(KEYS.index(key))
        held = [entry["record"]]
        held += [job["record"] for tab in answer["tabs"] for job in tab["shown"] if job["key"] == key]
        if any(record["request_id"] for record in heard):
            assert entry["record"]["request_id"] == _request_id(key)
            assert not any((record["error"] or {}).get("code") == "submission_unknown" for record in held)
        if any(record["status"] == "completed" for record in heard):
            assert entry["record"]["status"] == "completed"
            assert entry["record"]["ended"]


_entries = st.one_of(
    st.none(),
    st.builds(
        lambda record, looks, life, at, drawing, sample, group: _entry(
            KEYS[0], record, looks=looks, life=life, at=at, drawingAt=drawing, sample=sample, group=group
        ),
        st.sampled_from(
            [
                *_records(_request_id(KEYS[0])),
                _record("submitting"),
                _record("failed", code="no_credit"),
                _record("completed", _request_id(KEYS[0]), ended=False),
                _record("unknown", _request_id(KEYS[0]), ended=False),
            ]
        ),
        st.integers(0, 2),
        st.integers(0, 1),
        st.sampled_from([1.7e12, 1.8e12]),
        st.sampled_from([None, 1.7e12, 1.8e12]),
        st.sampled_from([None, False, True]),
        st.sampled_from([None, _group(0), _group(1)]),
    ),
    st.builds(
        lambda life, at: {"version": 1, "key": KEYS[0], "life": life, "at": at, "forgotten": True},
        st.integers(0, 1),
        st.sampled_from([1.7e12, 1.8e12]),
    ),
)


@pytest.mark.thorough
@many
@given(entries=st.tuples(_entries, _entries, _entries))
def test_what_is_known_is_the_same_in_whatever_order_it_comes_together(
    tabs: Node, entries: tuple[dict[str, Any] | None, ...]
) -> None:
    first, *others = tabs.ask({"act": "merge", "entries": entries})
    assert others == [first] * len(others)


_json = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)),
    max_leaves=5,
)
_FIELDS = ["version", "key", "life", "at", "drawingAt", "own", "sample", "group", "looks", "request", "record"]
_FIELDS += ["forgotten"]
_RECORD_FIELDS = ["status", "request_id", "outputs", "error", "ended", "usually", "queue_position"]


@pytest.mark.thorough
@many
@given(spoilt=st.sampled_from(_FIELDS + _RECORD_FIELDS), value=_json)
def test_a_spoilt_entry_is_none_or_can_be_shown(tabs: Node, spoilt: str, value: Any) -> None:
    entry = _entry(KEYS[0], _record("in_progress", _request_id(KEYS[0])))
    (entry["record"] if spoilt in _RECORD_FIELDS else entry)[spoilt] = value
    told = tabs.ask({"act": "parse", "key": KEYS[0], "text": json.dumps(entry)})
    assert told["found"] is None or told["shown"]


@pytest.mark.parametrize("text", ["", "{", "null", "7", "[]", '"a"', "{}", '{"version": 1}'])
def test_what_is_no_entry_is_removed_and_stops_nothing(tabs: Node, text: str) -> None:
    good = json.dumps(_entry(KEYS[1], _record("in_progress", "request-b")))
    entries = [[PREFIX + KEYS[0], text], [PREFIX + KEYS[1], good]]
    step = {"tab": 0, "act": "show", "key": KEYS[1]}
    answer = tabs.ask({"act": "play", "tabs": 1, "entries": entries, "steps": [step]})
    assert [job["key"] for job in answer["tabs"][0]["shown"]] == [KEYS[1]]
    assert PREFIX + KEYS[0] not in answer["disk"]


def test_an_entry_without_a_version_is_read_and_one_of_a_later_version_left_alone(tabs: Node) -> None:
    old = _entry(KEYS[0], _record("completed", "request-a"))
    for name in ("version", "life", "looks", "group"):
        del old[name]
    later = json.dumps({"version": 2, "key": KEYS[1], "anything": "else"})
    entries = [[PREFIX + KEYS[0], json.dumps(old)], [PREFIX + KEYS[1], later]]
    add = {"tab": 0, "act": "add", "key": KEYS[1], "job": {"record": _record("in_queue", "request-b")}}
    answer = tabs.ask({"act": "play", "tabs": 1, "entries": entries, "steps": [add]})
    assert [job["record"]["request_id"] for job in answer["tabs"][0]["remembered"]] == ["request-a"]
    assert answer["disk"][PREFIX + KEYS[1]] == later


def test_forget_all_forgets_also_what_is_beyond_the_fiftieth(tabs: Node) -> None:
    many = [f"{number:032}" for number in range(MOST_KEPT + 10)]
    steps = [
        {"tab": 0, "act": "add", "key": key, "job": {"at": at, "record": _record("completed", key)}}
        for at, key in enumerate(many)
    ]
    arrive = [{"tab": tab, "act": act} for act, tab in (("flush", 0), ("deliver", 1)) for _ in range(200)]
    forget = [{"tab": 1, "act": "forgetAll"}]
    late = [{"tab": 0, "act": "record", "key": many[0], "record": _record("completed", many[0])}]
    back = [{"tab": tab, "act": act} for act, tab in (("flush", 1), ("deliver", 0)) for _ in range(200)]
    for attempt in ([*arrive, *forget, *back, *late], [{"tab": 0, "act": "forgetAll"}, *late]):
        answer = tabs.ask({"act": "play", "tabs": 2, "entries": [], "steps": [*steps, *attempt]})
        for tab in answer["tabs"]:
            assert tab["remembered"] == tab["shown"] == []


def test_what_is_brought_back_lives_again_in_every_tab(tabs: Node) -> None:
    job = {"request": {"prompt": "a heron"}, "record": _record("in_progress", "request-a")}
    steps: list[dict[str, Any]] = [
        {"tab": 0, "act": "add", "key": KEYS[0], "job": job},
        {"tab": 0, "act": "forget", "key": KEYS[0]},
        {"tab": 0, "act": "bringBack"},
        {"tab": 0, "act": "record", "key": KEYS[0], "record": _record("completed", "request-a")},
    ]
    answer = tabs.ask({"act": "play", "tabs": 2, "entries": [], "steps": steps})
    for tab in answer["tabs"]:
        assert [each["record"]["status"] for each in tab["remembered"]] == ["completed"]


def test_what_is_forgotten_is_known_again_for_two_hundred_jobs(tabs: Node) -> None:
    steps: list[dict[str, Any]] = []
    for number in range(230):
        key = f"{number:032}"
        steps += [{"tab": 0, "act": "add", "key": key, "job": {"record": _record("completed", key)}}]
        steps += [{"tab": 0, "act": "forget", "key": key}]
    answer = tabs.ask({"act": "play", "tabs": 1, "entries": [], "steps": steps})
    assert sum(name.startswith(PREFIX) for name in answer["disk"]) == 200
