"""Routes about the PIM itself: tokens, its version, its routes, its media."""

from http import HTTPStatus
from urllib.parse import parse_qsl

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from pim.json_types import JsonObject
from simulator.api.answers import json_response, simulation_of
from simulator.errors import ApiError, bad_request

router = APIRouter()

_REST = "/api/rest/v1"
_ROUTES = {
    "pim_api_product_uuid_list": "products-uuid",
    "pim_api_product_uuid_get": "products-uuid/{uuid}",
    "pim_api_product_list": "products",
    "pim_api_product_get": "products/{code}",
    "pim_api_product_model_list": "product-models",
    "pim_api_family_list": "families",
    "pim_api_family_variant_list": "families/{familyCode}/variants",
    "pim_api_attribute_list": "attributes",
    "pim_api_attribute_option_list": "attributes/{attributeCode}/options",
    "pim_api_attribute_group_list": "attribute-groups",
    "pim_api_category_list": "categories",
    "pim_api_channel_list": "channels",
    "pim_api_locale_list": "locales",
    "pim_api_currency_list": "currencies",
    "pim_api_association_type_list": "association-types",
    "akeneomeasurement_measurement_family_get_all": "measurement-families",
}

_ENTERPRISE = {
    "akeneo_reference_entities_reference_entities_rest_connector_get": "reference-entities",
    "akeneo_reference_entities_records_rest_connector_get": (
        "reference-entities/{referenceEntityIdentifier}/records"
    ),
    "akeneo_asset_manager_asset_families_rest_connector_get": "asset-families",
    "akeneo_asset_manager_assets_rest_connector_get": (
        "asset-families/{assetFamilyIdentifier}/assets"
    ),
}


@router.post("/api/oauth/v1/token")
async def exchange_token(request: Request) -> Response:
    """A bearer for a password or a refresh token, the client named by Basic authorization."""
    grant = _parse_grant(request.headers.get("content-type"), await request.body())
    desk = simulation_of(request).tokens
    return json_response(desk.exchange(request.headers.get("authorization"), grant))


@router.get(f"{_REST}/system-information")
async def system_information(request: Request) -> Response:
    """Version and edition; nobody needs a bearer for it."""
    config = simulation_of(request).config
    edition: str = config.edition
    if config.saas:
        edition = "Serenity" if config.is_enterprise else "GE"
    return json_response({"version": config.told_version, "edition": edition})


@router.get(_REST)
async def list_routes(request: Request) -> Response:
    """The routes of this PIM; nobody needs a bearer for it."""
    config = simulation_of(request).config
    routes = {
        name: {"route": f"{_REST}/{path}", "methods": ["GET"]}
        for name, path in {**_ROUTES, **(_ENTERPRISE if config.is_enterprise else {})}.items()
        if not (config.identifier_only and path.startswith("products-uuid"))
    }
    return json_response(
        {
            "host": config.base_url,
            "authentication": {
                "fos_oauth_server_token": {"route": "/api/oauth/v1/token", "methods": ["POST"]}
            },
            "routes": routes,
        }
    )


def _parse_grant(content_type: str | None, body: bytes) -> JsonObject:
    kind = (content_type or "").partition(";")[0].strip().lower()
    if kind == "application/json":
        return _json_object(body)
    if kind == "application/x-www-form-urlencoded":
        return {**dict(parse_qsl(body.decode("utf-8", "replace")))}
    raise ApiError(
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        'The "Content-Type" header is missing or not supported. '
        '"application/json" has to be specified as value.',
    )


def _json_object(body: bytes) -> JsonObject:
    try:
        parsed = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise bad_request("Invalid json message received") from error
    if not isinstance(parsed, dict):
        raise bad_request("Invalid json message received")
    return parsed
