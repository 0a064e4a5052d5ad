"""What the page's parts share: the model, the account, the running jobs, the files."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from weakref import WeakValueDictionary

from gradio.utils import get_upload_folder

from seedream.jobs.claims import open_claims
from seedream.jobs.job import JobSpec
from seedream.jobs.polling import PollingPolicy
from seedream.jobs.rate_limiter import RateLimiter
from seedream.jobs.registry import JobRegistry
from seedream.limits.limiter import Limits
from seedream.pictures.cache import PictureCache
from seedream.pictures.downloads import Downloads
from seedream.pictures.references import described
from seedream.runcomfy.client import ModelApi
from seedream.runcomfy.responses import Output
from seedream.schema import Model, Models, Request, load_models
from seedream.settings import Settings
from seedream.ui.sealed_tokens import SealedTokens
from seedream.ui.secret import app_secret
from seedream.ui.signed_urls import SignedUrls
from seedream.ui.tickets import Tickets
from seedream.ui.waiting_calls import WaitingCalls


@dataclass(frozen=True)
class Services:
    """One set for each app."""

    settings: Settings
    models: Models
    api: ModelApi
    registry: JobRegistry
    pictures: PictureCache
    signed_urls: SignedUrls
    sealed_tokens: SealedTokens
    tickets: Tickets
    limits: Limits | None
    owners_policy: PollingPolicy
    visitors_policy: PollingPolicy
    # Of accounts of visitors' own, each for as long as one of its jobs is under way.
    policies: WeakValueDictionary[str, PollingPolicy] = field(default_factory=WeakValueDictionary, repr=False)
    # Apart, as those who take up what there is not must not stand in the way of those who pay.
    making: WaitingCalls = field(default_factory=WaitingCalls)
    taking_up_again: WaitingCalls = field(default_factory=WaitingCalls)

    @property
    def model(self) -> Model:
        """The one that a form without references is for."""
        return self.models.plain

    def account(self, token: str | None) -> ModelApi:
        """Return the model as this token's account sees it; None: as the owner's does, or the stand-in."""
        if not token:
            return self.api
        return replace(self.api.with_token(token), base_url=self.settings.visitors_base_url)

    def draws_samples(self, token: str | None) -> bool:
        """Tell whether what this token's account asks for is drawn by the stand-in."""
        return self.settings.offline and not token

    def is_sample(self, output: Output) -> bool:
        """Tell whether the stand-in drew this."""
        return self.settings.offline and output.url.startswith(f"{self.settings.base_url}/")

    def submission(self, model: Model, request: Request, token: str | None, visitor: str) -> JobSpec:
        """Return the job that submits a request on this token's account; None: on the owner's.

        The limits protect the owner's balance: of a visitor who pays nothing is counted.
        """
        return JobSpec(
            replace(self.account(token), model_id=model.model_id),
            request,
            told=described(request),
            policy=self._policy(token),
            limits=None if token else self.limits,
            visitor=visitor,
        )

    def taking_up(self, request_id: str, token: str | None, visitor: str) -> JobSpec:
        """Return the job that takes up a submitted one, as this token's account sees it."""
        policy = self._policy(token)
        return JobSpec(self.account(token), request_id=request_id, policy=policy, visitor=visitor)

    def _policy(self, token: str | None) -> PollingPolicy:
        """Return how this token's jobs poll: at a rate of the account's own."""
        if token is None:
            return self.owners_policy
        policy = self.policies.get(token)
        if policy is None:
            policy = self.policies[token] = replace(self.visitors_policy, rate_limiter=RateLimiter())
        return policy


def make_services(settings: Settings, models: Models | None = None) -> Services:
    """Make what an app with these settings shares; `models`: default: those of the files."""
    models = models or load_models()
    rules, watch_seconds = settings.rules, settings.watch_seconds
    secret = app_secret(settings.secret)
    claims = open_claims(settings.limits_storage)
    downloads = Downloads(settings.base_url, beyond=settings.visitors_base_url)
    owners = PollingPolicy(rate_limiter=RateLimiter(settings.requests_per_second), watch_seconds=watch_seconds)
    return Services(
        settings=settings,
        models=models,
        api=ModelApi(settings.base_url, settings.token, models.plain.model_id),
        registry=JobRegistry(log_prompts=settings.log_prompts, claims=claims),
        # Where Gradio serves files from: what a script or an agent is given is not copied there once more.
        pictures=PictureCache(downloads, folder=Path(get_upload_folder())),
        signed_urls=SignedUrls(secret),
        sealed_tokens=SealedTokens(secret),
        tickets=Tickets(secret, claims),
        limits=Limits(rules, settings.limits_storage, watch_seconds) if rules else None,
        owners_policy=owners,
        # From how long samples take, nobody learns how long the model does.
        visitors_policy=PollingPolicy(watch_seconds=watch_seconds) if settings.offline else owners,
    )
