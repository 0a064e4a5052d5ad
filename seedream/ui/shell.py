"""The page before any script has run: its head, the form's shape, and the starting points as pictures to press.

It stands in the page's first HTML. Who was here before sees their own newest pictures there, which their browser
alone knows (`static/shell/wall.js`). `static/shell/shell.js` takes the pictures over, and takes the rest away once
Gradio has drawn the form.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape

from seedream import texts
from seedream.schema import Model
from seedream.settings import Settings
from seedream.ui.account import Account
from seedream.ui.assets import static_path
from seedream.ui.bundle import STATIC
from seedream.ui.controls import has_sizes, offered
from seedream.ui.examples import examples
from seedream.ui.showcase import Showcased, showcase

# Where it is said who has signed in: the one thing that differs between visitors.
_SIGNED_IN = "<!-- signed in -->"
# Of this project's own, one for each example: illustrations, which nobody may take for the model's work.
_DRAWINGS = STATIC / "drawings"
_VIEW_BOX = re.compile(r'viewBox="0 0 (\d+) (\d+)"')


class Shell:
    """Makes the shell in each language, once.

    Args:
        model: what the page is for.
        settings: what it offers.
    """

    def __init__(self, model: Model, settings: Settings) -> None:
        self._model = model
        self._offered = offered(model, settings.rules)
        self._settings = settings
        self._made: dict[str, str] = {}

    def html(self, language: str, account: Account | None = None) -> str:
        """Return the shell in a language that there is, for who has signed in."""
        if language not in self._made:
            self._made[language] = "".join(self._lines(language))
        return self._made[language].replace(_SIGNED_IN, _signed_in(language, account), 1)

    def _lines(self, language: str) -> Iterator[str]:
        def said(key: str) -> str:
            return escape(texts.text(key, language))

        title = escape(self._model.name) if self._model.name else said("page.title")
        # Nothing here does anything yet, so nobody is led to it.
        yield f'<page-shell inert lang="{language}" data-language="{language}"><div class="shell">'
        yield f'<div class="shell-head"><div class="shell-title">{title}</div>'
        if not self._model.name:
            yield f'<p class="shell-tagline">{said("page.tagline")}</p>'
        if self._settings.offline:
            badge, sentence = said("offline.banner").removeprefix("**").split("**")
            yield f'<p class="shell-demo"><b>{badge}</b>{sentence}</p>'
        if self._settings.sign_in:
            yield _SIGNED_IN
        yield "</div>"
        yield '<div class="shell-body"><div class="shell-form">'
        prompt = f"<b>{said('field.prompt.label')}</b><span>{said('field.prompt.info')}</span>"
        yield f'<div class="shell-prompt">{prompt}<i></i></div>'
        yield '<i class="shell-line"></i>'
        if has_sizes(self._offered):
            yield '<i class="shell-sizes"></i><i class="shell-line"></i>'
        yield '<i class="shell-choice"></i><i class="shell-choice"></i>'
        yield f'<div class="shell-send"><b>{said("form.generate")}</b></div></div>'
        yield f'<div class="shell-gallery"><shell-wall></shell-wall>{self._welcome(language)}</div></div>'
        yield f'</div></page-shell><p class="shell-failure" role="alert" hidden>{said("page.not_started")}</p>'
        yield f'<noscript><p class="shell-failure">{said("page.needs_scripts")}</p></noscript>'

    def _welcome(self, language: str) -> str:
        starts, made = examples(self._offered), showcase(self._offered.model_id)
        # Either all of them are the model's, or none is: nobody has to tell which.
        real = made if all(each.name in made for each in starts) else {}
        note = "start.made" if real else "start.drawn"
        cards = "".join(_card(each.name, language, real.get(each.name)) for each in starts)
        first, second = (escape(texts.text(key, language)) for key in ("page.empty", note))
        return (
            f'<div class="gallery-empty"><p>{first}</p><p class="start-note">{second}</p>'
            f'<div class="start-pictures" data-note="{note}">{cards}</div><i></i></div>'
        )


def _signed_in(language: str, account: Account | None) -> str:
    if account is None:
        words = escape(texts.text("form.sign_in", language))
        return f'<p class="shell-signed-in"><span class="shell-button">{words}</span></p>'
    name, words = escape(account.name), escape(texts.text("sign_in.as", language, name=account.name))
    out = escape(texts.text("sign_in.out", language))
    return (
        f'<p class="shell-signed-in" data-name="{name}"><span class="signed-in-name">{words}</span>'
        f'<span class="shell-button">{out}</span></p>'
    )


def _card(name: str, language: str, made: Showcased | None) -> str:
    title = escape(texts.text(f"example.{name}.title", language))
    if made:
        alt = escape(texts.text("start.made_alt", language))
        ratio = made.width / made.height
        picture = f'<img src="{static_path()}/{made.path}" alt="{alt}" decoding="async">'
    else:
        alt = escape(texts.text("start.drawn_alt", language))
        drawing = (_DRAWINGS / f"{name}.svg").read_text(encoding="utf-8").replace("\n", "")
        ratio = _ratio(drawing)
        picture = drawing.replace("<svg ", f'<svg role="img" aria-label="{alt}" ', 1)
    return (
        f'<button type="button" class="start-card" data-start="{name}" style="--ratio:{ratio:.4f}">'
        f'<span class="start-picture">{picture}</span><span class="start-name">{title}</span></button>'
    )


def _ratio(drawing: str) -> float:
    found = _VIEW_BOX.search(drawing)
    assert found  # noqa: S101 - each of our drawings has one
    return int(found[1]) / int(found[2])
