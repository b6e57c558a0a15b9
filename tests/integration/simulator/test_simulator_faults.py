from collections import Counter

import anyio
import pytest

from pim.json_types import JsonObject, as_object
from simulator.config import Faults
from tests.integration.simulator.pim_scene import Scene, a_scene, refusal

pytestmark = pytest.mark.anyio


async def report(scene: Scene) -> JsonObject:
    return await scene.look("deliveries")


async def counts(scene: Scene) -> JsonObject:
    return as_object((await report(scene))["counts"])


def number(seen: JsonObject, name: str) -> int:
    found = seen.get(name, 0)
    assert isinstance(found, int)
    return found


def event_ids(scene: Scene) -> list[str]:
    return [
        str(event["event_id"]) for batch in scene.subscriber.events(scene.clock) for event in batch
    ]


async def test_dropped_deliveries_never_arrive() -> None:
    async with a_scene(50, faults=Faults(drop=1.0)) as scene:
        performed = await scene.control("edits", {"operations": 20})

        assert scene.subscriber.got == []
        assert (await counts(scene))["dropped"] == performed["bulks"]


async def test_repeated_deliveries_bring_the_same_event_ids_again() -> None:
    async with a_scene(50, faults=Faults(repeat=1.0)) as scene:
        await scene.control("edits", {"operations": 20})

        assert set(Counter(event_ids(scene)).values()) == {2}


async def test_late_deliveries_are_out_when_the_request_for_edits_is_answered() -> None:
    faults = Faults(delay=0.5, shuffle=0.5, delay_seconds=0.05, shuffle_window_seconds=0.05)
    async with a_scene(50, faults=faults) as scene:
        performed = await scene.control("edits", {"operations": 40})

        seen = await counts(scene)
        assert performed["delivered"] is True
        assert number(seen, "bulks") == number(seen, "sent") + number(seen, "nothing_to_tell")
        assert number(seen, "sent") == len(scene.subscriber.got)
        assert min(number(seen, "delayed"), number(seen, "shuffled")) > 0


async def test_shuffled_deliveries_overtake_each_other() -> None:
    async with a_scene(50) as scene:
        await scene.control("faults", {"shuffle": 1.0, "shuffle_window_seconds": 0.2})
        paths = [f"products/{each['uuid']}" for each in await scene.truth()]
        for path in paths:
            await scene.control(path, {"changes": {"categories": []}, "wait": False})
            await scene.control(path, {"changes": {"categories": ["gifts"]}, "wait": False})
        await scene.control("edits", {"operations": 1})

        order = [
            (as_object(as_object(event["data"])["resource"]))["uuid"]
            for batch in scene.subscriber.events(scene.clock)
            for event in batch
        ]
        assert order != sorted(map(str, order))


async def test_a_late_delivery_tells_what_was_or_what_is() -> None:
    faults = Faults(delay=1.0, delay_seconds=1.0)
    async with a_scene(25, faults=faults) as scene:  # few: all are changed before any is told
        paths = [f"products/{each['uuid']}" for each in await scene.truth()]
        for path in paths:
            await scene.control(path, {"changes": {"groups": ["first"]}, "wait": False})
        # Those late on the network have their payloads now, those late in the queue do not.
        await anyio.wait_all_tasks_blocked()
        for path in paths:
            change = {"changes": {"groups": ["second"]}, "silent": True}
            await scene.control(path, change)
        await scene.control("edits", {"operations": 1})

        told = Counter(
            str((as_object(as_object(event["data"])["resource"]))["groups"])
            for batch in scene.subscriber.events(scene.clock)
            for event in batch
        )
        assert told["['first']"] > 2
        assert told["['second']"] > 2


async def test_forged_deliveries_come_on_top_with_a_signature_that_is_not_the_pims() -> None:
    async with a_scene(50, faults=Faults(forge=1.0)) as scene:
        performed = await scene.control("edits", {"operations": 20})

        forged = [each for each in scene.subscriber.got if refusal(each, scene.clock)]
        genuine = scene.subscriber.genuine(scene.clock)
        assert len(forged) == len(genuine) == performed["bulks"]
        assert (await report(scene))["forged_answers"] == {"200": len(forged)}
        assert (await counts(scene))["sent"] == len(genuine)


async def test_the_same_seed_meets_the_same_fates() -> None:
    faults = Faults(drop=0.2, repeat=0.2, forge=0.2)
    seen = []
    for _ in range(2):
        async with a_scene(100, faults=faults) as scene:
            await scene.control("edits", {"operations": 200})
            seen.append(await counts(scene))

    assert seen[0] == seen[1]


async def test_rates_change_on_request_and_keep_what_is_not_mentioned() -> None:
    async with a_scene(5, faults=Faults(drop=0.1)) as scene:
        rates = await scene.control("faults", {"repeat": 0.5})

        assert (rates["drop"], rates["repeat"]) == (0.1, 0.5)
        assert await scene.look("faults") == rates


@pytest.mark.parametrize("body", [{"drop": 1.5}, {"lose": 0.5}])
async def test_a_rate_that_is_none_is_refused(body: dict[str, float]) -> None:
    async with a_scene(5) as scene:
        answer = await scene.client.post("/_simulator/faults", json=body)

        assert answer.status_code == 422
