"""One job for a script or a notebook, from the first check to the saved originals.

What `import seedream` offers. It runs on the same job registry as the page, and never overwrites a file.
"""

from seedream.errors import SeedreamError
from seedream.jobs.record import Record
from seedream.sdk.interface import generate, generate_async, resume, resume_async
from seedream.sdk.results import Generation, Missing, SavedPicture

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
