"""`python -m seedream.offline`: the stand-in in the foreground, for any client of the Model API."""

from __future__ import annotations

import argparse
import os
import signal
import threading

from seedream.offline import Options, start_offline


def main() -> None:
    options = _arguments()
    # A container is ended by SIGTERM: it has to run the same way out, where the files are removed.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        service = start_offline(Options(options.queue_seconds, options.drawing_seconds), options.port)
    except OSError as error:
        raise SystemExit(f"Port {options.port} cannot be used: {os.strerror(error.errno or 0)}.") from error
    with service:
        print(f"A stand-in of RunComfy's Model API is at {service.url}. Its pictures are samples.", flush=True)
        print(f"Use it:  RUNCOMFY_BASE_URL={service.url} RUNCOMFY_TOKEN=anything python app.py", flush=True)
        print("End it:  Ctrl-C", flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            print("Ending.", flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m seedream.offline", description=__doc__)
    parser.add_argument("--port", type=int, default=8800, help="0 takes a free one (default: %(default)s)")
    for name in ("queue_seconds", "drawing_seconds"):
        flag, default = f"--{name.replace('_', '-')}", getattr(Options, name)
        parser.add_argument(flag, type=float, default=default, help="at least (default: %(default)s)")
    return parser.parse_args()


if __name__ == "__main__":
    main()
