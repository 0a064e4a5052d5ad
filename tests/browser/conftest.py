"""The order of the browser tests."""

from __future__ import annotations

import pytest

# They take longest, each by itself; begun last, one of them would keep a single process busy at the end.
_FIRST = ("test_space.py", "test_survives.py", "test_hands.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first."""
    items.sort(key=lambda item: item.path.name not in _FIRST)
