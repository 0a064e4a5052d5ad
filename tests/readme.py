"""README's generated parts: the front matter for the Space, and the table of fields. `--write` renews them."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import yaml  # type: ignore[import-untyped]

from seedream import texts
from seedream.schema import Field, Model
from seedream.schema import load as load_model
from seedream.space import ROOT, Space
from seedream.space import load as load_space

README = ROOT / "README.md"


def generated(readme: str, model: Model, space: Space) -> str:
    """Return README's text with its generated parts made anew."""
    body = re.sub(r"\A---\n.*?\n---\n\n?", "", readme, flags=re.DOTALL)
    body = re.sub(
        r"<!-- fields -->\n.*?<!-- /fields -->",
        lambda _: f"<!-- fields -->\n{fields_table(model)}<!-- /fields -->",
        body,
        flags=re.DOTALL,
    )
    # By it the Hub knows the Space.
    head = yaml.safe_dump(dict(space.hub), sort_keys=False, allow_unicode=True)
    return f"---\n{head}---\n\n{body}"


def fields_table(model: Model) -> str:
    """Return the table of a model's fields, in Markdown."""
    rows = [
        f"| `{field.name}` | {texts.text(f'field.{field.name}.label')} | {_values(field)} | {_default(field)} |\n"
        for field in model.fields
    ]
    return "| field | on the page | values | default |\n| --- | --- | --- | --- |\n" + "".join(rows)


def _values(field: Field) -> str:
    if field.kind == "text":
        return "text"
    if field.kind == "number":
        return f"{field.choices[0]} to {field.choices[-1]}"
    return ", ".join(f"`{choice}`" for choice in field.choices)


def _default(field: Field) -> str:
    return "must be given" if field.required else f"`{field.default}`"


def main(path: Path = README) -> None:
    made = generated(path.read_text(encoding="utf-8"), load_model(), load_space())
    if "--write" in sys.argv:
        path.write_text(made, encoding="utf-8")
    else:
        print(made)


if __name__ == "__main__":
    main()
