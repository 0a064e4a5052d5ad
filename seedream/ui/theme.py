"""The page's colours and measures as a Gradio theme; the colours are the style sheets' own."""

from __future__ import annotations

import re

from gradio.themes import Base, colors

from seedream.ui.bundle import STATIC

_BLOCK = re.compile(r"(:root|\.dark)[^{]*\{([^}]*)\}")
_COLOR = re.compile(r"--([\w-]+): (#\w+);")
# Gradio's names for what has a colour of ours, in the dark too.
_COLORS = {
    "background_fill_primary": "input",
    "background_fill_secondary": "field",
    "block_background_fill": "card",
    "block_label_text_color": "ink",
    "block_title_text_color": "ink",
    "body_background_fill": "paper",
    "body_text_color": "ink",
    "body_text_color_subdued": "ink-2",
    "border_color_primary": "line",
    "button_primary_background_fill": "accent",
    "button_primary_background_fill_hover": "accent-2",
    "button_primary_border_color": "accent",
    "button_primary_border_color_hover": "accent",
    "button_primary_text_color": "on-accent",
    "input_background_fill": "input",
    "input_border_color": "input-line",
    "input_border_color_focus": "accent",
    "slider_color": "accent",
}


def theme() -> Base:
    """Return the theme, light and dark."""
    # Values, not references to the sheets' names: Gradio paints the first of them before any sheet is there.
    sheet = (STATIC / "palette.css").read_text(encoding="utf-8")
    light, dark = (dict(_COLOR.findall(block)) for _, block in _BLOCK.findall(sheet))
    return Base(
        primary_hue=colors.orange,
        secondary_hue=colors.stone,
        neutral_hue=colors.stone,
        font=("system-ui", "sans-serif"),
        font_mono=("ui-monospace", "SFMono-Regular", "Menlo", "monospace"),
    ).set(
        **{name: light[color] for name, color in _COLORS.items()},
        **{f"{name}_dark": dark[color] for name, color in _COLORS.items()},
        block_border_width="0px",
        block_title_text_weight="600",
        input_border_width="1px",
        input_padding="8px 12px",
    )
