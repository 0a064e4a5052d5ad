"""The Hub: what it has, what is done there, and its refusals in words."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi, get_token
from huggingface_hub.errors import HfHubHTTPError, RepositoryNotFoundError
from huggingface_hub.hf_api import RepoFile

from seedream.cli.exit_codes import Exit
from seedream.space import Secret, Space, Variable
from seedream.space.files import RemoteFile
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
        with self._kindly():
            try:
                info = self._api.space_info(self.name)
            except RepositoryNotFoundError:
                return None
            listed = self._api.list_repo_tree(self.name, recursive=True, repo_type=_KIND, revision=info.sha)
            return Found(
                head=info.sha,
                sdk=info.sdk,
                private=bool(info.private),
                files={each.path: _remote(each) for each in listed if isinstance(each, RepoFile)},
                variables={name: each.value for name, each in self._api.get_space_variables(self.name).items()},
                secrets=frozenset(self._api.get_space_secrets(self.name)),
            )

    def make(self, space: Space, *, private: bool) -> None:
        """Make the Space, with nothing in it yet."""
        with self._kindly():
            self._api.create_repo(
                self.name, repo_type=_KIND, space_sdk=str(space.hub["sdk"]), private=private or None
            )

    def hide(self) -> None:
        """Let only its owner see the Space."""
        with self._kindly():
            self._api.update_repo_settings(self.name, private=True, repo_type=_KIND)

    def set_variable(self, variable: Variable) -> None:
        """Set a variable to its default."""
        with self._kindly():
            self._api.add_space_variable(self.name, variable.name, variable.default, description=variable.meaning)

    def set_secret(self, secret: Secret, value: str) -> None:
        """Set a secret. Its value goes into the request's body, and nowhere else."""
        with self._kindly(hidden=value), _unlogged():
            self._api.add_space_secret(self.name, secret.name, value, description=secret.meaning)

    def upload(self, plan: Plan, files: Mapping[str, Path], head: str | None, message: str) -> str:
        """Make the plan's changes to the files in one commit on top of `head`, and return where it is shown."""
        with self._kindly():
            commit = self._api.create_commit(
                self.name,
                [
                    *(CommitOperationAdd(name, str(files[name])) for name in (*plan.added, *plan.changed)),
                    *(CommitOperationDelete(name, is_folder=False) for name in plan.removed),
                ],
                commit_message=message,
                repo_type=_KIND,
                parent_commit=head,
            )
            return commit.commit_url

    @contextmanager
    def _kindly(self, hidden: str = "") -> Iterator[None]:
        """Turn what goes wrong in the block into a `RefusedError`, with `hidden` left out of what it says."""
        try:
            yield
        except HfHubHTTPError as error:
            said = (error.server_message or "").strip() or f"HTTP {error.response.status_code}"
            raise self._refused(error.response.status_code, _without(said, hidden)) from None
        except Exception as error:
            said = _without(f"{error}", hidden)
            if isinstance(error, ValueError) and not isinstance(error, json.JSONDecodeError):
                raise RefusedError(f"The Hub can't use this: {said}", Exit.CONFIG) from None
            # What the HTTP and the storage client raise has no family of its own; all of it means: not done.
            raise RefusedError(f"The connection to the Hub failed ({said}). {_AGAIN}", Exit.TEMPFAIL) from None

    def _refused(self, status: int, said: str) -> RefusedError:
        owner = self.name.partition("/")[0]
        texts = {
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


def _remote(listed: RepoFile) -> RemoteFile:
    return RemoteFile(listed.blob_id, listed.lfs.sha256 if listed.lfs else None)


def _without(text: str, hidden: str) -> str:
    return text.replace(hidden, "…") if hidden else text


@contextmanager
def _unlogged() -> Iterator[None]:
    """Keep the Hub's client from writing requests down, as it does under HF_DEBUG, bodies and all."""
    log = logging.getLogger("huggingface_hub")
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        log.setLevel(level)
