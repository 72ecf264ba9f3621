"""A call in a process of its own, for what may end the process that it runs in: somebody's C.

    call(function, *given) --pickled, stdin-->  python -m pagecache.apart
                           <--pickled, stdout--     its result, or what it raised

What the function prints goes to stderr.  A process that takes longer than `SECONDS` is ended.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from pagecache.errors import WorkerDied

SECONDS = 60.0


def call(function: Callable[..., Any], *given: Any, **options: Any) -> Any:
    """What a function of a module gives, called in a process of its own.

    Raises
    ------
    WorkerDied
        That process crashed, or was ended after `SECONDS`.
    Exception
        Whatever the function raised.

    Examples
    --------
    >>> call(divmod, 7, 2)
    (3, 1)
    """
    command = [sys.executable, "-P", "-m", "pagecache.apart"]
    sent = pickle.dumps(sys.path) + pickle.dumps((function, given, options))
    try:
        ran = subprocess.run(
            command,
            input=sent,
            stdout=subprocess.PIPE,
            timeout=SECONDS,
            check=False,
            start_new_session=True,  # Ctrl-C reaches this process alone, which then ends the other
        )
    except subprocess.TimeoutExpired:
        raise WorkerDied(f"it did not end within {SECONDS:g} s") from None
    if ran.returncode:
        raise WorkerDied(f"it crashed ({ending(ran.returncode)})")
    result, raised = pickle.loads(ran.stdout)
    if raised is not None:
        raise raised
    return result


def ending(code: int) -> str:
    """How a process ended, by its exit code.

    Examples
    --------
    >>> ending(-11), ending(3)
    ('SIGSEGV', 'exit code 3')
    """
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"


def main() -> None:
    """Read a call, make it, write what came of it."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    sys.path = pickle.load(sys.stdin.buffer)
    function, given, options = pickle.load(sys.stdin.buffer)
    answer: tuple[Any, Exception | None]
    try:
        answer = function(*given, **options), None
    except Exception as error:  # for the process that asked
        answer = None, error
    with out:
        pickle.dump(answer, out)


if __name__ == "__main__":
    main()
