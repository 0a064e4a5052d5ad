"""What the page's parts share: the model, the account, the running jobs, the files."""

from __future__ import annotations

from dataclasses import dataclass

from seedream.client import ModelApi
from seedream.desk import Desk
from seedream.downloads import Downloads
from seedream.pictures import Pictures
from seedream.schema import Model, load
from seedream.settings import Settings
from seedream.ui.links import Links


@dataclass(frozen=True)
class Rooms:
    """One set for each app."""

    settings: Settings
    model: Model
    api: ModelApi
    desk: Desk
    pictures: Pictures
    links: Links


def furnish(settings: Settings, model: Model | None = None) -> Rooms:
    """Make the rooms for these settings."""
    model = model or load()
    return Rooms(
        settings=settings,
        model=model,
        api=ModelApi(settings.base_url, settings.token, model.model_id),
        desk=Desk(),
        pictures=Pictures(Downloads(settings.base_url)),
        links=Links(),
    )
