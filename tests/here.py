"""Workers in the process of the tests: for what becomes of their records, not for processes.

A process takes half a second to start. tests/cli/test_process.py and tests/measure/test_runner.py
have real ones.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from pagecache.measure import bench, runner, worker
from pagecache.measure.case import Job

FEW = 1 << 12  # lookups in a list, where nobody looks at their times


def stream(job: Job) -> Iterator[dict[str, Any]]:
    """What `runner.stream` gives, through JSON as there."""
    records: list[dict[str, Any]] = []
    worker.run(Job.from_dict(json.loads(json.dumps(job.to_dict())), worker.KINDS), records.append)
    yield from (json.loads(json.dumps(record)) for record in records)


@contextmanager
def workers_here() -> Iterator[None]:
    """No process is started meanwhile, and lists are short."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runner, "stream", stream)
        patch.setattr(bench, "LEAST_EVENTS", FEW)
        yield
