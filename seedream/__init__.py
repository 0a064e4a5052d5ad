"""Pictures from Seedream 5.0 Lite, in three lines of a script or a notebook.

    import seedream

    seedream.generate("a red fox").pictures[0].open()

Nothing else is loaded before one of these names is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seedream.errors import SeedreamError
    from seedream.jobs.record import Record
    from seedream.sdk.interface import generate, generate_async, resume, resume_async
    from seedream.sdk.results import Generation, Missing, SavedPicture
else:
    # Hidden from type checkers, to which it would make any name a good one.
    def __getattr__(name: str) -> object:
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from seedream.sdk import interface  # noqa: PLC0415 - the package itself stays light

        return getattr(interface, name)


__all__ = [
    "Generation",
    "Missing",
    "Record",
    "SavedPicture",
    "SeedreamError",
    "generate",
    "generate_async",
    "resume",
    "resume_async",
]
