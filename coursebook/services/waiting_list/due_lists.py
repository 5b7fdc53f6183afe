"""Waiting lists with something to do that no transaction saw: the worker's pass.

A list is switched on, a place was freed by an older version, or the clock closed the list.
"""

from coursebook.persistence.unit_of_work import reading, writing
from coursebook.services.context import Context


async def serve_due_lists(context: Context, limit: int) -> int:
    """Serve or close the lists of at most `limit` courses; return of how many."""
    async with reading(context.database) as work:
        course_ids = await work.waiting_list.courses_to_serve(context.clock(), limit)
    for course_id in course_ids:
        async with writing(context.database) as work:
            await work.courses.lock(course_id)  # the end of the transaction does the rest
    return len(course_ids)
