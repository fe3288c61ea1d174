#!/usr/bin/env python3
# /// script
# requires-python = ">=3.12"
# dependencies = ["boto3>=1.40"]
# ///
"""Makes an Alexa skill for Home Assistant's doorbells, or mends it: docs/skill.md tells more.

With uv: `uv run skill/create_skill.py create --help`. It brings boto3 by itself; plain Python
needs it installed.
"""

from pathlib import Path
import sys

# The script's own folder is no package, the one above it knows it as `skill`.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from skill.command.main import main

if __name__ == "__main__":
    sys.exit(main())
