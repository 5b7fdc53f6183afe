"""What is remembered of good tokens: nothing beyond their end, nothing under another key."""

from dataclasses import replace

from coursebook.identity import token_cache
from coursebook.identity.principal import Principal
from coursebook.identity.token_cache import Verified

SAM = Principal("user_sam", "sess_1", "student", "sam@example.test", "Sam", 1060)


class Seconds:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_good_token_is_known_again_until_it_ends():
    clock = Seconds()
    known = Verified(clock)
    assert known.who("token", "key") is None
    known.remember("token", "key", SAM)
    clock.now = 1059.9
    assert known.who("token", "key") == SAM
    clock.now = 1060
    assert known.who("token", "key") is None


def test_a_token_is_not_known_under_another_key_nor_another_token_under_the_same():
    known = Verified(Seconds())
    known.remember("token", "key", SAM)
    assert known.who("token", "new key") is None
    assert known.who("tokem", "key") is None


def test_only_so_many_are_remembered_and_those_in_use_stay(monkeypatch):
    monkeypatch.setattr(token_cache, "MAX_TOKENS", 2)
    known = Verified(Seconds())
    sally = replace(SAM, user_id="user_sally")
    known.remember("sam", "key", SAM)
    known.remember("sally", "key", sally)
    assert known.who("sam", "key") == SAM
    known.remember("third", "key", SAM)
    assert known.who("sam", "key") == SAM
    assert known.who("sally", "key") is None
