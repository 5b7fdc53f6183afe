"""The rate-limit window of one process."""

from coursebook.services import rate_limits
from coursebook.services.rate_limits import MemoryWindow


class Seconds:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_calls_within_the_limit_pass_and_the_next_gets_a_waiting_time():
    clock = Seconds()
    tries = MemoryWindow(clock)
    for _ in range(3):
        assert tries.wait("sam", 3, 60) is None
        clock.now += 10
    assert tries.wait("sam", 3, 60) == 30
    assert tries.wait("sally", 3, 60) is None


def test_a_refused_call_does_not_extend_the_wait():
    clock = Seconds()
    tries = MemoryWindow(clock)
    assert tries.wait("sam", 1, 60) is None
    clock.now += 59
    assert tries.wait("sam", 1, 60) == 1
    clock.now += 1
    assert tries.wait("sam", 1, 60) is None


def test_a_limit_of_zero_is_possible():
    assert MemoryWindow(Seconds()).wait("sam", 0, 60) == 60


def test_expired_keys_are_dropped():
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
