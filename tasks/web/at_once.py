"""Several requests at the same time."""

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any, TypeVar

Result = TypeVar("Result")


async def at_once(requests: Iterable[Coroutine[Any, Any, Result]]) -> list[Result]:
    """Run requests at the same time; return what they return, in order.

    When one raises, the others are ended first, and then its error is raised: none goes on with a
    client that its owner closes by then, as those of ``asyncio.gather`` do.
    """
    running = [asyncio.ensure_future(request) for request in requests]
    try:
        return await asyncio.gather(*running)
    except BaseException:
        for request in running:
            request.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        raise
