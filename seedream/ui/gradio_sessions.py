"""What Gradio keeps for each caller: made cheap, and kept from those whom strangers would push out.

Left to itself, Gradio's queue runs forty events at a time, whatever an endpoint's own limit says; it forgets whom
it is about to answer once two thousand others have called; and it describes the whole page anew for each caller,
which took most of the processor's time where thousands called.
"""

from __future__ import annotations

import asyncio
import sys
from copy import copy
from time import monotonic
from typing import TYPE_CHECKING, Any

from gradio.server_messages import EstimationMessage
from gradio.state_holder import SessionState, StateHolder
from gradio.utils import LRUCache

if TYPE_CHECKING:
    from gradio.routes import App

# What the queue runs at once: room for the calls that wait, and for those that don't, above all for cancelling.
_EVENTS = 1000
# Gradio's stream to a caller asks for messages at least every ten seconds: whoever has not for longer is gone.
GONE_SECONDS = 12.0
# A script may ask for its answer long after its call: so many of those that have not yet are kept for longer than
# this.
_LEFT_KEPT = 100
_LEFT_SECONDS = 30.0


class _Messages(asyncio.Queue[Any]):
    """What Gradio has to tell a session; it knows whether anybody asks for it."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0
        self.asking = 0
        self.asked_at = monotonic()

    def put_nowait(self, message: Any) -> None:
        """Take a message; of guesses when a call's turn comes, only those that somebody waits for."""
        if self.asking or not isinstance(message, EstimationMessage):
            super().put_nowait(message)

    async def get(self) -> Any:
        self.asked += 1
        self.asking += 1
        try:
            return await super().get()
        finally:
            self.asking -= 1
            self.asked_at = monotonic()


class Sessions(LRUCache[str, Any]):
    """Gradio's sessions with what it has to tell them: whoever listens is not forgotten for those who don't.

    Args:
        events: the sessions' events under way, which Gradio keeps for good where nobody listens.
        most: sessions; more than calls may wait, and of those who don't listen, each takes 30 kB.
        gone_seconds: after which a session that nobody listens to counts as left.
    """

    def __init__(
        self, events: dict[str, set[str]], *, most: int = 500, gone_seconds: float = GONE_SECONDS
    ) -> None:
        super().__init__(most)
        self._events = events
        self._gone_seconds = gone_seconds

    def __setitem__(self, session: str, _: Any) -> None:
        if session not in self and len(self) >= self.max_size:
            unheard = next((each for each, messages in self.items() if not messages.asked), None)
            self._forget(unheard or next((each for each in self if not self.heard(each)), next(iter(self))))
        super().__setitem__(session, _Messages())

    def __missing__(self, _: str) -> _Messages:
        """Take what Gradio has to tell a session that was left; an error at each would fill the log."""
        return _Messages()

    def forget_left(self, kept: int = _LEFT_KEPT, seconds: float = _LEFT_SECONDS) -> None:
        """Forget sessions that nobody has listened to for so many seconds, but for the newest so many of them."""
        since = monotonic() - seconds
        left = [each for each, messages in self.items() if not messages.asking and messages.asked_at < since]
        for session in left[: max(0, len(left) - kept)]:
            self._forget(session)

    def _forget(self, session: str) -> None:
        del self[session]
        self._events.pop(session, None)

    def heard(self, session: str) -> bool:
        messages = self.get(session)
        if messages is None:
            return False
        return bool(messages.asking) or monotonic() - messages.asked_at < self._gone_seconds


class _State(SessionState):
    """A session's state that keeps nothing of what its calls bring and get: nothing is drawn anew from that."""

    def _update_value_in_config(self, key: int, value: Any) -> None:
        pass


class States(StateHolder):
    """The state that Gradio keeps for each session, in case a component has one: copied, instead of made anew."""

    def __getitem__(self, session: str) -> SessionState:
        if session not in self.session_data:
            self.session_data[session] = self._new()
        return super().__getitem__(session)

    def _new(self) -> SessionState:
        made: SessionState | None = getattr(self, "_made", None)
        if made is None:
            made = self._made = _State(self.blocks)
        state = copy(made)
        state.blocks_config = copy(made.blocks_config)
        # What a call writes there is its caller's alone.
        state.config_values = copy(made.config_values)
        state.state_data, state._state_ttl = {}, {}
        return state


def forget_left(app: App) -> None:
    """Forget the sessions of a burst of calls that nobody listens to."""
    sessions = app.get_blocks()._queue.pending_messages_per_session
    if isinstance(sessions, Sessions):
        sessions.forget_left()


def allow_many_calls(app: App) -> None:
    """Have Gradio run and remember as many calls as may wait. To be called before its queue starts."""
    blocks = app.get_blocks()
    queue = blocks._queue
    queue.max_thread_count = _EVENTS
    queue.pending_messages_per_session = Sessions(queue.pending_event_ids_session)
    # At each event's end it would compute statistics of the last ten thousand, which nobody reads here.
    queue.ANALYTICS_MAX_EVENTS = 1
    queue.ANAYLTICS_CACHE_FREQUENCY = sys.maxsize
    app.state_holder = States()  # type: ignore[no-untyped-call]  # Gradio's own has no types
    app.state_holder.set_blocks(blocks)
