#!/usr/bin/env python3
# /// script
# requires-python = ">=3.12"
# dependencies = ["boto3[crt]>=1.41"]
# ///
"""Makes an Alexa skill for Home Assistant's doorbells, or mends it: docs/skill.md tells more.

With uv: `uv run skill/create_skill.py create --help`. It brings boto3 by itself, and Python too;
plain Python has to be 3.12 or newer, with boto3 installed. Where there is no uv, skill/run beside
it brings that as well.
"""

from pathlib import Path
import sys

HELP = "Run `sh skill/run` in its place, which brings all that it needs."
if sys.version_info < (3, 12):  # noqa: UP036 - For whoever has an older one.
    sys.exit("Python 3.12 or newer is needed. " + HELP)

# The script's own folder is no package; the one above it knows it as `skill`.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

try:
    from skill.command.main import main
except ModuleNotFoundError as missing:
    sys.exit(f"The Python package {missing.name} is missing. {HELP}")

if __name__ == "__main__":
    sys.exit(main())
