"""Folios and nodes after a folio is split, as Zi Yan's cover letter of February 2025 has them."""

import csv
from pathlib import Path

import pytest

import pagecache as pc

PUBLISHED = Path(__file__).parents[1] / "data" / "published" / "split_nodes_ziyan_2025.csv"
ROWS = list(csv.DictReader(PUBLISHED.read_text().splitlines()))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['from_order']} to {row['to_order']}")
@pytest.mark.parametrize("way", ["uniform", "nonuniform"])
def test_a_split_folio_has_the_published_folios_and_nodes(row: dict[str, str], way: str) -> None:
    """Of the folio's pages the one that is punched is dropped afterwards."""
    order, least = int(row["from_order"]), int(row["to_order"])
    assert least == 0
    file = pc.File("4M", prefer_order=order)
    mapping = pc.Mapping(file=file, non_uniform_split=way == "nonuniform")
    mapping.read(0, "4M")
    nodes, untouched = mapping.nodes, len(mapping.folios()) - 1
    mapping.punch(0, 4096)
    folios = row["uniform_folios" if way == "uniform" else "nonuniform_folios_file"]
    assert len(mapping.folios()) - untouched == int(folios) - 1
    assert mapping.nodes - nodes == int(row[f"{way}_nodes"])
