"""The product of one commit on a database of its own, for a comparison of two commits.

    python -m tests.bench.commit_side FOLDER POSTGRES_URL COURSES STUDENTS

It migrates the empty database, serves the API and prints one line of JSON: port, process, courses,
headers of students, the secret of webhooks. It ends with its standard input.
"""

import asyncio
import json
import sys
from pathlib import Path

from coursebook.persistence.maintenance.migrate import upgrade_to_head
from tests.bench.environment import Ground, prepare


def main() -> None:
    """Serve until standard input ends."""
    folder, url, courses, students = sys.argv[1:]
    asyncio.run(upgrade_to_head(url))
    ground = prepare(Path(folder), url)
    made = asyncio.run(_courses(ground, int(courses)))
    with ground.serving("product") as server:
        facts = {
            "port": server.port,
            "process": server.process.pid,
            "courses": made,
            "students": [ground.bearer() for _ in range(int(students))],
            "webhook_secret": ground.stripe.webhook_secret,
        }
        print(json.dumps(facts), flush=True)
        sys.stdin.read()


async def _courses(ground: Ground, count: int) -> list[str]:
    async with ground.services() as services:
        return await ground.courses(services, count)


if __name__ == "__main__":
    main()
