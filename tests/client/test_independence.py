"""A test that the client could stand alone."""

import ast
from pathlib import Path
import sys

import pytest

from custom_components.alexa_doorbell import client

MODULES = sorted(Path(client.__file__).parent.glob("*.py"))


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.stem)
def test_the_client_needs_only_python_and_aiohttp(module: Path) -> None:
    imported = set()
    for node in ast.walk(ast.parse(module.read_text())):
        match node:
            case ast.Import(names=names):
                imported |= {name.name.split(".")[0] for name in names}
            case ast.ImportFrom(module=str(name), level=0):
                imported.add(name.split(".")[0])
            case ast.ImportFrom(level=level):
                assert level == 1, "the client reaches outside of itself"

    assert imported <= sys.stdlib_module_names | {"aiohttp"}
