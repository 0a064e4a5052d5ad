"""A module of the page in a Node process that answers lines of JSON."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import playwright

from tests.servers import ROOT

STATIC = ROOT / "seedream" / "ui" / "static"
NODE = Path(playwright.__file__).parent / "driver" / "node"


class Node:
    """The process: each `ask` is one line, and its answer is the next one."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def ask(self, question: object) -> Any:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        if isinstance(answer, dict) and "thrown" in answer:
            raise AssertionError(answer["thrown"])
        return answer


@contextmanager
def node(script: Path) -> Iterator[Node]:
    """Start a script beside this file; it gets the folder of the page's modules."""
    process = subprocess.Popen(
        [str(NODE), "--no-warnings", str(script), STATIC.as_uri()],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield Node(process)
    finally:
        assert process.stdin
        process.stdin.close()
        process.wait(10)
