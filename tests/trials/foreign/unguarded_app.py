"""The app without its gate: what Gradio by itself follows, the listener must hear."""

import runpy
from pathlib import Path
from unittest.mock import patch

if __name__ == "__main__":
    with patch("seedream.ui.page.install_gate"):
        runpy.run_path(str(Path(__file__).parents[3] / "app.py"), run_name="__main__")
