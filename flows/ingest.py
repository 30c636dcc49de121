"""The flow `ingest`: what the sources list now is fetched, cleaned, tagged, appended, published.

A run first loads what an earlier one had archived but not loaded, so that it may be killed at any
moment and started again, or run twice at once, without losing or doubling anything.
"""

from datetime import UTC, datetime
from uuid import UUID, uuid4

from prefect import flow
from prefect.artifacts import acreate_markdown_artifact
from prefect.runtime import flow_run

from flows.batches import work_on
from flows.intake import resume, take_in
from flows.settings import load_settings
from flows.start import opened
from flows.summary import Summary, as_markdown
from tasks.articles.errors import NewsLedgerError
from tasks.sources.registry import choose, load_sources


def _run_name() -> str:
    names = flow_run.parameters.get("sources") or load_settings().enabled
    return f"ingest {', '.join(names)} at {datetime.now(UTC):%Y-%m-%d %H:%M} UTC"


@flow(name="ingest", flow_run_name=_run_name)
async def ingest(sources: list[str] | None = None, *, due_only: bool = False) -> Summary:
    """Ingest what these sources list now; without names, the enabled ones.

    With ``due_only``, which scheduled runs use, a source is asked no sooner than its last poll
    said; what earlier runs left over is worked on all the same.

    Raises NewsLedgerError when a setting or source is wrong, when not one source could be read, or
    when the books do not balance.
    """
    settings = load_settings()
    declared = load_sources(settings.sources)
    chosen = choose(declared, sources or settings.enabled)
    run_id = UUID(flow_run.id or str(uuid4()))
    async with opened(settings, declared, chosen, run_id, due_only=due_only) as run:
        await resume(run)
        intake = await take_in(run)
        await work_on(run, intake.listings, intake.revisits)
        summary = await run.finish()
    await acreate_markdown_artifact(
        key="ingest-summary", markdown=as_markdown(summary), description="What the last run did"
    )
    if summary.failure:
        raise NewsLedgerError(summary.failure)
    return summary
