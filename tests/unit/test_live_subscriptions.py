"""Who watches what: found by topic, replaced by what is watched next, gone without a trace."""

from hypothesis import given
from hypothesis import strategies as st

from coursebook.live import topics
from coursebook.live.subscriptions import Subscriptions

KEYS = st.sampled_from("abc")
TOPICS = st.frozensets(st.sampled_from("123"))


def test_a_watcher_is_found_by_each_of_their_topics_and_only_once():
    watchers = Subscriptions()
    watchers.subscribe("tab", [topics.course("c1"), topics.user("u1")], "dashboard")
    (found,) = watchers.of({topics.course("c1"), topics.user("u1")})
    assert (found.key, found.about) == ("tab", "dashboard")
    assert watchers.of({topics.course("c2")}) == []


def test_whoever_turns_to_something_else_no_longer_watches_what_was_before():
    watchers = Subscriptions()
    watchers.subscribe("tab", ["course:1"])
    watchers.subscribe("tab", ["course:2"])
    assert watchers.of(["course:1"]) == []
    assert watchers.topics == {"course:2"}


def test_when_anything_may_have_changed_everybody_is_told():
    watchers = Subscriptions()
    watchers.subscribe("one", ["course:1"])
    watchers.subscribe("two", ["user:2"])
    assert {w.key for w in watchers.of([topics.EVERYTHING])} == {"one", "two"}


@given(st.lists(st.tuples(KEYS, st.none() | TOPICS)))
def test_whatever_comes_and_goes_nobody_who_is_gone_is_kept(steps):
    watchers, there = Subscriptions(), {}
    for key, watched in steps:
        if watched is None:
            watchers.unsubscribe(key)
            there.pop(key, None)
        else:
            watchers.subscribe(key, watched)
            there[key] = watched
    assert {key: watchers.find(key).topics for key in watchers.keys} == there
    assert watchers.topics == frozenset().union(*there.values())
    for key in there:
        watchers.unsubscribe(key)
    assert (len(watchers), watchers.topics, watchers._by_topic) == (0, frozenset(), {})
