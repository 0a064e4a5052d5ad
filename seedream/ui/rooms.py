"""What the page's parts share: the model, the account, the running jobs, the files."""

from __future__ import annotations

from dataclasses import dataclass, replace

from seedream.ceiling import Ceiling
from seedream.client import ModelApi
from seedream.desk import Desk
from seedream.downloads import Downloads
from seedream.jobs import Pace
from seedream.limits import Limits
from seedream.pictures import Pictures
from seedream.schema import Model, load
from seedream.settings import Settings
from seedream.ui.links import Links
from seedream.ui.visits import Visits


@dataclass(frozen=True)
class Rooms:
    """One set for each app."""

    settings: Settings
    model: Model
    api: ModelApi
    desk: Desk
    pictures: Pictures
    links: Links
    visits: Visits
    limits: Limits | None
    owners_pace: Pace

    def account(self, token: str | None) -> ModelApi:
        """Return the model as this token's account sees it; None: as the owner's does."""
        return self.api.with_token(token) if token else self.api

    def pace(self, token: str | None) -> Pace:
        """Return how this token's jobs wait. The ceiling is the owner's: a visitor's few never reach it."""
        return replace(self.owners_pace, ceiling=Ceiling()) if token else self.owners_pace


def furnish(settings: Settings, model: Model | None = None) -> Rooms:
    """Make the rooms for these settings."""
    model = model or load()
    return Rooms(
        settings=settings,
        model=model,
        api=ModelApi(settings.base_url, settings.token, model.model_id),
        desk=Desk(log_prompts=settings.log_prompts),
        pictures=Pictures(Downloads(settings.base_url)),
        links=Links(settings.secret.encode()),
        visits=Visits(),
        limits=Limits(settings.rules, settings.limits_storage) if settings.rules else None,
        owners_pace=Pace(ceiling=Ceiling(settings.requests_per_second), watch_seconds=settings.watch_seconds),
    )
