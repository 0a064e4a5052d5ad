"""Long attacks on the promises, one module each: `python -m tests trials`."""
