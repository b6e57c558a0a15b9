"""Names that two layers share without importing each other, and names that Prefect must know."""

import pytest
from prefect.settings import get_current_settings
from prefect.settings.legacy import _get_valid_setting_names

from deployments.catalogue import (
    DEPLOYMENTS,
    NOTIFY_SHOPS,
    OUR_TAG,
    PROCESS_INBOX,
    RECONCILE_DELTA,
    RECONCILE_FULL,
)
from deployments.deploy.publishing import describe_deployment
from deployments.flow_loading import FlowCache
from deployments.prefect_env import child_environment
from deployments.up import watch
from deployments.up.demo import EVENTS_PATH, MANAGEMENT_PATH, PLATFORM_PATH
from deployments.worker.warm_worker import WORKER_TYPE
from flows import process_inbox, watch_subscriptions
from flows.retention.store import list_run_rules
from flows.sweeps.sweep import FULL
from pim.event_platform import DELIVERIES_PATH
from pim.event_platform_api import EVENTS_API_PATH as PLAIN_PATH
from pim.event_platform_api import NOTIFICATIONS_PATH
from receiver.app import EVENT_PLATFORM_PATH, EVENTS_API_PATH, NOTICES_PATH
from receiver.trigger import alarms
from receiver.trigger.prefect_runs import DEPLOYMENT_NAME, SWEEPS
from settings import load_settings
from simulator.platform.routes import ROOT
from storage.state import FULL_SWEEP
from tests.prefect_fixtures import PrefectServer


def test_receiver_triggers_the_deployment_that_is_declared() -> None:
    assert PROCESS_INBOX.full_name == DEPLOYMENT_NAME
    assert {"full": RECONCILE_FULL.full_name, "delta": RECONCILE_DELTA.full_name} == SWEEPS


def test_catch_up_asks_for_the_deployments_that_are_declared() -> None:
    assert watch_subscriptions.SWEEPS == SWEEPS


def test_drains_ask_for_the_deployment_that_is_declared() -> None:
    assert NOTIFY_SHOPS.full_name == process_inbox.NOTIFY


def test_subscriptions_deliver_to_the_receivers_paths() -> None:
    assert (DELIVERIES_PATH, PLAIN_PATH) == (EVENT_PLATFORM_PATH, EVENTS_API_PATH)
    assert NOTIFICATIONS_PATH == NOTICES_PATH


def test_demo_delivers_to_the_receivers_paths() -> None:
    assert EVENTS_PATH == EVENTS_API_PATH
    assert PLATFORM_PATH == EVENT_PLATFORM_PATH
    assert f"{PLATFORM_PATH}/notifications" == NOTICES_PATH


def test_demo_s_event_platform_is_managed_where_the_simulator_has_it() -> None:
    assert MANAGEMENT_PATH == ROOT


def test_receiver_raises_the_alarm_that_makes_up_deploy_again() -> None:
    assert watch.DEPLOYMENT_MISSING == alarms.DEPLOYMENT_MISSING


def test_full_sweep_is_looked_for_under_the_name_flows_give_it() -> None:
    assert FULL_SWEEP == FULL


def test_runs_are_tidied_under_the_names_they_have() -> None:
    rules = list_run_rules(load_settings({}).keep)
    assert {rule.flow for rule in rules} == {spec.flow_name for spec in DEPLOYMENTS}
    assert (RECONCILE_DELTA.flow_name, RECONCILE_DELTA.name) in {
        (rule.flow, rule.deployment) for rule in rules
    }


def test_settings_default_to_the_warm_workers_type() -> None:
    assert load_settings({}).work_pool_type == WORKER_TYPE


def test_every_variable_we_set_is_one_that_prefect_reads(prefect_server: PrefectServer) -> None:
    known = _get_valid_setting_names(type(get_current_settings()))
    ours = {
        name for name in child_environment(prefect_server.settings, {}) if name != "DO_NOT_TRACK"
    }
    assert ours - known == set()


@pytest.mark.parametrize("spec", DEPLOYMENTS, ids=lambda spec: spec.full_name)
def test_every_deployment_names_a_flow_and_is_known_as_ours(spec: object) -> None:
    found = next(each for each in DEPLOYMENTS if each is spec)
    described = describe_deployment(found, FlowCache(("flows",)))
    assert OUR_TAG in found.tags
    assert set(found.parameters) <= set(described.parameter_form["properties"])
    for parameter in described.parameter_form["properties"].values():
        assert parameter["description"]
