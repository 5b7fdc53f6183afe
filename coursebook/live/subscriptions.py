"""The topics that each open page of this process subscribes to."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from coursebook.live.topics import EVERYTHING


@dataclass(frozen=True)
class Subscription:
    """The topics of one subscriber, such as a tab. `about` is any object its owner needs later."""

    key: str
    topics: frozenset[str]
    about: object


class Subscriptions:
    """Subscriptions by key and by topic. A subscription that ends leaves nothing behind."""

    def __init__(self) -> None:
        self._by_key: dict[str, Subscription] = {}
        self._by_topic: defaultdict[str, set[str]] = defaultdict(set)

    def __len__(self) -> int:
        return len(self._by_key)

    @property
    def keys(self) -> list[str]:
        """The keys of all subscriptions."""
        return list(self._by_key)

    @property
    def topics(self) -> frozenset[str]:
        """Every topic that has a subscription."""
        return frozenset(self._by_topic)

    def find(self, key: str) -> Subscription | None:
        """Return the subscription with this key, or None."""
        return self._by_key.get(key)

    def subscribe(self, key: str, topics: Iterable[str], about: object = None) -> Subscription:
        """Subscribe to these topics. Replaces the earlier subscription with this key."""
        self.unsubscribe(key)
        subscription = Subscription(key, frozenset(topics), about)
        self._by_key[key] = subscription
        for topic in subscription.topics:
            self._by_topic[topic].add(key)
        return subscription

    def unsubscribe(self, key: str) -> None:
        """Remove the subscription with this key, if there is one."""
        subscription = self._by_key.pop(key, None)
        for topic in subscription.topics if subscription else ():
            keys = self._by_topic[topic]
            keys.discard(key)
            if not keys:
                del self._by_topic[topic]

    def of(self, topics: Collection[str]) -> list[Subscription]:
        """Return the subscriptions to any of these topics, each once."""
        if EVERYTHING in topics:
            return list(self._by_key.values())
        keys = {key for topic in topics for key in self._by_topic.get(topic, ())}
        return [self._by_key[key] for key in keys]
