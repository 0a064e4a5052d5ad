"""Ways in by an answer: what the Model API, or a host of files that is trusted, says to be elsewhere."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from starlette.responses import JSONResponse, Response

from tests.trials.foreign.requested import Way
from tests.trials.foreign.scene import API, FILE_HOST, Foreign, Scene, led_on, written

# Of the address, `number` and the others are odd notations, which some parsers take for the same.
_OUTPUTS = {
    "by number": "http://{address}/x.png",
    "by name": "http://{name}/x.png",
    "by name, over TLS": "https://{name}/x.png",
    "over TLS": "https://{address}/x.png",
    "a name that begins alike": "https://files.runcomfy.net.{name}/x.png",
    "a name that ends alike": "https://{name}-runcomfy.net/x.png",
    "a name without its dot": "https://xruncomfy.net/{name}/x.png",
    "a user that looks like the host": "https://files.runcomfy.net@{address}/x.png",
    "a user and a password": "https://files.runcomfy.net:443@{address}/x.png",
    "a user escaped": "https://files.runcomfy.net%40{address}/x.png",
    "a user before the host": "https://{address}@files.runcomfy.net:80@{address}/x.png",
    "a backslash": "https://{address}\\.runcomfy.net/x.png",
    "a backslash and a user": "https://{address}\\@files.runcomfy.net/x.png",
    "a mark": "https://{address}#.runcomfy.net/x.png",
    "a question": "https://{address}?.runcomfy.net/x.png",
    "a slash": "https://{address}/.runcomfy.net/x.png",
    "a semicolon": "https://{address};.runcomfy.net/x.png",
    "an escaped slash": "https://{address}%2f.runcomfy.net/x.png",
    "an escaped mark": "https://{address}%23.runcomfy.net/x.png",
    "a tab": "https://{address}\t/.runcomfy.net/x.png",
    "a line break": "https://{address}\r\n.runcomfy.net/x.png",
    "a space": "https://{address} .runcomfy.net/x.png",
    "a null": "https://{address}\0.runcomfy.net/x.png",
    "a full-width dot": "https://{address}/x.png?。runcomfy。net",
    "a full-width slash": "https://{name}／.runcomfy.net/x.png",
    "a one that is none": "https://{name}℀.runcomfy.net/x.png",
    "a letter from elsewhere": "https://files.runcоmfy.net/{name}/x.png",
    "one number": "http://{number}/x.png",
    "hexadecimal": "http://{hexadecimal}/x.png",
    "octal": "http://{octal}/x.png",
    "three parts": "http://{three}/x.png",
    "of IPv6": "http://[2001:db8::{group}]/x.png",
    "of IPv4 in IPv6": "http://[::ffff:{address}]/x.png",
    "of a zone": "http://[fe80::{group}%25lo]/x.png",
    "another port of the host": "https://files.runcomfy.net:8443/x.png",
    "the host in plain": "http://files.runcomfy.net/x.png",
    "another port of the API's": "http://127.0.0.1:{port}/x.png",
    "the API's host by another name": "http://localhost:{port}/x.png",
    "metadata of a cloud": "http://169.254.169.254/latest/meta-data/{name}",
    "no scheme": "//{address}/x.png",
    "FTP": "ftp://{address}/x.png",
    "gopher": "gopher://{address}:70/x",
    "a share": "\\\\{address}\\share\\x.png",
    "a file": "file:///etc/hostname?{name}",
    "a file elsewhere": "file://{address}/etc/hostname",
    "data": "data:text/html,<img src=http://{address}/x.png>",
    "a path": "/gradio_api/file=http://{address}/x.png",
    "in a list of lists": [["http://{address}/x.png"], ["https://{name}/x.png"]],
    "beside a file": {"image": "http://{address}/x.png", "images": [{"path": "{url}", "url": "{url}"}]},
    "as a video": {"video": "http://{address}/x.mp4", "videos": ["https://{name}/y.mp4"]},
    "everywhere": {"image": "http://{address}/x.png", "images": ["http://{name}/y"], "url": "http://{address}/z"},
}
_TARGETS = {
    "by number": "http://{address}/x.png",
    "by name": "https://{name}/x.png",
    "without a scheme": "//{address}/x.png",
    "a user": "https://files.runcomfy.net@{address}/x.png",
    "a backslash": "/\\{address}/x.png",
    "three slashes": "///{address}/x.png",
    "in plain": "http://files.runcomfy.net/x.png",
    "another port": "https://files.runcomfy.net:8443/x.png",
    "a file": "file:///etc/hostname",
    "broken": "http://[{address}/x.png",
}
_CONTENTS = {
    "svg": "<svg xmlns='http://www.w3.org/2000/svg'><image href='{url}'/></svg>",
    "m3u8": "#EXTM3U\n#EXTINF:9,\n{url}\n#EXT-X-ENDLIST\n",
    "mp4": '#EXTM3U\n#EXT-X-MEDIA:TYPE=VIDEO,URI="{url}"\n',
    "html": "<meta http-equiv='refresh' content='0; url={url}'><img src='{url}'>",
    "xml": "<!DOCTYPE x [<!ENTITY e SYSTEM '{url}'>]><x>&e;</x>",
    "ps": "%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n({url}) run\n",
    "mvg": "push graphic-context\nimage over 0,0 0,0 '{url}'\npop graphic-context\n",
    "url": "[InternetShortcut]\nURL={url}\n",
}


def ways() -> Iterator[tuple[str, Way]]:
    for name, output in _OUTPUTS.items():
        yield f"output, {name}", _output(output)
    for name, target in _TARGETS.items():
        for status in (301, 302, 303, 307, 308):
            yield f"file led on by {status}, {name}", _led(target, status)
    yield "file led on twice", _led_twice
    for ending, content in _CONTENTS.items():
        yield f"file that names another, {ending}", _naming(content, ending)
    for call in ("status", "result", "cancel", "submission", "catalogue"):
        for status in (301, 302, 307, 308):
            yield f"{call} led on by {status}", _answered(call, lambda to, status=status: _on(to, status))  # type: ignore[misc]
        yield f"{call} that names addresses", _answered(call, _names)
        yield f"{call} refused", _answered(call, _refuses)


def _filled(value: Any, to: Foreign) -> Any:
    """Put the addresses into every text of a value."""
    if isinstance(value, Mapping):
        return {name: _filled(each, to) for name, each in value.items()}
    if isinstance(value, list):
        return [_filled(each, to) for each in value]
    parts = [int(each) for each in to.address.split(".")]
    number = int(ipaddress.ip_address(to.address))
    words = {
        "address": to.address,
        "name": to.name,
        "url": to.url,
        "number": str(number),
        "hexadecimal": hex(number),
        "octal": ".".join(f"0{each:o}" for each in parts),
        "three": f"{parts[0]}.{parts[1]}.{parts[2] * 256 + parts[3]}",
        "group": f"{to.number:x}",
        "port": str(9000 + to.number),
    }
    for word, filled in words.items():
        value = value.replace(f"{{{word}}}", filled)
    return value


def _output(output: Any) -> Way:
    """Have a job end with this output, and ask for its files in each way that there is."""

    def go(scene: Scene, to: Foreign) -> list[str]:
        scene.naming.output = _filled(output, to)
        told = [scene.heard("resume", f"job-{to.number}"), *_asked(scene, f"job-{to.number}")]
        assert any(word in told[0] for word in ("file_untrusted", "file_unreachable")), told
        return told

    return go


def _asked(scene: Scene, job: str) -> list[str]:
    """Take up a job as the page does, and as an agent does."""
    watched = scene.post("/atelier/watch", {"jobs": [["k" * 32, job, False, None]]})
    call = {"name": "resume", "arguments": {"request_id": job}}
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}
    return [watched, scene.post(f"{API}/mcp/", message)]


def _led(target: str, status: int) -> Way:
    def go(scene: Scene, to: Foreign) -> list[str]:
        return [_fetched(scene, led_on(origin, _filled(target, to), status)) for origin in _origins(scene)]

    return go


def _led_twice(scene: Scene, to: Foreign) -> list[str]:
    return [_fetched(scene, led_on(_origins(scene)[0], led_on(origin, to.url))) for origin in _origins(scene)]


def _naming(content: str, ending: str) -> Way:
    def go(scene: Scene, to: Foreign) -> list[str]:
        return [_fetched(scene, written(each, _filled(content, to), ending)) for each in _origins(scene)]

    return go


def _origins(scene: Scene) -> tuple[str, str]:
    """Return where trusted files lie: at RunComfy's storage, and at the API's own origin."""
    return f"https://{FILE_HOST}", scene.api.url


def _fetched(scene: Scene, url: str) -> str:
    """Ask for a file, and see that its host was asked in turn."""
    before = len(scene.asked)
    said = scene.ask("GET", f"/atelier/original/{scene.signed(url)}")
    assert len(scene.asked) > before, said
    return said


def _answered(call: str, made: Callable[[Foreign], Response]) -> Way:
    """Have the API answer a call with this, and make that call."""

    def go(scene: Scene, to: Foreign) -> list[str]:
        naming, job = scene.naming, f"job-{to.number}"
        naming.output, naming.instead = None, {call: made(to)}
        if call == "submission":
            told = [scene.heard("generate", "x", "2K", "disabled", 1, "png", "standard")]
        elif call == "catalogue":
            told = [scene.function("seal_token", {"token": "x"}), scene.function("price", {})]
        elif call == "cancel":
            told = [scene.heard("cancel", job)]
        else:
            told = [scene.heard("resume", job), *_asked(scene, job)]
        assert not naming.instead, told
        return told

    return go


def _on(to: Foreign, status: int) -> Response:
    return Response(status_code=status, headers={"Location": to.url})


def _names(to: Foreign) -> Response:
    links = {
        f"{name}_url": to.url for name in ("status", "result", "response", "cancel", "next", "webhook", "stream")
    }
    body = {
        "request_id": f"job-{to.number}",
        "status": "failed",
        "error": to.url,
        "base_price_usd": to.url,
        **links,
    }
    return JSONResponse(body, headers=_headers(to))


def _refuses(to: Foreign) -> Response:
    body = {"error_code": 403001, "error_message": to.url, "login_url": to.url}
    return JSONResponse(body, 403, {**_headers(to), "WWW-Authenticate": f'Bearer realm="{to.url}"'})


def _headers(to: Foreign) -> dict[str, str]:
    return {
        "Location": to.url,
        "Content-Location": to.url,
        "Refresh": f"0; url={to.url}",
        "Link": f'<{to.url}>; rel="preload"',
        "Alt-Svc": f'h2="{to.address}:443"',
        "Set-Cookie": f"x=1; Domain={to.name}",
    }
