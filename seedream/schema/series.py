"""What makes a request one for a series, by the schema's names."""

from __future__ import annotations

from collections.abc import Mapping

# The field that makes a job a series, its value that does, and the field that says of how many.
SERIES, IN_SERIES, HOW_MANY = "sequential_image_generation", "auto", "max_images"


def is_series(values: Mapping[str, object]) -> bool:
    """Tell whether a request is for a series."""
    return values.get(SERIES) == IN_SERIES


def most_pictures(request: Mapping[str, object]) -> int:
    """Return how many pictures a request may make."""
    series = request.get(HOW_MANY, 1) if is_series(request) else 1
    return max(1, series) if isinstance(series, int) else 1
