"""A bare page with the kinds of components that the app's page has."""

from __future__ import annotations

import gradio as gr

with gr.Blocks() as demo:
    gr.HTML("<h1>Title</h1>")
    gr.Markdown("Tagline")
    with gr.Row():
        with gr.Column():
            gr.Textbox(label="Prompt", lines=5)
            gr.Dropdown(["a", "b"], label="Size")
            gr.Slider(1, 15, step=1, label="Pictures")
            with gr.Accordion("Advanced", open=False):
                gr.Dropdown(["a"], label="More")
            gr.Button("Generate")
        with gr.Column():
            gr.HTML("")

demo.launch()
