"""How long state machines run: briefly in every test run, at length where slow tests are asked."""

import os

from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

# Of each of the seven machines, so over 100,000 in all; tools/xarray-machine sets another number.
SLOW_STEPS = int(os.environ.get("PAGECACHE_STEPS", "17000"))


def as_test_case(machine: type[RuleBasedStateMachine]) -> type:
    """The machine as a test of a fifth of the examples of the profile."""
    case: type = machine.TestCase
    case.settings = settings(max_examples=max(1, settings.default.max_examples // 5))
    return case


def run_steps(machine: type[RuleBasedStateMachine], steps: int) -> int:
    """Run examples until that many steps have been taken; how many there were.

    The machine counts them in its class attribute `steps`.
    """
    machine.steps = 0
    plan = settings(max_examples=100, stateful_step_count=100, derandomize=False, database=None)
    while machine.steps < steps:
        run_state_machine_as_test(machine, settings=plan)
    return machine.steps
