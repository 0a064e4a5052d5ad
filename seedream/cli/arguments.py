"""What the arguments mean. The flags of the model's fields come from its schema, which checks their values."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from seedream import texts
from seedream.cli.exit_codes import Exit
from seedream.schema import Field, Model, Models
from seedream.schema.words import label

PROGRAM = "python -m seedream"
_HELP = f"{PROGRAM} --help"
_PROMPT = "prompt"
_STANDARD_INPUT = "-"
_UNBROKEN = "\N{NO-BREAK SPACE}"


class UsageError(Exception):
    """The arguments make no sense together; the text says which, and what would."""


@dataclass(frozen=True)
class Asked:
    """What the arguments ask for.

    Attributes:
        values: the schema's fields that were named.
        model_id: of the model that they go to; None with `resume`.
        resume: the request ID of the job to take up; None to submit one.
        folder: where the files go.
        json: whether standard output gets JSON.
    """

    values: Mapping[str, str | list[str]]
    model_id: str | None
    resume: str | None
    folder: Path
    json: bool


def understood(arguments: Sequence[str], models: Models, language: str) -> Asked:
    """Return what these arguments ask for; the prompt `-` is read from standard input.

    Raises:
        UsageError: they make no sense.
        SystemExit: they asked for help and got it.
    """
    parser = _parser(models, language)
    found = vars(parser.parse_args(arguments))
    values = {name: found[name] for name in _fields(models) if found[name] is not None}
    model = models.of(values)
    if found["resume"] is not None:
        if values:
            raise UsageError(texts.text("command.resume_alone", language))
    elif _PROMPT not in values:
        raise UsageError(texts.text("command.no_prompt", language, command=_HELP))
    else:
        _check_idle(model, values, language)
        if values[_PROMPT] == _STANDARD_INPUT:
            values[_PROMPT] = _read_prompt(language)
    model_id = model.model_id if found["resume"] is None else None
    return Asked(values, model_id, found["resume"], found["folder"], found["json"])


class _Parser(argparse.ArgumentParser):
    """Leaves it to the program what a mistake looks like and which exit code it has."""

    language = texts.FALLBACK

    def error(self, message: str) -> NoReturn:
        raise UsageError(texts.text("command.unclear", self.language, problem=message, command=_HELP))


class _Formatter(argparse.RawDescriptionHelpFormatter):
    """Breaks no line inside a value, which is there to be copied."""

    def format_help(self) -> str:
        return super().format_help().replace(_UNBROKEN, " ")


def _parser(models: Models, language: str) -> argparse.ArgumentParser:
    def said(key: str) -> str:
        return texts.text(f"command.help.{key}", language)

    name_of_model = models.plain.name or texts.text("model.name", language)
    parser = _Parser(
        prog=PROGRAM,
        description=f"{texts.text('command.help.about', language, model=name_of_model)}\n{said('token')}",
        epilog=_codes(language),
        formatter_class=_Formatter,
        allow_abbrev=False,
        add_help=False,
    )
    parser.language = language
    asked = parser.add_argument_group(said("request"))
    for name, (field, model) in _fields(models).items():
        if name == _PROMPT:
            asked.add_argument(_PROMPT, nargs="?", help=said("prompt"))
        else:
            how_often = "append" if field.references and not field.single else "store"
            meaning = _meaning(field, model, language)
            asked.add_argument(_flag(field), dest=name, action=how_often, metavar="…", help=meaning)
    how = parser.add_argument_group(said("how"))
    how.add_argument("-o", "--output", dest="folder", type=Path, default=Path(), metavar="…", help=said("folder"))
    how.add_argument("--json", action="store_true", help=said("json"))
    how.add_argument("--resume", metavar="REQUEST_ID", help=said("resume"))
    how.add_argument("-h", "--help", action="help", help=said("help"))
    return parser


def _fields(models: Models) -> dict[str, tuple[Field, Model]]:
    """Return the fields of all models, each by its name, with the first model that has it."""
    every = [(field, model) for model in reversed(models.both) for field in model.fields]
    return {field.name: (field, model) for field, model in every}


def _flag(field: Field) -> str:
    return f"--{field.name.replace('_', '-')}"


def _meaning(field: Field, model: Model, language: str) -> str:
    """Return a flag's line of help: what it is, what it can be, and when it counts."""
    parts = [] if field.references else [label(field, language)]
    facts: dict[str, object] = {"default": _quoted(field.default)}
    if field.references:
        parts.append(texts.text("command.help.pictures", language, most=field.references.most))
    elif field.kind == "number" and field.lowest is not None and field.highest is not None:
        ends = {"lowest": field.lowest, "highest": field.highest}
        parts.append(texts.text("command.help.range", language, **ends, **facts))
    elif choices := field.choices or (("true", "false") if field.kind == "boolean" else ()):
        facts["choices"] = ", ".join(_quoted(choice).replace(" ", _UNBROKEN) for choice in choices)
        parts.append(texts.text("command.help.choices", language, **facts))
    if needed := _needed(field, model):
        parts.append(texts.text("command.help.applies", language, needed=needed))
    # argparse reads a percent sign as the beginning of a placeholder.
    return "; ".join(parts).replace("%", "%%")


def _quoted(value: object) -> str:
    """Return a value as a shell takes it."""
    return f'"{value}"' if " " in str(value) else str(value)


def _needed(field: Field, model: Model) -> str:
    """Return the flags without which this one does not count."""
    return " ".join(f"{_flag(model.field(name))} {_quoted(value)}" for name, value in field.applies_when.items())


def _check_idle(model: Model, values: Mapping[str, object], language: str) -> None:
    """Refuse a flag that would silently be left out: whoever wrote it meant something by it."""
    chosen = {**model.defaults, **values}
    for field in model.fields:
        if field.name in values and not field.applies(chosen):
            needed = _needed(field, model)
            raise UsageError(texts.text("command.idle_flag", language, flag=_flag(field), needed=needed))


def _read_prompt(language: str) -> str:
    try:
        return sys.stdin.buffer.read().decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        raise UsageError(texts.text("command.not_utf8", language)) from None


def _codes(language: str) -> str:
    lines = [f"  {code:<5} {texts.text(f'command.code.{code}', language)}" for code in Exit]
    return "\n".join([f"{texts.text('command.help.codes', language)}:", *lines])
