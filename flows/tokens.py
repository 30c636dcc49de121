"""Tokens of APIs: from the settings, else from Prefect's Secret blocks."""

from collections.abc import Iterable

from prefect.blocks.system import Secret
from prefect.exceptions import PrefectException
from pydantic import SecretStr

from flows.settings import Settings
from tasks.sources.schema import BenzingaList, Source

BENZINGA_BLOCK = "newsledger-benzinga-token"


async def tokens_for(sources: Iterable[Source], settings: Settings) -> dict[str, SecretStr]:
    """Return the tokens that these sources need, by the name of the API, where there is one."""
    if not any(isinstance(declared, BenzingaList) for x in sources for declared in x.lists):
        return {}
    if settings.benzinga_token.get_secret_value():
        return {"benzinga": settings.benzinga_token}
    return await _from_block("benzinga", BENZINGA_BLOCK)


async def _from_block(name: str, block: str) -> dict[str, SecretStr]:
    try:
        found: Secret[str] = await Secret.aload(block)
    except (ValueError, PrefectException):  # there is none: the source says what it lacks
        return {}
    return {name: SecretStr(str(found.get()))}
