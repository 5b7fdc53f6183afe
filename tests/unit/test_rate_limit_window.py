"""How tries are counted in one process."""

from coursebook.services import rate_limits
from coursebook.services.rate_limits import MemoryWindow


class Seconds:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_as_many_as_are_allowed_pass_and_the_next_is_told_how_long_to_wait():
    clock = Seconds()
    tries = MemoryWindow(clock)
    for _ in range(3):
        assert tries.wait("sam", 3, 60) is None
        clock.now += 10
    assert tries.wait("sam", 3, 60) == 30
    assert tries.wait("sally", 3, 60) is None


def test_a_try_that_had_to_wait_does_not_make_the_wait_longer():
    clock = Seconds()
    tries = MemoryWindow(clock)
    assert tries.wait("sam", 1, 60) is None
    clock.now += 59
    assert tries.wait("sam", 1, 60) == 1
    clock.now += 1
    assert tries.wait("sam", 1, 60) is None


def test_none_at_all_can_be_allowed():
    assert MemoryWindow(Seconds()).wait("sam", 0, 60) == 60


def test_keys_that_nobody_waits_for_any_more_are_forgotten():
    clock = Seconds()
    tries = MemoryWindow(clock)
    for number in range(50):
        tries.wait(f"student {number}", 5, 60)
    clock.now += 60
    tries.wait("sam", 5, 120)
    clock.now += 60
    for _ in range(rate_limits.SWEEP_INTERVAL):
        tries.wait("sally", 5, 60)
    assert len(tries) == 2
