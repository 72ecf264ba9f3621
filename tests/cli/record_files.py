"""Records of the golden vectors, for the tests of `pagecache conformance`."""

import gzip
import json
from pathlib import Path
from typing import Any

VECTORS = Path(__file__).parents[1] / "data" / "vectors"
RECORDS = sorted(VECTORS.glob("*.jsonl.gz"))
DENSE = VECTORS / "dense-1.jsonl.gz"
MULTI = VECTORS / "multi-1.jsonl.gz"


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]
