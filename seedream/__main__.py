"""`python -m seedream "a red fox" -o out/`: pictures without the page."""

import sys

from seedream.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
