import io

import pytest

from pagecache import designs
from pagecache.report.catalogue import print_catalogue


@pytest.fixture
def text() -> str:
    file = io.StringIO()
    print_catalogue(file)
    return file.getvalue()


def test_every_design_stands_with_its_sentence_limits_and_supplies(text: str) -> None:
    flat = " ".join(text.split())
    for name in designs.names():
        design = designs.find(name)
        supplies = f"Goes with: {', '.join(design.supplies)}."
        assert f"{name} {design.summary} {design.limits} {supplies}" in flat


def test_catalogue_keeps_to_100_columns_of_ascii(text: str) -> None:
    assert text.isascii()
    assert max(map(len, text.splitlines())) <= 100


def test_every_supply_is_explained(text: str) -> None:
    for supply in designs.registry.BUDDY_SUPPLIES + designs.registry.POOL_SUPPLIES:
        assert f"{supply} (" in text
