"""A second start, a killed worker, a machine with a proxy: the code behind each, and its tests."""

from tests.guards.guard import STORE, UNIT, Guard, named

_TAKEOVER = f"{STORE}/test_store_takeover.py"
_KEPT = f"{UNIT}/simulator/test_simulator_kept_shop.py"

STARTING: tuple[Guard, ...] = (
    Guard(
        "what a dead run had is let go only if nobody has it anew: a door by its generation",
        "storage/state/takeover.py",
        """        .where(_DOOR.c.generation == seen.generation, _DOOR.c.state == "open")
""",
        """        .where(_DOOR.c.run_id == seen.holder, _DOOR.c.state == "open")
""",
        named(_TAKEOVER, "test_a_run_that_was_begun_again_since_the_look_keeps_what_it_has"),
    ),
    Guard(
        "nobody else's lease is let go with a dead run's",
        "storage/state/takeover.py",
        "        for each in seen\n        if each.holder in dead\n",
        "        for each in seen\n",
        named(_TAKEOVER, "test_exactly_what_the_dead_one_had_is_free"),
    ),
    Guard(
        "the demo's PIM tells of nothing that it would have forgotten after a kill",
        "simulator/deliveries/dispatcher.py",
        "        self._simulation.keep()\n",
        "",
        named(_KEPT, "test_after_a_kill_the_shop_goes_on_as_it_was_last_told"),
    ),
    Guard(
        "this machine's own servers are never asked through a proxy",
        "settings/proxies.py",
        '    text = ",".join(dict.fromkeys([*present, *LOOPBACK, *filter(_is_loopback, ours)]))\n',
        '    text = ",".join(dict.fromkeys([*present, *filter(_is_loopback, ours)]))\n',
        named(
            f"{UNIT}/settings/test_settings_proxies.py",
            "test_the_loopback_is_never_asked_through_a_proxy",
        ),
    ),
)
