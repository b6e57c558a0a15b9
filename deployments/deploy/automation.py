"""Heartbeat automation: by it Prefect notices a run whose process is gone.

Each run says every 30 s that it lives (`prefect.flow-run.heartbeat`, sent by Prefect's engine from
a thread of its own). When a run of ours has said so and then nothing is heard of it, neither a
heartbeat nor a change of its state, it is marked as crashed. Only our deployments: on a shared
server the runs of others may beat at another pace.
"""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from prefect.automations import AutomationCore, EventTrigger, Posture
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.objects import StateType
from prefect.events.actions import ChangeFlowRunState
from prefect.events.schemas.events import ResourceSpecification

from deployments.messages import SILENT

AUTOMATION_NAME = "akeneo-sync: mark runs without a heartbeat as crashed"
# One heartbeat may be lost or late; with the server's own 5 s beat a run is marked within 80 s.
SILENCE = timedelta(seconds=70)


def heartbeat_automation(deployment_ids: Sequence[UUID]) -> AutomationCore:
    """Return the automation that watches the runs of these deployments."""
    related = {
        "prefect.resource.role": "deployment",
        "prefect.resource.id": sorted(f"prefect.deployment.{each}" for each in deployment_ids),
    }
    return AutomationCore(
        name=AUTOMATION_NAME,
        description="Installed by `akeneo-sync deploy`, which also updates it.",
        trigger=EventTrigger(
            after={"prefect.flow-run.heartbeat"},
            # Whatever happens to the run is a sign of life, or its end.
            expect={"prefect.flow-run.*"},
            match=ResourceSpecification.model_validate(
                {"prefect.resource.id": "prefect.flow-run.*"}
            ),
            match_related=ResourceSpecification.model_validate(related),
            for_each={"prefect.resource.id"},
            posture=Posture.Proactive,
            threshold=1,
            within=SILENCE,
        ),
        actions=[
            ChangeFlowRunState(
                name=SILENT,
                state=StateType.CRASHED,
                message="No heartbeat for over a minute: the process that ran it is gone. "
                "What it left undone is due again.",
            )
        ],
    )


async def install_automation(client: PrefectClient, deployment_ids: Sequence[UUID]) -> bool:
    """Create the automation, or update it where it differs; say whether anything changed.

    An operator who has switched it off finds it switched off.
    """
    wanted = heartbeat_automation(deployment_ids)
    found = await client.read_automations_by_name(AUTOMATION_NAME)
    if not found:
        await client.create_automation(wanted)
        return True
    if (found[0].trigger, found[0].actions) == (wanted.trigger, wanted.actions):
        return False
    wanted.enabled = found[0].enabled
    await client.update_automation(found[0].id, wanted)
    return True
