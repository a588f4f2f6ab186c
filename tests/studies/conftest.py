"""Small shops written out in full, loaded through the real importer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from analytics.access import Access
from analytics.warehouse import Warehouse, open_warehouse
from tests.conftest import Cli

Shop = Callable[..., Warehouse]


@pytest.fixture
def shop(cli: Cli, write: Callable[..., Path]) -> Shop:
    """`shop(orders="...csv...", customers="...csv...")` imports the files and opens the warehouse over them."""

    def load(**files: str) -> Warehouse:
        paths = [write(f"{name}.csv", text.strip() + "\n") for name, text in files.items()]
        cli("import", *paths, "--workspace", "shop").done()
        return open_warehouse(Access(workspace="shop"))

    return load
