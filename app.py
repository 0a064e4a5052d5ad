"""Seedream Atelier: settings, page, launch. What `python app.py` and a Hugging Face Space run."""

from __future__ import annotations

import logging

from seedream import settings as environment
from seedream.ui.page import launch_options, page
from seedream.ui.rooms import furnish

logging.basicConfig(format="%(asctime)s %(name)s %(message)s")
logging.getLogger("seedream").setLevel(logging.INFO)

settings = environment.from_environment()
if settings.offline:
    from seedream.offline import start_offline

    settings = settings.served_by(start_offline().url)

rooms = furnish(settings)
demo = page(rooms)

if __name__ == "__main__":
    demo.launch(**launch_options(rooms))
