from __future__ import annotations

from typing import get_args

import pytest

from seedream.cli.exit_codes import Exit, code_of
from seedream.errors import Code, SeedreamError


@pytest.mark.parametrize("code", [each for each in get_args(Code) if each.startswith("reference")])
def test_a_picture_that_does_not_fit_is_wrong_input(code: Code) -> None:
    unreadable = code == "reference_unreadable"
    assert code_of(SeedreamError(code)) is (Exit.NOINPUT if unreadable else Exit.DATAERR)
