"""The Hub: what it has, what is done there, and its refusals in words."""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi, get_token
from huggingface_hub.errors import HfHubHTTPError, RepositoryNotFoundError
from huggingface_hub.hf_api import RepoFile

from seedream.cli.exit_codes import Exit
from seedream.space import Secret, Space
from seedream.space.plan import Found, Plan

_KIND = "space"
_LOG_IN = (
    "Log in with `hf auth login`, or set HF_TOKEN to a token that may write (huggingface.co/settings/tokens)."
)
_AGAIN = "Run the same command again: it goes on from what is there."


class RefusedError(Exception):
    """The Hub did not do it. The text says why and what helps."""

    def __init__(self, sentence: str, code: Exit) -> None:
        super().__init__(sentence)
        self.code = code


class Hub:
    """One Space at the Hub.

    Args:
        name: `OWNER/NAME`.

    Raises:
        RefusedError: nobody is logged in. So do all methods, where the Hub does not do what they ask.
    """

    def __init__(self, name: str) -> None:
        token = get_token()
        if not token:
            raise RefusedError(f"You are not logged in at the Hub. {_LOG_IN}", Exit.NOPERM)
        self._api = HfApi(token=token)
        self.name = name

    @property
    def url(self) -> str:
        return f"{self._api.endpoint}/spaces/{self.name}"

    def look(self) -> Found | None:
        """Return what the Hub has, or None where there is no such Space. Changes nothing."""
        with self._refusals():
            try:
                info = self._api.space_info(self.name)
            except RepositoryNotFoundError:
                return None
            listed = self._api.list_repo_tree(self.name, recursive=True, repo_type=_KIND, revision=info.sha)
            return Found(
                head=info.sha,
                sdk=info.sdk,
                private=bool(info.private),
                files={each.path: each for each in listed if isinstance(each, RepoFile)},
                variables={name: each.value for name, each in self._api.get_space_variables(self.name).items()},
                secrets=frozenset(self._api.get_space_secrets(self.name)),
            )

    def make(self, space: Space, *, private: bool) -> None:
        """Make the Space, with nothing in it yet."""
        with self._refusals():
            sdk = str(space.hub["sdk"])
            self._api.create_repo(self.name, repo_type=_KIND, space_sdk=sdk, private=private or None)

    def carry_out(
        self, plan: Plan, secrets: Mapping[Secret, str], files: Mapping[str, Path], head: str | None
    ) -> Iterator[str]:
        """Do what the plan says, and tell each step when it is done. The files are one commit on top of `head`."""
        with self._refusals(hidden=secrets.values()):
            if plan.private:
                self._api.update_repo_settings(self.name, private=True, repo_type=_KIND)
                yield "Hid the Space: only its owner may see it."
            for each in plan.variables:
                self._api.add_space_variable(self.name, each.name, each.default, description=each.meaning)
                yield f"Set {each.name} to {each.default}."
            for secret, value in secrets.items():
                # Under HF_DEBUG the client writes requests down, bodies and all.
                logging.disable(logging.WARNING)
                try:
                    self._api.add_space_secret(self.name, secret.name, value, description=secret.meaning)
                finally:
                    logging.disable(logging.NOTSET)
                yield f"Set the secret {secret.name}."
            if plan.files:
                # Last: what it starts has its settings by then.
                changes = [
                    CommitOperationDelete(name, is_folder=False)
                    if what == "remove"
                    else CommitOperationAdd(name, files[name])
                    for name, what in plan.files.items()
                ]
                commit = self._api.create_commit(
                    self.name,
                    changes,
                    commit_message="Deploy Seedream Atelier",
                    repo_type=_KIND,
                    parent_commit=head,
                )
                many = Counter(plan.files.values())
                done = f"{many['add']} added, {many['change']} changed, {many['remove']} removed"
                yield f"Files: {done}, in one commit: {commit.commit_url}"

    @contextmanager
    def _refusals(self, hidden: Iterable[str] = ()) -> Iterator[None]:
        """Turn what goes wrong in the block into a `RefusedError` that says nothing `hidden`."""
        try:
            yield
        except HfHubHTTPError as error:
            status = error.response.status_code
            said = (error.server_message or "").strip() or f"HTTP {status}"
        except Exception as error:
            # What the HTTP and the storage client raise has no family of its own; all of it means: not done.
            status = 400 if isinstance(error, ValueError) and not isinstance(error, json.JSONDecodeError) else 0
            said = f"{error}"
        else:
            return
        for value in hidden:
            said = said.replace(value, "…")
        raise self._refused(status, said)

    def _refused(self, status: int, said: str) -> RefusedError:
        owner = self.name.partition("/")[0]
        texts = {
            0: (f"The connection to the Hub failed ({said}). {_AGAIN}", Exit.TEMPFAIL),
            400: (f"The Hub can't use this: {said}", Exit.CONFIG),
            401: (f"The Hub does not accept your token. {_LOG_IN}", Exit.NOPERM),
            402: (f"The Hub wants to be paid for a Space of this kind: {said}", Exit.NOPERM),
            403: (
                f"You may not change {self.name}: {said} If {owner} is you, your token may only read; if it is an "
                f"organization, it has to let you write. {_LOG_IN}",
                Exit.NOPERM,
            ),
            404: (f"{self.name} has gone, or this token may not see it. {_AGAIN}", Exit.TEMPFAIL),
            409: (f"The name {self.name} is taken: {said} Choose another one.", Exit.CANTCREAT),
            412: (
                f"Somebody else changed {self.name} just now, so no file was uploaded. Look with --dry-run at "
                "what would be changed back, then run the same command again.",
                Exit.TEMPFAIL,
            ),
            429: (f"The Hub asks to be left alone for a while: {said} {_AGAIN}", Exit.TEMPFAIL),
        }
        trouble = (f"The Hub has a trouble of its own ({status}: {said}). {_AGAIN}", Exit.TEMPFAIL)
        return RefusedError(*texts.get(status, trouble))
