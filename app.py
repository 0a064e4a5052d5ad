"""Seedream Atelier: settings, page, launch. What `python app.py` and a Hugging Face Space run."""

from __future__ import annotations

import atexit
import logging
import os
import signal
import sys

from seedream import settings as environment
from seedream.cli.output import take_every_letter
from seedream.runcomfy.live_models import NoSchemaError, read_models
from seedream.ui.connections import bound_connections
from seedream.ui.page import launch_options, page
from seedream.ui.repeated_lines import quiet_repetitions
from seedream.ui.services import make_services
from seedream.ui.sign_in import lacks_packages

take_every_letter()
logging.basicConfig(format="%(asctime)s %(name)s %(message)s")
logging.getLogger("seedream").setLevel(logging.INFO)
quiet_repetitions()

settings = environment.from_environment()
if settings.offline:
    from seedream.offline import start_offline

    service = start_offline()
    atexit.register(service.stop)
    settings = settings.served_by(service.url)
    logging.getLogger("seedream").info(
        "There is no RunComfy token, so the pictures are samples; with RUNCOMFY_TOKEN=... in .env they are real"
    )

if settings.sign_in and lacks_packages():
    sys.exit("The page can't start: to sign visitors in, it needs what `pip install 'gradio[oauth]'` installs")
try:
    models = read_models(settings)
except NoSchemaError as error:
    sys.exit(f"The page can't start: {error}")
services = make_services(settings, models)
atexit.register(services.pictures.close)
demo = page(services)

if __name__ == "__main__":
    # Left to itself, uvicorn takes a visitor's word for its address wherever a proxy sits on the same machine;
    # `trusted_proxies` says whom to believe, and the limits count by it.
    os.environ["FORWARDED_ALLOW_IPS"] = ""
    # How a host stops its containers, a terminal that is closed its programs, and Windows both; leaving by the
    # front door drops the temporary files.
    for name in ("SIGTERM", "SIGHUP", "SIGBREAK"):
        number = getattr(signal, name, None)
        if number and signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, lambda *_: sys.exit())
    bound_connections()
    demo.launch(**launch_options(services))
