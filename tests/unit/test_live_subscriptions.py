"""Subscriptions of tabs: lookup by topic, replacement and complete removal."""

from hypothesis import given
from hypothesis import strategies as st

from coursebook.live import topics
from coursebook.live.subscriptions import Subscriptions

KEYS = st.sampled_from("abc")
TOPICS = st.frozensets(st.sampled_from("123"))


def test_a_subscriber_of_several_topics_is_returned_once():
    watchers = Subscriptions()
    watchers.subscribe("tab", [topics.course("c1"), topics.user("u1")], "dashboard")
    (subscription,) = watchers.of({topics.course("c1"), topics.user("u1")})
    assert (subscription.key, subscription.about) == ("tab", "dashboard")
    assert watchers.of({topics.course("c2")}) == []


def test_a_new_subscription_replaces_the_previous_one():
    watchers = Subscriptions()
    watchers.subscribe("tab", ["course:1"])
    watchers.subscribe("tab", ["course:2"])
    assert watchers.of(["course:1"]) == []
    assert watchers.topics == {"course:2"}


def test_everything_reaches_every_subscriber():
    watchers = Subscriptions()
    watchers.subscribe("one", ["course:1"])
    watchers.subscribe("two", ["user:2"])
    assert {w.key for w in watchers.of([topics.EVERYTHING])} == {"one", "two"}


@given(st.lists(st.tuples(KEYS, st.none() | TOPICS)))
def test_nothing_remains_of_removed_subscribers(steps):
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
