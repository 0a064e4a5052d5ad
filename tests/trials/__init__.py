"""What takes minutes: attacks on the promises, and what installs. `python -m tests trials` and `timed`."""
