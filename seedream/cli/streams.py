"""Writing to standard output and standard error, also where nobody reads any more."""

from __future__ import annotations

import os
from typing import TextIO


def write(to: TextIO, content: bytes) -> None:
    """Write and flush. A pipe whose reader has gone, as with `| head`, swallows this and all that follows."""
    try:
        to.buffer.write(content)
        to.buffer.flush()
    except BrokenPipeError:
        # Python would stumble over it once more when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), to.fileno())


def say(to: TextIO, text: str) -> None:
    """Write a text; letters that the terminal's encoding lacks are told by their codes."""
    write(to, text.encode(to.encoding or "ascii", "backslashreplace"))
