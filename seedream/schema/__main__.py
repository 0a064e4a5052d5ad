"""`python -m seedream.schema`: what the catalogue says else than the files; `--write` takes it over."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence

from seedream import schema, settings
from seedream.runcomfy.live_models import live_pages

_NO_TOKEN = "The catalogue is read with a token: set RUNCOMFY_TOKEN."  # noqa: S105 - a sentence


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the differences. Return 1 where the catalogue could not be read or makes no sense."""
    parser = argparse.ArgumentParser(prog="python -m seedream.schema", description=__doc__)
    parser.add_argument("--write", action="store_true", help="bring the files up to date")
    write = parser.parse_args(arguments).write
    known = settings.from_environment()
    if known.offline:
        sys.exit(_NO_TOKEN)
    files = {page["model_id"]: file for file, page in zip(schema.FILES, schema.pages(), strict=True)}
    live = live_pages(known, schema.pages())
    for model_id, found in live.items():
        said = [found.problem] if found.problem else found.differences or ["no difference"]
        print(f"{model_id}:", *said, sep="\n  ")
        if write and found.differences:
            files[model_id].write_text(
                f"{json.dumps(found.page, indent=2, ensure_ascii=False)}\n", encoding="utf-8"
            )
            print(f"  written to {files[model_id].name}")
    return int(any(found.problem for found in live.values()))


if __name__ == "__main__":
    sys.exit(main())
