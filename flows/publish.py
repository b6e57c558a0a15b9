"""Showing what a run did in the Prefect UI."""

from prefect import get_run_logger, runtime
from prefect.artifacts import acreate_markdown_artifact
from prefect.client.orchestration import get_client

from settings import mask


async def publish(key: str, markdown: str, summary: str) -> None:
    """Attach the report to the run as an artifact, and name the run after its summary.

    A server that is away now must not fail a run whose work is done: the report is logged then.
    """
    markdown, summary = mask(markdown), mask(summary)
    try:
        await acreate_markdown_artifact(key=key, markdown=markdown, description=summary)
        flow_run_id = runtime.flow_run.id
        if flow_run_id is not None:
            async with get_client() as client:
                await client.update_flow_run(flow_run_id, name=summary)
    except Exception as error:  # noqa: BLE001 - Prefect's client raises many kinds; see above
        get_run_logger().warning("the report could not be published (%s): %s", error, summary)
