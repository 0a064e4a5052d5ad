"""The pattern of the public Seedream demos, as a peer to measure against: what one writes first, and it works.

Poll every two seconds, download one after the other, re-encode each with Pillow as the file to keep, hand the
pictures to the gallery; Gradio encodes them once more, and serves one visitor at a time.
"""

from __future__ import annotations

import os
import tempfile
import time
import uuid
from io import BytesIO
from pathlib import Path

import gradio as gr
import requests
from PIL import Image

BASE_URL = os.environ.get("RUNCOMFY_BASE_URL", "")
HEADERS = {"Authorization": f"Bearer {os.environ.get('RUNCOMFY_TOKEN', '')}"}
MODEL = "bytedance/seedream-5/lite/text-to-image"
POLL_SECONDS = 2.0
FOLDER = Path(tempfile.mkdtemp())


def generate(prompt: str, resolution: str, sequential: str, max_images: float) -> list[Image.Image]:
    body = {"prompt": prompt, "resolution": resolution, "sequential_image_generation": sequential}
    if sequential == "auto":
        body["max_images"] = int(max_images)  # type: ignore[assignment]
    submitted = requests.post(f"{BASE_URL}/v1/models/{MODEL}", json=body, headers=HEADERS, timeout=60).json()
    request = f"{BASE_URL}/v1/requests/{submitted['request_id']}"
    while True:
        status = requests.get(f"{request}/status", headers=HEADERS, timeout=60).json()["status"]
        if status == "completed":
            break
        time.sleep(POLL_SECONDS)
    output = requests.get(f"{request}/result", headers=HEADERS, timeout=60).json()["output"]
    urls = output.get("images") or [output["image"]]
    return [kept(url) for url in urls]


def kept(url: str) -> Image.Image:
    picture = Image.open(BytesIO(requests.get(url, timeout=60).content)).convert("RGB")
    picture.save(FOLDER / f"{uuid.uuid4()}.png")
    return picture


with gr.Blocks() as demo:
    prompt = gr.Textbox("a red fox", label="Prompt", elem_id="prompt")
    resolution = gr.Textbox("2304x1728 (4:3)", label="Resolution", elem_id="resolution")
    sequential = gr.Textbox("disabled", label="Sequence", elem_id="sequential")
    max_images = gr.Number(15, label="Max images", elem_id="max-images")
    button = gr.Button("Generate", elem_id="generate")
    gallery = gr.Gallery(label="Pictures", elem_id="pictures")
    button.click(generate, [prompt, resolution, sequential, max_images], gallery)

if __name__ == "__main__":
    demo.launch()
