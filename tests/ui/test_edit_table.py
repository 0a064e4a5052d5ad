"""The table of references over the wire: what each ends in through `/edit`, and that nobody is asked for any.

Its rows stand in `tests/schema/addresses.py` and `tests/pictures/test_references.py`; some more lead to listeners
here. A network where every name and address leads to a listener is gone through in `tests/trials/foreign`.
"""

from __future__ import annotations

import socket
from base64 import b64encode
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field

import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError

from seedream.pictures.references import prepared
from seedream.schema import EDIT, load
from tests.controlled_api import ControlledApi, controlled_api
from tests.pictures.test_references import FITS, REFUSED, USUAL
from tests.schema.addresses import FIT, UNFIT
from tests.schema.test_references import UNFIT_DATA
from tests.servers import AppProcess

pytestmark = pytest.mark.thorough

AT_ONCE = 16
# Python's own parsers and resolvers, curl's, or a browser's take each of these for this machine.
LEADING_HERE = (
    *("http://127.0.0.1:{port}/a.png", "https://127.0.0.1:{port}/a.png", "https://127.0.0.9:{port}/a.png"),
    *("https://localhost:{port}/a.png", "http://localhost:{port}/a.png", "//127.0.0.1:{port}/a.png"),
    *("https://2130706433:{port}/a.png", "https://0x7f000001:{port}/a.png", "https://0177.1:{port}/a.png"),
    *("https://0:{port}/a.png", "https://[::1]:{port}/a.png", "https://[::ffff:127.0.0.1]:{port}/a.png"),
    *("https://example.org@127.0.0.1:{port}/a.png", "https://example.org:443@127.0.0.1:{port}/a.png"),
    *("https://127.0.0.1:{port}\\@example.org/a.png", "https://127.0.0.1:{port}#.example.org/a.png"),
    *("ftp://127.0.0.1:{port}/a.png", "file://127.0.0.1:{port}/a.png", "gopher://127.0.0.1:{port}/_a"),
    *("result:http://127.0.0.1:{port}/a.png", "blob:http://127.0.0.1:{port}/a", "url(http://127.0.0.1:{port}/a)"),
)
SVG_HERE = '<svg xmlns="http://www.w3.org/2000/svg"><image href="http://127.0.0.1:{port}/a.png"/></svg>'


@dataclass
class Row:
    """A reference, and what becomes of it.

    Attributes:
        codes: with one of which it is refused; none: it is sent.
        sent: as what.
    """

    name: str
    reference: str
    codes: tuple[str, ...] = ()
    sent: Callable[[], str] | None = None


@dataclass
class Ears:
    """Sockets on this machine's addresses, at one port. `heard`: who connected."""

    port: int
    sockets: list[socket.socket] = field(default_factory=list)

    def heard(self) -> list[object]:
        found: list[object] = []
        for each in self.sockets:
            with suppress(BlockingIOError):
                while True:
                    connection, peer = each.accept()
                    connection.close()
                    found.append(peer)
        return found


@pytest.fixture(scope="module")
def ears() -> Iterator[Ears]:
    with ExitStack() as stack:
        first = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        found = Ears(first.getsockname()[1], [first])
        for family, address in ((socket.AF_INET, "127.0.0.9"), (socket.AF_INET6, "::1")):
            with suppress(OSError):  # no IPv6 here
                found.sockets.append(
                    stack.enter_context(socket.create_server((address, found.port), family=family))
                )
        for each in found.sockets:
            each.setblocking(False)
        yield found


@pytest.fixture(scope="module")
def api() -> Iterator[ControlledApi]:
    with controlled_api() as found, found.hurrying():
        yield found


def as_data(file: bytes, media_type: str = "image/x-odd") -> str:
    return f"data:{media_type};base64,{b64encode(file).decode()}"


def rows(api: ControlledApi, port: int) -> list[Row]:
    own = f"{api.url}/files/00000000-0000-0000-0000-000000000000/1.png"
    fit = [Row(f"fits: {each[:60]}", each, sent=lambda each=each: each) for each in (*FIT, own)]  # type: ignore[misc]
    unfit = [Row(f"unfit: {each[:60]!r}", each, ("reference_unfit",)) for each in UNFIT]
    here = [each.replace("{port}", str(port)) for each in LEADING_HERE]
    unfit += [Row(f"leads here: {each}", each, ("reference_unfit",)) for each in here]
    svg = as_data(SVG_HERE.replace("{port}", str(port)).encode(), "image/svg+xml")
    data = [
        Row(f"data: {each[:60]!r}", each, ("reference_unfit", "reference_not_a_picture")) for each in UNFIT_DATA
    ]
    data.append(Row("an SVG with a picture elsewhere", svg, ("reference_not_a_picture",)))
    for each in (*FITS, *REFUSED):
        if each.rules != USUAL:
            continue
        file = each.make()
        if each.ends.startswith("reference_"):
            data.append(Row(each.name, as_data(file), (each.ends,)))
        else:
            data.append(Row(each.name, as_data(file), sent=lambda file=file: prepared(file, USUAL, 1).uri))  # type: ignore[misc]
    return [*fit, *unfit, *data]


def test_each_reference_ends_as_the_table_says_and_is_asked_for_by_nobody(
    api: ControlledApi, editing_app: AppProcess, ears: Ears
) -> None:
    field = load(EDIT).pictures
    assert field and field.references == USUAL
    table = rows(api, ears.port)
    assert len(table) > 150
    client = Client(editing_app.url, verbose=False)

    def end(number: int) -> str | None:
        try:
            client.predict(f"row {number}", [table[number].reference], api_name="/edit")
        except AppError as error:
            return str(error)
        return None

    with ThreadPoolExecutor(AT_ONCE) as pool:
        ends = list(pool.map(end, range(len(table))))
    sent = {call.json["prompt"]: call.json["image"] for call in api.submissions}
    assert len(sent) == len(api.submissions)
    for number, (row, said) in enumerate(zip(table, ends, strict=True)):
        if row.codes:
            assert said and any(f"[{code}]" in said for code in row.codes), (row.name, said)
            assert f"row {number}" not in sent, row.name
        else:
            assert said is None, (row.name, said)
            assert row.sent
            assert sent[f"row {number}"] == [row.sent()], row.name
    assert ears.heard() == []
    asked = [call.path for call in api.recorder.calls if "00000000-0000" in call.path]
    assert asked == []
    # They would have heard it.
    with socket.create_connection(("127.0.0.1", ears.port)):
        assert len(ears.heard()) == 1
