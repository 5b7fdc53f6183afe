"""The cache of verified tokens: entries end with their token and belong to one key."""

from dataclasses import replace

from coursebook.identity import token_cache
from coursebook.identity.principal import Principal
from coursebook.identity.token_cache import VerifiedTokens

SAM = Principal("user_sam", "sess_1", "student", "sam@example.test", "Sam", 1060)


class Seconds:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_valid_token_is_cached_until_it_expires():
    clock = Seconds()
    cache = VerifiedTokens(clock)
    assert cache.principal("token", "key") is None
    cache.add("token", "key", SAM)
    clock.now = 1059.9
    assert cache.principal("token", "key") == SAM
    clock.now = 1060
    assert cache.principal("token", "key") is None


def test_a_cached_token_is_bound_to_its_key():
    cache = VerifiedTokens(Seconds())
    cache.add("token", "key", SAM)
    assert cache.principal("token", "new key") is None
    assert cache.principal("tokem", "key") is None


def test_the_cache_is_bounded_and_keeps_recent_tokens(monkeypatch):
    monkeypatch.setattr(token_cache, "MAX_TOKENS", 2)
    cache = VerifiedTokens(Seconds())
    sally = replace(SAM, user_id="user_sally")
    cache.add("sam", "key", SAM)
    cache.add("sally", "key", sally)
    assert cache.principal("sam", "key") == SAM
    cache.add("third", "key", SAM)
    assert cache.principal("sam", "key") == SAM
    assert cache.principal("sally", "key") is None
