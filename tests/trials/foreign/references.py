"""Ways in by a reference: an address that is named as a picture to begin with. What fits goes on, unasked."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from seedream.schema import EDIT, load
from tests.trials.foreign.requested import Way
from tests.trials.foreign.scene import API, FILE_HOST, Foreign, Scene, led_on

# Public addresses by their form, which nobody but RunComfy is to ask.
_FIT = {
    "a name": "https://{name}/x.png",
    "a name and the usual port": "https://{name}:443/x.png",
    "a name, in capitals": "HTTPS://{NAME}/X.PNG",
    "a name and a number behind it": "https://{name}/http://{address}/x.png",
}
_UNFIT = {
    "a number": "https://{address}/x.png",
    "a name in plain": "http://{name}/x.png",
    "no scheme": "//{name}/x.png",
    "another port": "https://{name}:8443/x.png",
    "a user": "https://files.runcomfy.net@{name}/x.png",
    "a user before a number": "https://{name}@{address}/x.png",
    "a backslash": "https://{address}\\@{name}/x.png",
    "a name that ends in a dot": "https://{name}./x.png",
    "FTP": "ftp://{name}/x.png",
    "a share": "\\\\{address}\\share\\x.png",
    "a file elsewhere": "file://{address}/x.png",
    "a path of this page": f"{API}/file=http://{{address}}/x.png",
    "a picture of this page": "result:http://{address}/x.png",
    "a file of a browser": "file:{address}",
    "a blob": "blob:https://{name}/x",
}
_CONTENTS = {
    "SVG": ("image/svg+xml", "<svg xmlns='http://www.w3.org/2000/svg'><image href='{url}'/></svg>"),
    "a page": ("text/html", "<meta http-equiv='refresh' content='0; url={url}'>"),
    "PostScript": ("image/x-eps", "%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n({url}) run\n"),
    "MVG": ("image/png", "push graphic-context\nimage over 0,0 0,0 '{url}'\npop graphic-context\n"),
    "a list": ("image/png", "#EXTM3U\n#EXTINF:9,\n{url}\n#EXT-X-ENDLIST\n"),
}


def ways() -> Iterator[tuple[str, Way]]:
    for name, reference in _FIT.items():
        yield f"reference, {name}", _goes_on(reference)
    for name, reference in _UNFIT.items():
        yield f"reference, {name}", _refused(reference)
    for name, (kind, content) in _CONTENTS.items():
        yield f"reference, {name} as data", _refused(content, kind)
    yield "reference, of a host that leads on", _leads_on
    yield "reference, a result of this page that lies elsewhere", _result


def _filled(text: str, to: Foreign) -> str:
    words = {"address": to.address, "name": to.name, "NAME": to.name.upper(), "url": to.url}
    for word, value in words.items():
        text = text.replace(f"{{{word}}}", value)
    return text


def _goes_on(reference: str) -> Way:
    return lambda scene, to: _sent(scene, _filled(reference, to))


def _refused(reference: str, kind: str = "") -> Way:
    def go(scene: Scene, to: Foreign) -> list[str]:
        filled = _filled(reference, to)
        if kind:
            filled = f"data:{kind};base64,{base64.b64encode(filled.encode()).decode()}"
        before = scene.api.submitted()
        told = _named(scene, filled)
        assert scene.api.submitted() == before, told
        return told

    return go


def _leads_on(scene: Scene, to: Foreign) -> list[str]:
    return _sent(scene, led_on(f"https://{FILE_HOST}", to.url))


def _result(scene: Scene, to: Foreign) -> list[str]:
    """On the page, its own signed link stands for an address; scripts have no such word."""
    before = scene.api.submitted()
    told = [_pressed(scene, f"result:{scene.signed(to.named_url)}")]
    assert [call.json["image"] for call in scene.api.submissions[before:]] == [[to.named_url]], told
    return told


def _sent(scene: Scene, reference: str) -> list[str]:
    """Name a reference in each way, and see that each sent it on as it is."""
    before, asked = scene.api.submitted(), len(scene.asked)
    told = _named(scene, reference)
    sent = [call.json["image"] for call in scene.api.submissions[before:]]
    assert sent == [[reference]] * len(told), told
    assert len(scene.asked) == asked
    return told


def _named(scene: Scene, reference: str) -> list[str]:
    """Name a reference as a script does, as an agent, and as the page, which also shows what it can."""
    scene.naming.output = None
    model = load(EDIT)
    values: dict[str, Any] = {**model.defaults, "prompt": "x", "image": [reference]}
    call = {"name": "edit", "arguments": {"prompt": "x", "image": [reference]}}
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}
    scene.ask("GET", f"/?prompt=x&image={quote(reference, safe='')}")
    scene.function("price", {"values": {"prompt": "x", "image": [reference]}})
    return [
        scene.heard("edit", *(values[field.name] for field in model.fields)),
        scene.post(f"{API}/mcp/", message),
        _pressed(scene, reference),
    ]


def _pressed(scene: Scene, reference: str) -> str:
    ticket = scene.ticket()
    order = {"key": str(uuid4()), "ticket": ticket, "values": {"prompt": "x", "image": [reference]}, "own": False}
    return scene.function("submit", {**order, "seal": None})
