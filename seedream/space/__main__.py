"""`python -m seedream.space deploy OWNER/NAME`: make the Space at the Hub what this repository says it is."""

from __future__ import annotations

import argparse
import getpass
import os
import re
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import NoReturn

from huggingface_hub.utils.tqdm import disable_progress_bars

from seedream.cli.exit_codes import Exit
from seedream.cli.output import take_every_letter
from seedream.space import ROOT, Secret, Space, head, load, needed
from seedream.space.hub import Hub, RefusedError
from seedream.space.plan import Asked, Found, compare

_NAME = re.compile(r"[\w.-]+/[\w.-]+", re.ASCII)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(Exit.USAGE, f"{message}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code: 0 where the Space is as it should be, else one of sysexits.h."""
    take_every_letter()
    asked = _parser().parse_args(arguments, namespace=Asked())
    disable_progress_bars()
    try:
        _deploy(asked)
    except RefusedError as error:
        print(error, file=sys.stderr)
        return error.code
    except KeyboardInterrupt:
        print("\nStopped. Run the same command again: it goes on from what is there.", file=sys.stderr)
        return Exit.INTERRUPTED
    return Exit.OK


def _deploy(asked: Asked) -> None:
    try:
        space, files = load(), needed(ROOT)
    except FileNotFoundError as error:
        raise RefusedError(
            f"{ROOT} is not the whole repository: {error} is missing. Run this in a copy of it.", Exit.NOINPUT
        ) from None
    if head(files["README.md"]) != space.hub:
        raise RefusedError(
            "The head of README.md is not what space.yaml says, and the Hub goes by the head. Nothing was "
            "changed. Run `python -m tests.readme --write`, then this again.",
            Exit.CONFIG,
        )
    hub = Hub(asked.name)
    found = _ours(hub, space)
    plan = compare(space, files, found, asked)
    print(hub.url)
    for variable, value in plan.kept:
        print(
            f"{variable.name} stays {value}, as this Space has it; --reset-variables makes it {variable.default}."
        )
    if asked.dry_run:
        print(*(plan.lines() if not plan.done or plan.secrets else ["Nothing to do."]), sep="\n")
        print("This is the plan. Nothing was changed.")
        return
    # Asked first, so that nobody has to wait for the question.
    secrets = {secret: value for secret in plan.secrets if (value := _ask(secret))}
    if plan.done and not secrets:
        print("Nothing to do: the Space is as it should be.")
        return
    if plan.make:
        hub.make(space, private=plan.private)
        print(f"Made the Space{', for its owner alone' if plan.private else ''}.")
        found = _ours(hub, space)
        plan = compare(space, files, found, asked)
    for step in hub.carry_out(plan, secrets, files, found.head if found else None):
        print(step)
    print("Done. The Hub builds the Space now, which takes a few minutes.")


def _ours(hub: Hub, space: Space) -> Found | None:
    found = hub.look()
    if found and found.is_something_else(space):
        raise RefusedError(
            f"There is a Space {hub.name} already, and it is something else: its files would be lost. Nothing was "
            "changed. Choose another name, or delete that Space at the Hub first.",
            Exit.CANTCREAT,
        )
    return found


def _ask(secret: Secret) -> str:
    """Return the secret from the environment, or from whoever sits at the terminal; empty: leave it out."""
    given = os.environ.get(secret.name, "").strip()
    if given:
        print(f"{secret.name} is taken from the environment.")
        return given
    if sys.stdin.isatty():
        print(secret.meaning)
        with suppress(EOFError):
            return getpass.getpass(f"{secret.name} (not shown; just Enter leaves it out): ").strip()
        return ""
    print(f"{secret.name} is left out: there is no terminal to ask at, and the environment does not have it.")
    return ""


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m seedream.space", description="The Hugging Face Space that space.yaml describes."
    )
    deploy = parser.add_subparsers(required=True, metavar="deploy").add_parser(
        "deploy",
        help="make the Space, or bring it up to date",
        description="Make the Space, or bring it up to date.",
    )
    deploy.add_argument("name", metavar="OWNER/NAME", type=_name, help="you or your organization, and a name")
    deploy.add_argument("--dry-run", action="store_true", help="say what would be done, and change nothing")
    deploy.add_argument("--private", action="store_true", help="only the owner may see it")
    deploy.add_argument("--new-secret", action="store_true", help="set the secret anew, though the Space has one")
    deploy.add_argument(
        "--reset-variables", action="store_true", help="set the variables back that you changed at the Hub"
    )
    return parser


def _name(given: str) -> str:
    if not _NAME.fullmatch(given):
        raise argparse.ArgumentTypeError(f"{given!r} is not of the form OWNER/NAME, such as ada/atelier")
    return given


if __name__ == "__main__":
    sys.exit(main())
