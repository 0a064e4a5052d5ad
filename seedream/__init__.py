"""Pictures from Seedream 5.0 Lite, in three lines of a script or a notebook.

    import seedream

    seedream.generate("a red fox").pictures[0].open()

Nothing else is loaded before one of these names is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seedream.errors import SeedreamError
    from seedream.generation import Generation, Missing, SavedPicture
    from seedream.jobs import Record
    from seedream.script import generate, generate_async, resume, resume_async
else:
    # Hidden from type checkers, to which it would make any name a good one.
    def __getattr__(name: str) -> object:
        from importlib import import_module  # noqa: PLC0415 - the package itself stays light

        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


_HOMES = {
    "Generation": "generation",
    "Missing": "generation",
    "Record": "jobs",
    "SavedPicture": "generation",
    "SeedreamError": "errors",
    "generate": "script",
    "generate_async": "script",
    "resume": "script",
    "resume_async": "script",
}

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
