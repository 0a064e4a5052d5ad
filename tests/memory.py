"""What a process holds, as Linux counts it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

_MB = 1024 / 1e6
_FORGET_PEAK = "5"  # proc(5), clear_refs


@dataclass(frozen=True)
class Memory:
    """In MB: now, and at most since the peak was forgotten."""

    now: float
    peak: float


def memory(process: int) -> Memory:
    status = (Path("/proc") / str(process) / "status").read_text()
    lines = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
    return Memory(*(int(lines[name].split()[0]) * _MB for name in ("VmRSS", "VmHWM")))


def forget_peak(process: int) -> float:
    """Begin anew to look for the peak. Return what the process holds now, in MB."""
    (Path("/proc") / str(process) / "clear_refs").write_text(_FORGET_PEAK)
    return memory(process).now
