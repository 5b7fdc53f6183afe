"""Who watches what, in this process."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from coursebook.live.topics import EVERYTHING


@dataclass(frozen=True)
class Watcher:
    """One watcher, such as a tab. `about` is whatever its owner wants to find again."""

    key: str
    topics: frozenset[str]
    about: object


class Subscriptions:
    """Watchers by key and by topic. A watcher who is gone leaves nothing behind."""

    def __init__(self) -> None:
        self._by_key: dict[str, Watcher] = {}
        self._by_topic: defaultdict[str, set[str]] = defaultdict(set)

    def __len__(self) -> int:
        return len(self._by_key)

    @property
    def keys(self) -> list[str]:
        """The keys of all who watch."""
        return list(self._by_key)

    @property
    def topics(self) -> frozenset[str]:
        """Everything that somebody watches."""
        return frozenset(self._by_topic)

    def find(self, key: str) -> Watcher | None:
        """Return one watcher."""
        return self._by_key.get(key)

    def watch(self, key: str, topics: Iterable[str], about: object = None) -> Watcher:
        """Watch these topics, and no longer what this watcher watched before."""
        self.leave(key)
        watcher = Watcher(key, frozenset(topics), about)
        self._by_key[key] = watcher
        for topic in watcher.topics:
            self._by_topic[topic].add(key)
        return watcher

    def leave(self, key: str) -> None:
        """Forget a watcher; nothing happens when there is none."""
        gone = self._by_key.pop(key, None)
        for topic in gone.topics if gone else ():
            keys = self._by_topic[topic]
            keys.discard(key)
            if not keys:
                del self._by_topic[topic]

    def of(self, topics: Collection[str]) -> list[Watcher]:
        """Return everybody who watches one of these topics, each once."""
        if EVERYTHING in topics:
            return list(self._by_key.values())
        keys = {key for topic in topics for key in self._by_topic.get(topic, ())}
        return [self._by_key[key] for key in keys]
