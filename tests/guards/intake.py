"""Promises of the receiver."""

from tests.guards.guard import PROPERTY, RECEIVER, UNIT, Guard, named

PLATFORM = f"{RECEIVER}/test_event_platform_intake.py"

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
        "    if refusal is not None:\n        return refusal\n    if not delivery.body:\n",
        "    if not delivery.body:\n",
        named(
            f"{RECEIVER}/test_receiver_answers.py",
            "test_the_signature_is_judged_before_the_content",
            "test_the_test_button_must_be_signed_too",
        ),
    ),
    Guard(
        "a delivery is acknowledged only after its commit",
        "receiver/intake.py",
        "            return _receipt(await self._in_time(write, dialect, reservation))\n",
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
        "what the Event Platform's secrets did not sign is never stored",
        "receiver/delivery.py",
        "    if refusal is not None:\n        return refusal\n    batch = parse_cloud_event",
        "    batch = parse_cloud_event",
        named(PLATFORM, "test_what_nobody_signed_is_refused_and_not_stored"),
    ),
    Guard(
        # A 404 or a redirect suspends a subscription of the Event Platform at once.
        "the Event Platform's path is there with a slash at its end, too",
        "receiver/app.py",
        '    @app.post(f"{EVENT_PLATFORM_PATH}/", include_in_schema=False)\n',
        "",
        named(PLATFORM, "test_an_event_is_stored_whatever_its_content_type_and_the_slash"),
    ),
    Guard(
        "temporary trouble is told to the Event Platform by 429: a 5xx counts against us at once",
        "receiver/dialects.py",
        "        busy=HTTPStatus.TOO_MANY_REQUESTS,\n",
        "        busy=HTTPStatus.SERVICE_UNAVAILABLE,\n",
        named(PLATFORM, "test_a_store_that_takes_no_write_is_429_and_what_came_is_stored_later"),
    ),
    Guard(
        "what the Event Platform signed and cannot be used is answered 200, and kept",
        "pim/event_platform/cloud_event.py",
        "        return Batch((), (InvalidEvent(EventId(event_id), action, str(unusable)),))\n",
        "        return Batch((), ())\n",
        named(PLATFORM, "test_what_is_signed_and_unusable_is_a_dead_letter_and_still_200"),
    ),
    Guard(
        "an id of the Event Platform that comes with another type is another event",
        "storage/inbox/batches.py",
        '        return f"{event.event_id} {event.action}"\n',
        "        return event.event_id\n",
        named(PLATFORM, "test_a_repeat_is_a_duplicate_and_another_type_of_the_same_id_is_not"),
    ),
    Guard(
        "what the Event Platform signed long ago opens nothing: its rows are gone by then",
        "receiver/delivery.py",
        "        if too_far is not None:\n            return too_far\n",
        "",
        named(PLATFORM, "test_what_was_signed_too_long_ago_is_refused"),
    ),
    Guard(
        "while the receiver stops the Event Platform hears 429, and no reset connection",
        "receiver/serve.py",
        "            backlog.stop()\n",
        "",
        named(PLATFORM, "test_while_the_receiver_stops_the_platform_is_told_to_come_again"),
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
    Guard(
        "a delivery that waits for its turn to be written gets one between a drain's transactions",
        "flows/run/pace.py",
        "                await self.give_way(store)\n",
        "                pass\n",
        named(
            f"{UNIT}/flows/test_pace.py",
            "test_whoever_waits_gets_a_turn_for_as_long_as_he_needs",
        ),
    ),
)
