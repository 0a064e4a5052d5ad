"""Programs that the tests need beside Python: the system's, else Debian's package."""

from __future__ import annotations

import os
import shutil
import subprocess


def program(name: str, package: str | None = None) -> str:
    """Return where a program is, its Debian package installed if need be (default: of the same name).

    Raises:
        RuntimeError: it is not there, and could not be installed.
    """
    found = shutil.which(name)
    if not found:
        install(package or name)
        found = shutil.which(name)
    if not found:
        raise RuntimeError(
            f"There is no {name}, and none could be installed: try `apt install {package or name}`."
        )
    return found


def install(package: str) -> None:
    """Install a package, where this is Debian and one may."""
    if not shutil.which("apt-get"):
        return
    sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (["update"], ["install", "-y", "--no-install-recommends", package]):
        subprocess.run([*sudo, "apt-get", "-qq", *arguments], check=False, env=environment)
