"""CloudEvents of the Event Platform: each documented type and body, and what is odd about some."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from pim.errors import BatchRejected
from pim.event_platform import (
    EVENT_TYPES,
    PREFIX,
    check_platform_signature,
    check_time,
    parse_cloud_event,
    parse_notice,
    sign_body,
)
from pim.events import Event, InvalidEvent
from pim.signature import RefusalReason
from pim.structure import Reference
from pim.vocabulary import CatalogKind, ResourceKind, SubscriptionStatus

UUID = "7f3c1c7a-5f0e-4a37-8f0b-6f0d3c9f2b10"
AUTHOR = {"identifier": "c2f0a3de-6a0d-4a4e-9d4e-1f6f2a9b7c55", "type": "user"}
PRIMARY, SECONDARY = "fixture-primary-secret-0001", "fixture-secondary-secret-02"
SAMPLE = (
    b'{"specversion":"1.0","id":"018e197c-dfe2-70f8-9346-1a8e016f5fbb","source":"akeneo-event-'
    b'platform","type":"com.akeneo.pim.v1.product.updated","subject":"0190fe8a-6213-76ce-8a9f-ba36'
    b'a5ef555a","datacontenttype":"application/json","dataschema":"https://event.prd.sdk.akeneo.'
    b'cloud/spec/com.akeneo.pim.v1.product.updated.schema.json","time":"2026-11-20T09:15:42Z","data'
    b'":{"product":{"uuid":"7f3c1c7a-5f0e-4a37-8f0b-6f0d3c9f2b10"},"author":{"identifier":"c2f0a3de'
    b'-6a0d-4a4e-9d4e-1f6f2a9b7c55","type":"user"}}}'
)
NOTICE = (
    b'{"notification_type":"subscription.suspended.system","timestamp":"2026-11-20T10:00:00Z",'
    b'"subscription_id":"0190fe8a-6213-76ce-8a9f-ba36a5ef555a","subscriber_id":"0190fe8a-1111-7abc'
    b'-8a9f-ba36a5ef0001","destination":"https://sync.example.test/webhooks/event-platform","events"'
    b':["com.akeneo.pim.v1.product.updated"],"reason":"Success rate dropped below 90%","subject":'
    b'"https://pim.example.test"}'
)
CODE = {"code": "Some_Code"}
OPTION = {**CODE, "attribute": {"code": "colour"}}
ASSET = {**CODE, "asset_family": {"code": "packshots"}}
RECORD = {**CODE, "reference_entity": {"code": "designers"}}
JOB = {
    "execution_id": 233,
    "code": "export",
    "name": "export",
    "label": "Export",
    "status": "starting",
    "total_rows": 10,
    "start_time": "2026-11-20T09:15:42+00:00",
    "end_time": None,
}
TASK = {
    "task": {"uuid": UUID, "rejected": False},
    "workflow": {"uuid": UUID},
    "step": {"uuid": UUID},
    "product": {"uuid": UUID},
}
COMPLETE = [{"locale": "en_US", "scope": "ecommerce"}]


def three(name: str, data: dict[str, object]) -> dict[str, dict[str, object]]:
    return {f"{name}.{verb}": data for verb in ("created", "updated", "deleted")}


BODIES: dict[str, dict[str, object]] = {
    **three("product", {"product": {"uuid": UUID}}),
    "product.updated.delta": {"product": {"uuid": UUID, "changes": {"enabled": {"new": False}}}},
    "product.became-complete": {"product": {"uuid": UUID, "complete_on": COMPLETE}},
    "product.became-incomplete": {"product": {"uuid": UUID, "incomplete_on": COMPLETE}},
    **three("product-model", {"product_model": CODE}),
    "product-model.updated.delta": {"product_model": {**CODE, "changes": {}}},
    **three("family", {"family": CODE}),
    **three("attribute", {"attribute": CODE}),
    **three("attribute-group", {"attribute_group": CODE}),
    **three("attribute-option", {"attribute_option": OPTION}),
    **three("category", {"category": CODE}),
    **three("asset", {"asset": ASSET}),
    "asset.updated.delta": {"asset": {**ASSET, "changes": {"values": {"media": [{"new": "x"}]}}}},
    **three("reference-entity-record", {"reference_entity_record": RECORD}),
    "app.deleted": {"app": {"client_id": "5_client"}},
    "connection.deleted": {"connection": {"client_id": "5_client"}},
    "job.export.status-changed": {"job": JOB},
    "job.import.status-changed": {"job": {**JOB, "total_rows_processed": 3}},
    "job.mass-edit.status-changed": {"job": {**JOB, "read": 3}},
    "workflow.task.created": TASK,
    "workflow.task.completed": TASK,
}
ITEMS = {
    "family": Reference(CatalogKind.FAMILY, "", "Some_Code"),
    "attribute": Reference(CatalogKind.ATTRIBUTE, "", "Some_Code"),
    "attribute-group": Reference(CatalogKind.ATTRIBUTE_GROUP, "", "Some_Code"),
    "attribute-option": Reference(CatalogKind.OPTION, "colour", "Some_Code"),
    "category": Reference(CatalogKind.CATEGORY, "", "Some_Code"),
    "asset": Reference(CatalogKind.ASSET, "packshots", "Some_Code"),
    "reference-entity-record": Reference(CatalogKind.RECORD, "designers", "Some_Code"),
}


def cloud_event(name: str, data: object, **changes: object) -> bytes:
    event = {
        "specversion": "1.0",
        "id": "018e197c-dfe2-70f8-9346-1a8e016f5fbb",
        "source": "akeneo-event-platform",
        "type": f"{PREFIX}{name}",
        "subject": "0190fe8a-6213-76ce-8a9f-ba36a5ef555a",
        "datacontenttype": "application/json",
        "time": "2026-11-20T09:15:42Z",
        "data": data,
    } | changes
    return json.dumps({name: value for name, value in event.items() if value != "-"}).encode()


def read(body: bytes) -> Event:
    batch = parse_cloud_event(body)
    assert batch.invalid == ()
    (event,) = batch.events
    return event


def unusable(body: bytes) -> InvalidEvent:
    batch = parse_cloud_event(body)
    assert batch.events == ()
    (event,) = batch.invalid
    return event


def test_each_type_of_the_vendor_s_list_is_known_and_no_other() -> None:
    assert len(EVENT_TYPES) == 39
    assert set(BODIES) == set(EVENT_TYPES)


@pytest.mark.parametrize("name", sorted(BODIES))
def test_each_type_is_about_what_its_body_names(name: str) -> None:
    event = read(cloud_event(name, {**BODIES[name], "author": AUTHOR}))

    assert event.action == f"{PREFIX}{name}"
    assert event.event_id == "018e197c-dfe2-70f8-9346-1a8e016f5fbb"
    assert event.occurred_at == datetime(2026, 11, 20, 9, 15, 42, tzinfo=UTC)
    assert (event.author, event.author_type) == (AUTHOR["identifier"], "user")
    thing = name.partition(".")[0]
    assert event.removed is (name.endswith(".deleted") and thing not in {"app", "connection"})
    if thing == "product":
        assert (event.kind, event.uuid) == (ResourceKind.PRODUCT, UUID)
    elif thing == "product-model":
        assert (event.kind, event.code) == (ResourceKind.PRODUCT_MODEL, "Some_Code")
    elif thing in ITEMS:
        assert (event.kind, event.item) == (ResourceKind.STRUCTURE, ITEMS[thing])
    else:
        assert event.kind is ResourceKind.OTHER
        assert event.code == ("5_client" if thing in {"app", "connection"} else None)


@pytest.mark.parametrize("name", sorted(BODIES))
def test_none_needs_its_author(name: str) -> None:
    event = read(cloud_event(name, BODIES[name]))
    assert (event.author, event.author_type) == (None, None)


@pytest.mark.parametrize(
    "name", [name for name in sorted(BODIES) if EVENT_TYPES[name].kind is not ResourceKind.OTHER]
)
@pytest.mark.parametrize("data", [{}, [], None, "x", {"product": {}}, {"product": []}])
def test_what_names_nothing_is_unusable_and_says_where_the_name_should_be(
    name: str, data: object
) -> None:
    bad = unusable(cloud_event(name, data))
    assert bad.event_id == "018e197c-dfe2-70f8-9346-1a8e016f5fbb"
    assert "data." in bad.reason


@pytest.mark.parametrize("name", ["attribute-option", "asset", "reference-entity-record"])
def test_an_item_without_what_it_lives_in_is_unusable(name: str) -> None:
    member = name.replace("-", "_")
    bad = unusable(cloud_event(f"{name}.updated", {member: CODE}))
    assert bad.reason.endswith(".code is missing or not usable")


def test_a_model_may_be_named_as_the_schema_or_as_the_sample_does() -> None:
    for data in ({"product": CODE}, {"product_model": CODE}):
        event = read(cloud_event("product-model.updated", data))
        assert (event.kind, event.code) == (ResourceKind.PRODUCT_MODEL, "Some_Code")


def test_a_product_may_bring_its_identifier_and_its_uuid_in_any_case() -> None:
    data = {"product": {"uuid": UUID.upper(), "identifier": "SKU-1"}}
    event = read(cloud_event("product.updated", data))
    assert (event.uuid, event.identifier) == (UUID, "SKU-1")


@pytest.mark.parametrize(
    "action",
    [f"{PREFIX}unheard.of", "com.akeneo.pim.v2.product.updated", "product.updated", "org.x.y"],
)
def test_a_type_that_nobody_knows_is_an_event_all_the_same(action: str) -> None:
    event = read(cloud_event("", {"product": {"uuid": UUID}}, type=action))
    assert (event.kind, event.action, event.uuid) == (ResourceKind.OTHER, action, None)


@pytest.mark.parametrize("source", ["akeneo-event-platform", "pim", "-", None, 7])
def test_neither_source_nor_subject_nor_schema_decides_anything(source: object) -> None:
    odd = {"source": source, "subject": source, "dataschema": "https://x.test", "extra_": [1]}
    assert read(cloud_event("product.updated", {"product": {"uuid": UUID}}, **odd)).uuid == UUID


@pytest.mark.parametrize(
    ("time", "read_as"),
    [
        ("2026-11-20T09:15:42.128450282Z", datetime(2026, 11, 20, 9, 15, 42, 128450, tzinfo=UTC)),
        ("2026-11-20T10:15:42+01:00", datetime(2026, 11, 20, 9, 15, 42, tzinfo=UTC)),
        ("-", None),
        (None, None),
        ("yesterday", None),
    ],
)
def test_a_time_may_have_fractions_or_be_missing(time: object, read_as: datetime | None) -> None:
    event = read(cloud_event("product.updated", {"product": {"uuid": UUID}}, time=time))
    assert event.occurred_at == read_as


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b'{"a":NaN}', "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[]", "not an object"),
        (b"{}", "no `type`"),
        (cloud_event("product.updated", {}, type="-"), "no `type`"),
        (cloud_event("product.updated", {}, type=7), "no `type`"),
        (cloud_event("product.updated", {}, id="-"), "no usable id"),
        (cloud_event("product.updated", {}, id=""), "no usable id"),
        (cloud_event("product.updated", {}, id="x" * 300), "no usable id"),
        (cloud_event("product.updated", {}, id=5), "no usable id"),
    ],
)
def test_what_is_no_event_is_kept_under_an_id_of_its_content(body: bytes, said: str) -> None:
    bad = unusable(body)
    assert said in bad.reason
    assert bad.event_id.startswith("derived-")
    assert unusable(body).event_id == bad.event_id
    other = unusable(body + b"x")
    assert other.event_id != bad.event_id


def test_a_delta_hints_at_what_changed_and_never_at_values() -> None:
    changes: dict[str, object] = {
        "enabled": {"previous": True, "new": False},
        "family": {"previous": "lamps", "new": "desk_lamps"},
        "categories": {"added": ["desk"], "removed": []},
        "groups": {},
        "values": {
            "name": [
                {"previous": "Arc", "new": "Secret", "locale": "en_US", "scope": None},
                {"previous": "Arc", "new": "Secret", "locale": "de_DE", "scope": "web"},
            ],
            "weight": [{"previous": None, "new": {"data": "1.2"}, "locale": None, "scope": None}],
            "media": {"channel": "print"},
            "odd": 7,
        },
        "table_attributes": {"added": [{}]},
    }
    event = read(
        cloud_event("product.updated.delta", {"product": {"uuid": UUID, "changes": changes}})
    )
    assert event.hint == (
        "enabled, family, categories, name (en_US), name (de_DE, web), weight, media (print), odd, "
        "table_attributes"
    )


@pytest.mark.parametrize("changes", [None, [], "x", {"values": [1]}, {"values": {"a": [None]}}, {}])
def test_odd_changes_cost_the_hint_at_most(changes: object) -> None:
    data = {"product": {"uuid": UUID, "changes": changes}}
    event = read(cloud_event("product.updated.delta", data))
    assert event.uuid == UUID


def test_a_long_hint_is_cut() -> None:
    changes: dict[str, object] = {"values": {f"attribute_{n}": [{}] for n in range(500)}}
    data = {"product": {"uuid": UUID, "changes": changes}}
    hint = read(cloud_event("product.updated.delta", data)).hint
    assert hint is not None
    assert len(hint) == 500
    assert hint.endswith("…")


@pytest.mark.parametrize(
    ("secret", "body", "signature"),
    [
        (
            "fixture-secret-1",
            b'{"specversion":"1.0"}',
            "4b936c555c72aa9ede7db44608e555c70ea887a89a85a1107c254315c33aea66",
        ),
        (PRIMARY, SAMPLE, "337b9de703c37d39a13b007a87b1ff8fd816fdb0ba054725bb42b3bda687ef98"),
        (SECONDARY, SAMPLE, "63c95f4c4ff7b3a1088f9ddb3b41dfecf57f2c1364563f5b107a5f964b9aa525"),
        (
            PRIMARY,
            '{"name":"Lámpara é","url":"a/b"}'.encode(),
            "8c890f6051a3e9cae195257fcfe664b058ca1ba7f7c832e552d674480e6668e4",
        ),
        (
            "fixture-notification-secret",
            NOTICE,
            "8c8a344ed44472eb0c33bc0497b9e296941edc4fca5584fb8412e50da1b4a8d9",
        ),
    ],
)
def test_known_signatures(secret: str, body: bytes, signature: str) -> None:
    assert sign_body(secret, body) == signature
    assert (
        check_platform_signature(secrets=["another", secret], signatures=[signature], body=body)
        is None
    )
    wrong = check_platform_signature(secrets=[secret], signatures=[signature], body=body + b" ")
    assert wrong is not None
    assert wrong.reason is RefusalReason.SIGNATURE_UNKNOWN


@pytest.mark.parametrize("known", [[PRIMARY], [SECONDARY], [SECONDARY, PRIMARY]])
@pytest.mark.parametrize("sent", ["first", "second", "both"])
def test_either_header_may_match_any_secret(known: list[str], sent: str) -> None:
    primary, secondary = sign_body(PRIMARY, SAMPLE), sign_body(SECONDARY, SAMPLE)
    kinds: dict[str, list[str | None]] = {
        "first": [primary, None],
        "second": ["0" * 64, secondary],
        "both": [primary, secondary],
    }
    headers = kinds[sent]
    refusal = check_platform_signature(secrets=known, signatures=headers, body=SAMPLE)
    signed_by = {"first": {PRIMARY}, "second": {SECONDARY}, "both": {PRIMARY, SECONDARY}}[sent]
    assert (refusal is None) is bool(signed_by & set(known))


@pytest.mark.parametrize("secrets", [[], [""]])
def test_without_a_secret_nothing_is_signed(secrets: list[str]) -> None:
    signatures = [sign_body("", SAMPLE)]
    assert check_platform_signature(secrets=secrets, signatures=signatures, body=SAMPLE)


def test_without_a_signature_the_reason_is_that() -> None:
    refusal = check_platform_signature(secrets=[PRIMARY], signatures=[None, ""], body=SAMPLE)
    assert refusal is not None
    assert refusal.reason is RefusalReason.SIGNATURE_MISSING


@pytest.mark.parametrize(
    ("hours", "is_near"), [(0, True), (23.9, True), (-23.9, True), (24.1, False), (-24.1, False)]
)
def test_the_window_is_as_wide_on_both_sides(hours: float, is_near: bool) -> None:  # noqa: FBT001
    now = datetime(2026, 11, 20, 10, tzinfo=UTC)
    at = now + timedelta(hours=hours)
    assert (check_time(at, now=now, window=timedelta(hours=24)) is None) is is_near
    assert check_time(None, now=now, window=timedelta(0)) is None


def test_a_notice_is_read() -> None:
    notice = parse_notice(NOTICE)
    assert notice.status is SubscriptionStatus.SUSPENDED
    assert notice.subscription_id == "0190fe8a-6213-76ce-8a9f-ba36a5ef555a"
    assert notice.at == datetime(2026, 11, 20, 10, tzinfo=UTC)
    assert notice.reason == "Success rate dropped below 90%"


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("subscription.suspended.user", SubscriptionStatus.SUSPENDED),
        ("subscription.revoked", SubscriptionStatus.REVOKED),
        ("subscription.resumed", SubscriptionStatus.ACTIVE),
        ("subscription.renamed", None),
    ],
)
def test_each_kind_of_notice_says_what_became_of_the_subscription(
    kind: str, status: SubscriptionStatus | None
) -> None:
    body = NOTICE.replace(b"subscription.suspended.system", kind.encode())
    assert parse_notice(body).status is status


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        NOTICE.replace(b'"timestamp"', b'"at"'),
        NOTICE.replace(b'"subscription_id"', b'"id"'),
        NOTICE.replace(b'"notification_type"', b'"type"'),
        NOTICE.replace(b"2026-11-20T10:00:00Z", b"soon"),
    ],
)
def test_what_is_no_notice_is_rejected(body: bytes) -> None:
    with pytest.raises(BatchRejected):
        parse_notice(body)
