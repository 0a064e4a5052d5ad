"""The page's colours and measures as a Gradio theme: paper and ink, and one accent."""

from __future__ import annotations

from gradio.themes import Base, Color, sizes

# Contrast on its ground: ink 15:1, secondary ink 5.4:1, the accent 5.2:1; on dark 15:1, 7:1 and 7.5:1.
_PAPER = Color(
    c50="#faf8f4",
    c100="#f3efe8",
    c200="#e6e0d6",
    c300="#d3cbbe",
    c400="#a39a8c",
    c500="#6b645a",
    c600="#575148",
    c700="#3a362f",
    c800="#1b1a18",
    c900="#171614",
    c950="#121110",
    name="paper",
)
_ACCENT = Color(
    c50="#fff4ec",
    c100="#ffe6d5",
    c200="#fdc9a6",
    c300="#fba96f",
    c400="#f58a45",
    c500="#dd5a17",
    c600="#c2410c",
    c700="#a1350a",
    c800="#7f2a0a",
    c900="#5c1f09",
    c950="#331004",
    name="burnt-orange",
)
# A face for each script: the `lang` of the page picks among the CJK ones, whose shapes differ.
_SANS = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "Noto Sans", "sans-serif")


def theme() -> Base:
    """Return the theme, light and dark."""
    return Base(
        primary_hue=_ACCENT,
        secondary_hue=_PAPER,
        neutral_hue=_PAPER,
        radius_size=sizes.radius_md,
        text_size=sizes.text_md,
        spacing_size=sizes.spacing_md,
        font=_SANS,
        font_mono=("ui-monospace", "SFMono-Regular", "Menlo", "monospace"),
    ).set(
        body_background_fill="#faf8f4",
        body_background_fill_dark="#121110",
        body_text_color="#1f1b16",
        body_text_color_dark="#efeae0",
        body_text_color_subdued="#6b645a",
        body_text_color_subdued_dark="#b3aa9c",
        block_background_fill="#ffffff",
        block_background_fill_dark="#1b1a18",
        block_border_width="0px",
        block_shadow="none",
        block_label_text_color="#1f1b16",
        block_label_text_color_dark="#efeae0",
        block_title_text_color="#1f1b16",
        block_title_text_color_dark="#efeae0",
        block_title_text_weight="600",
        block_info_text_color="#6b645a",
        block_info_text_color_dark="#b3aa9c",
        input_border_width="1px",
        input_border_width_dark="1px",
        input_padding="8px 12px",
        input_background_fill="#ffffff",
        input_background_fill_dark="#121110",
        input_border_color="#d3cbbe",
        input_border_color_dark="#575148",
        input_border_color_focus="#c2410c",
        input_border_color_focus_dark="#f58a45",
        button_primary_background_fill="#c2410c",
        button_primary_background_fill_hover="#a1350a",
        button_primary_background_fill_dark="#f58a45",
        button_primary_background_fill_hover_dark="#fba96f",
        button_primary_text_color="#ffffff",
        button_primary_text_color_dark="#1f1b16",
        slider_color="#c2410c",
        slider_color_dark="#f58a45",
    )
