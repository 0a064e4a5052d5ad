"""A network of this process's own: every address there is leads into it, and whatever is sent there is heard.

To be run under `unshare`, as `IN_A_NAMESPACE` says.
"""

from __future__ import annotations

import ipaddress
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass, field
from pathlib import Path

IN_A_NAMESPACE = ("unshare", "--user", "--map-root-user", "--net", "--mount")
# Whatever address a socket is given is this machine's.
_EVERYWHERE = (
    ("ip", "link", "set", "lo", "up"),
    ("ip", "route", "add", "local", "0.0.0.0/0", "dev", "lo"),
    ("ip", "-6", "route", "add", "local", "::/0", "dev", "lo"),
)
_ALL_PROTOCOLS, _IPV4, _IPV6 = 3, 0x0800, 0x86DD
_SYN, _ACK = 0x02, 0x10
_BUFFER = 8 * 1024 * 1024


def missing() -> str | None:
    """Say why there can be no such network here, if that is so."""
    if sys.platform != "linux":
        return "only Linux has network namespaces"
    for name in ("unshare", "ip", "mount"):
        if shutil.which(name) is None:
            return f"{name} is not installed"
    both = f"{' '.join(_EVERYWHERE[0])} && mount --bind /etc/hosts /etc/hosts"
    tried = subprocess.run([*IN_A_NAMESPACE, "sh", "-c", both], capture_output=True, text=True, check=False)
    return f"no namespace to be had: {tried.stderr.strip()}" if tried.returncode else None


def open_up(names: dict[str, str]) -> None:
    """Lead every address to this machine; `names` have the addresses named here, all others are asked for."""
    for command in _EVERYWHERE:
        subprocess.run(command, check=True)
    hosts = "".join(f"{address} {name}\n" for name, address in {"localhost": "127.0.0.1", **names}.items())
    written = {"hosts": hosts, "resolv.conf": "nameserver 192.0.2.53\n", "nsswitch.conf": "hosts: files dns\n"}
    folder = Path(tempfile.mkdtemp())
    for name, text in written.items():
        there = Path("/etc", name).resolve()
        if there.exists():
            (folder / name).write_text(text, encoding="utf-8")
            subprocess.run(["mount", "--bind", str(folder / name), str(there)], check=True)
    shutil.rmtree(folder)


@dataclass(frozen=True)
class Packet:
    """The first of a connection, or any of what knows no connections."""

    address: str
    port: int
    content: bytes

    def __str__(self) -> str:
        return f"{self.address}:{self.port} {self.content[:80]!r}"


@dataclass
class Listener:
    """Hears every connection that anybody begins here, whatever the port, and every datagram.

    Attributes:
        known: addresses and ports that are no news.
    """

    known: set[tuple[str, int]] = field(default_factory=set)
    _all: list[Packet] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(_ALL_PROTOCOLS))
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def heard(self) -> list[Packet]:
        """Return what was sent to all others so far."""
        return [each for each in self._all if (each.address, each.port) not in self.known]

    def _listen(self) -> None:
        while True:
            raw, (_, protocol, kind, *_) = self._socket.recvfrom(65536)
            # Each comes twice, as it leaves and as it arrives.
            packet = None if kind == socket.PACKET_OUTGOING else _begun(raw, protocol)
            if packet:
                self._all.append(packet)


def _begun(raw: bytes, protocol: int) -> Packet | None:
    if protocol == _IPV4:
        address, kind, inner = raw[16:20], raw[9], raw[(raw[0] & 0x0F) * 4 :]
    elif protocol == _IPV6:
        address, kind, inner = raw[24:40], raw[6], raw[40:]
    else:
        return None
    if kind in (socket.IPPROTO_ICMP, socket.IPPROTO_ICMPV6):
        return None  # what nobody took is told so
    if kind == socket.IPPROTO_TCP and inner[13] & (_SYN | _ACK) != _SYN:
        return None
    return Packet(str(ipaddress.ip_address(address)), struct.unpack_from("!H", inner, 2)[0], inner[8:])
