"""Promises of the receiver."""

from tests.guards.guard import PROPERTY, RECEIVER, UNIT, Guard, named

INTAKE = (
    Guard(
        "the PIM's Test button, a signed delivery without a body, is answered with 200",
        "receiver/delivery.py",
        "    if not delivery.body:\n        return EmptyBody()\n",
        "",
        named(
            f"{RECEIVER}/test_receiver_answers.py",
            "test_the_test_button_is_answered_and_not_stored",
        ),
    ),
    Guard(
        "a delivery that the PIM did not sign is never stored",
        "receiver/delivery.py",
        "    if refusal is not None:\n        return refusal\n",
        "",
        named(
            f"{RECEIVER}/test_receiver_answers.py",
            "test_the_signature_is_judged_before_the_content",
            "test_the_test_button_must_be_signed_too",
        ),
    ),
    Guard(
        "a delivery is acknowledged only after its commit",
        "receiver/intake.py",
        "            return _receipt(await self._in_time(write, reservation))\n",
        "            return _receipt(Stored(accepted=batch.size, duplicates=0, invalid=0))\n",
        named(f"{RECEIVER}/test_receiver_durability.py", "test_the_answer_comes_after_the_commit"),
    ),
    Guard(
        "one unusable event does not turn its delivery away, which the PIM would not send again",
        "pim/events.py",
        "        return InvalidEvent(EventId(sent_id), action, str(unusable))\n",
        "        raise BatchRejected(str(unusable)) from unusable\n",
        (
            *named(
                f"{PROPERTY}/test_pim_parse_batch.py",
                "test_every_event_sent_is_kept_as_usable_or_with_a_reason",
            ),
            *named(
                f"{RECEIVER}/test_receiver_answers.py",
                "test_a_batch_is_stored_and_its_events_are_counted",
            ),
        ),
    ),
    Guard(
        # A 404 or a redirect would suspend a subscription of the Event Platform at once. Nothing is
        # taken there yet, so there is nothing to throttle either: 429 comes with the route.
        "the Event Platform is told by 501 that its route is not built, and never by 404 or 3xx",
        "receiver/intake.py",
        "self._refuse(501,",
        "self._refuse(404,",
        named(
            f"{RECEIVER}/test_receiver_answers.py",
            "test_the_event_platform_is_told_that_its_route_is_not_built",
        ),
    ),
    Guard(
        "no path of the receiver answers with a redirect, which the PIM takes for success",
        "receiver/app.py",
        "        redirect_slashes=False,\n",
        "",
        named(
            f"{RECEIVER}/test_receiver_answers.py",
            "test_other_paths_are_not_found_and_lead_nowhere",
        ),
    ),
    Guard(
        "what happened is told by the payload's own `updated`, not by the event's time",
        "pim/events.py",
        'resource_updated=None if removed else parse_instant(resource.get("updated")),',
        'resource_updated=None if removed else parse_instant(item.get("event_datetime")),',
        named(f"{UNIT}/pim/test_pim_events.py", "test_product_events_of_every_version"),
    ),
    Guard(
        "a removal has no date: the time of its event says nothing about the product's state",
        "pim/events.py",
        'resource_updated=None if removed else parse_instant(resource.get("updated")),',
        'resource_updated=parse_instant(resource.get("updated") or item.get("event_datetime")),',
        named(f"{UNIT}/pim/test_pim_events.py", "test_a_removal_names_the_product_and_has_no_date"),
    ),
    Guard(
        "both shapes of a payload are understood, event by event: uuid alone, or with identifier",
        "pim/events.py",
        "    if names and not any(keys.values()):\n",
        "    if names and not all(keys.values()):\n",
        named(f"{UNIT}/pim/test_pim_events.py", "test_product_events_of_every_version"),
    ),
    Guard(
        "a thousand connections without a request keep no signed delivery out",
        "receiver/connections.py",
        """        return next((oldest[stage] for stage in _YOUNG if oldest[stage]), None)
""",
        "        return None\n",
        (
            *named(
                f"{UNIT}/receiver/test_connections.py",
                "test_at_the_limit_the_oldest_without_a_head_goes_and_is_counted",
            ),
            *named(
                f"{RECEIVER}/test_receiver_connections.py",
                "test_the_oldest_without_a_head_goes_first",
            ),
        ),
    ),
)
