"""Goes all ways in a network of its own, and writes to a file what was heard."""

from __future__ import annotations

import json
import socket
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from itertools import count
from pathlib import Path

from tests.controlled_api import wait_until
from tests.trials.foreign import named, references, requested
from tests.trials.foreign.network import Listener, open_up
from tests.trials.foreign.requested import Way
from tests.trials.foreign.scene import FILE_HOST, FILE_HOST_ADDRESS, Foreign, scenes

WAYS: Mapping[str, Way] = {**dict(requested.ways()), **dict(references.ways()), **dict(named.ways())}
# Gradio by itself goes these: that shows that they lead there, and that the listener would hear it.
WITHOUT_THE_GATE = ("GET file=", "call of a file, its path", "call of a file, in a gallery", "run of cancel")
# Whatever comes late comes within this.
_SETTLE_SECONDS = 3.0
_SAID = 2000


def _connect(address: str, port: int) -> None:
    with socket.socket() as connection, suppress(OSError):
        connection.connect((address, port))


def _send(to: Foreign) -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as datagrams:
        datagrams.sendto(b"x", (to.address, 443))


def _look_up(to: Foreign) -> None:
    with suppress(OSError):
        socket.getaddrinfo(to.name, 443)


# What this process sends by itself, to see that it is heard.
BY_HAND: Mapping[str, Callable[[Foreign], object]] = {
    "a connection": lambda to: _connect(to.address, 80),
    "a connection to any port": lambda to: _connect(to.address, 40000 + to.number),
    "a datagram": _send,
    "a name": _look_up,
}


class _Walk:
    """Gives each way an address of its own, and keeps what came of it."""

    def __init__(self, listener: Listener, first: int) -> None:
        self._listener = listener
        self._numbers = count(first)
        self._went: dict[str, tuple[Foreign, str, str | None]] = {}

    def go(self, name: str, way: Callable[[Foreign], object]) -> Foreign:
        to = Foreign(next(self._numbers))
        try:
            self._went[name] = to, str(way(to)), None
        except Exception:
            self._went[name] = to, "", traceback.format_exc()
        return to

    def go_and_listen(self, name: str, way: Callable[[Foreign], object]) -> None:
        """Go a way that is to lead there."""
        to = self.go(name, way)
        with suppress(AssertionError):
            wait_until(lambda: self.heard(to))

    def heard(self, to: Foreign) -> list[str]:
        # As a datagram asks for a name.
        label = to.name.partition(".")[0].encode()
        named = bytes([len(label)]) + label
        return [str(each) for each in self._listener.heard if each.address == to.address or named in each.content]

    def told(self) -> dict[str, dict[str, object]]:
        return {
            name: {"heard": self.heard(to), "said": said[:_SAID], "fault": fault}
            for name, (to, said, fault) in self._went.items()
        }


def main(file: Path) -> None:
    open_up({FILE_HOST: FILE_HOST_ADDRESS})
    listener = Listener()
    walk, unguarded_walk, by_hand = _Walk(listener, 1), _Walk(listener, 1000), _Walk(listener, 2000)
    with tempfile.TemporaryDirectory() as folder, scenes(Path(folder), listener.known) as (scene, unguarded):
        wait_until(scene.fetched)
        for name, way in WAYS.items():
            walk.go(name, partial(way, scene))
        time.sleep(_SETTLE_SECONDS)
        heard = [str(each) for each in listener.heard]
        fetched = scene.fetched()
        for name in WITHOUT_THE_GATE:
            unguarded_walk.go_and_listen(name, partial(WAYS[name], unguarded))
        for name, sent in BY_HAND.items():
            by_hand.go_and_listen(name, sent)
        told = {
            "heard": heard,
            "fetched": fetched,
            "ways": walk.told(),
            "without_the_gate": unguarded_walk.told(),
            "by_hand": by_hand.told(),
            "log": scene.app.output,
        }
    file.write_text(json.dumps(told), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
