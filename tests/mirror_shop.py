"""The shop that the machine of random edits plays with, and what nobody tells it of."""

import asyncio
import json
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from flows.sweeps.run import ReconcileRequest, run_reconcile
from pim.json_types import JsonObject, JsonValue, as_list, as_object
from storage import migrate, open_store
from tests.mirror_untold import Untold
from tests.night_parts import wait_until
from tests.shop import Shop


@dataclass(slots=True)
class MirrorShop:
    """A shop, and the products that changed without an event, each with what explains it.

    `loses`: deliveries are lost and saves are silent, so that only a reconcile makes it true.
    """

    shop: Shop
    folder: Path
    loses: bool
    has_models: bool = False
    is_enterprise: bool = False
    untold: dict[str, Untold] = field(default_factory=dict)
    removed: list[tuple[str, str | None]] = field(default_factory=list)
    lags: bool = False
    unannounced: int = 0

    def pick(self, which: int) -> str | None:
        """One of the products, by its place; None if there is none."""
        keys = sorted(self.shop.truth())
        return keys[which % len(keys)] if keys else None

    def post(self, path: str, body: Mapping[str, object] | None = None) -> JsonObject | None:
        """Ask the PIM for something; None where it refuses, as it does to a taken identifier."""
        answer = self.shop.http.post(f"{self.shop.pim_url}/_simulator/{path}", json=body or {})
        if answer.status_code == 422:
            return None
        answer.raise_for_status()
        made: JsonObject = answer.json()
        return made

    def delete(self, path: str, **params: str | bool) -> bool:
        """Take something of the PIM's away; False if it has none of that name."""
        address = f"{self.shop.pim_url}/_simulator/{path}"
        answer = self.shop.http.delete(address, params=params)
        if answer.status_code == 404:
            return False
        answer.raise_for_status()
        return True

    def save(self, uuid: str, changes: Mapping[str, object], *, silent: bool = False) -> None:
        """Save one product, and have it told unless that is lost."""
        silent = silent and self.loses
        with self.telling({uuid}, Untold.TWO_WAY):
            self.post(f"products/{uuid}", {"changes": changes, "silent": silent})

    def create(self, uuid: str, changes: Mapping[str, object]) -> None:
        """Make a product, unless one has its identifier or uuid."""
        with self.telling({uuid}, Untold.NOTHING):
            self.post("products", {"uuid": uuid, "changes": changes})

    def remove(self, uuid: str, *, silent: bool) -> None:
        """Take a product away; it leaves the associations of others, who are not told of."""
        silent = silent and self.loses
        self.unannounced += self.loses
        former = self.shop.truth()[uuid]
        self.removed.append((uuid, identifier_of(former)))
        # Whoever reads the removal reads those who pointed to it, too.
        with self.telling({uuid, *self._pointing_to({uuid})}, Untold.NOTHING):
            self.delete(f"products/{uuid}", silent=silent)

    def save_model(self, code: str, changes: Mapping[str, object], *, silent: bool) -> None:
        """Save a model: told of, its variants must follow."""
        with self.telling(self.below(code), Untold.TWO_WAY):
            self.post(f"models/{code}", {"changes": changes, "silent": silent and self.loses})

    def remove_model(self, code: str, *, silent: bool) -> None:
        """Take a model away, and all below it; one event tells of it."""
        below = self.below(code)
        self.unannounced += len(below) if self.loses else 0
        with self.telling(below | self._pointing_to({code, *below}), Untold.NOTHING):
            self.delete(f"models/{code}", silent=silent and self.loses)

    def models(self) -> dict[str, JsonObject]:
        """Every model as the PIM shows it, by code."""
        return {str(model["code"]): model for model in self._lines("models")}

    def pick_model(self, which: int) -> str | None:
        """One of the models, by its place; None if there is none."""
        codes = sorted(self.models())
        return codes[which % len(codes)] if codes else None

    def pick_thing(self, kind: str, which: int) -> str | None:
        """One of the records or assets, as `family/code`."""
        things = sorted(
            f"{each['family']}/{each['code']}" for each in self._lines(f"things/{kind}")
        )
        return things[which % len(things)] if things else None

    def _lines(self, path: str) -> list[JsonObject]:
        answer = self.shop.http.get(f"{self.shop.pim_url}/_simulator/{path}").raise_for_status()
        return [json.loads(line) for line in answer.text.splitlines()]

    def below(self, code: str) -> set[str]:
        """The variants of a model and of its sub-models."""
        models = {code, *(sub for sub, each in self.models().items() if each["parent"] == code)}
        return {uuid for uuid, each in self.shop.truth().items() if each["parent"] in models}

    def _pointing_to(self, names: set[str]) -> set[str]:
        """The products whose answers name one of these."""
        truth = self.shop.truth()
        return {key for key, each in truth.items() if any(name in str(each) for name in names)}

    def trouble(self, *, drop: float) -> None:
        """Have deliveries repeated, overtaking each other, late, forged, and lost."""
        rates = {"repeat": 0.2, "shuffle": 0.3, "delay": 0.2, "forge": 0.1, "drop": drop}
        spans = {"shuffle_window_seconds": 0.05, "delay_seconds": 0.1}
        self.shop.control("faults", {**rates, **spans})

    @contextmanager
    def telling(self, told: set[str], reason: Untold) -> Iterator[None]:
        """Note which products a change of the PIM's changes beside those it tells of.

        What the reason cannot explain is not noted: the store must follow it all the same.
        """
        before = {} if self.loses else self.shop.truth()
        yield
        after = {} if self.loses else self.shop.truth()
        for key in before.keys() | after.keys():
            if before.get(key) == after.get(key):
                continue
            if key in told:
                self.untold.pop(key, None)  # its event has it read, with all that was kept silent
            elif reason.explains(before.get(key), after.get(key)):
                self.untold[key] = reason

    def drain(self) -> None:
        """Settle what is due."""
        asyncio.run(self.shop.drain())

    def reconcile(self, *, full: bool) -> None:
        """Sweep; a full one that the index hides nothing from leaves nothing untold."""
        asyncio.run(self.shop.reconcile(full=full))
        if full and not self.lags:
            self.untold.clear()

    def lag(self, seconds: float) -> None:
        """Keep the search index behind by so much; without, it knows all at once."""
        self.shop.control("index", {"lag_seconds": seconds, "rebuild": seconds == 0})
        self.lags = seconds > 0

    def come_to_rest(self) -> None:
        """Have all deliveries made, lost ones excepted, and settle what they say."""
        self.shop.control("faults", {"drop": 0})
        self.lag(0)
        self.shop.control("deliveries/resume")
        wait_until(self._is_told, "the deliveries to be out")
        self.drain()

    def _is_told(self) -> bool:
        address = f"{self.shop.pim_url}/_simulator/state"
        state: JsonObject = self.shop.http.get(address).raise_for_status().json()
        counts = as_object(as_object(state["deliveries"])["counts"])

        def count(*names: str) -> int:
            return sum(value for name in names if isinstance(value := counts.get(name, 0), int))

        silenced = count("dropped", "nothing_to_tell", "nobody_to_tell")
        return count("bulks") + count("repeated") == count("sent") + silenced

    def differing(self) -> set[str]:
        """The products that the store does not show as the PIM does."""
        stored, truth = self.shop.sources(), self.shop.truth()
        return {key for key in stored.keys() | truth.keys() if stored.get(key) != truth.get(key)}

    def explain(self, keys: set[str]) -> str:
        """What the store and the PIM show of these products, where they differ."""
        stored, truth = self.shop.sources(), self.shop.truth()
        lines = []
        for key in sorted(keys):
            ours, theirs = stored.get(key), truth.get(key)
            if ours is None or theirs is None:
                lines.append(f"{key}: stored {ours is not None}, in the PIM {theirs is not None}")
                continue
            flat, meant = _flat(ours), _flat(theirs)
            lines += [
                f"{key} {name}: stored {flat.get(name)!r}, in the PIM {meant.get(name)!r}"
                for name in sorted(flat.keys() | meant.keys())
                if flat.get(name) != meant.get(name)
            ]
        return "\n".join(lines)

    def documents(self) -> dict[str, JsonValue]:
        """Every document that the store shows."""
        return {key: line["document"] for key, line in self.shop.exported().items()}

    def fresh_documents(self) -> dict[str, JsonValue]:
        """The documents of a store that is filled from nothing: no older label can be in them."""
        url = f"sqlite:///{self.folder}/fresh.db"
        migrate(url)
        settings = replace(self.shop.settings, database_url=url)
        asyncio.run(run_reconcile(settings, ReconcileRequest()))
        with closing(open_store(url)) as store:
            fresh = replace(self, shop=replace(self.shop, store=store))
            return fresh.documents()


def _flat(product: JsonObject) -> JsonObject:
    """A product with its values beside its properties, so that a difference is told shortly."""
    values = as_object(product.get("values"))
    return {**product, "values": None, **{f"values.{code}": values[code] for code in values}}


def entries_of(product: JsonObject, attribute: str) -> list[JsonValue]:
    """The values of one attribute, one for each locale and channel."""
    return as_list(as_object(product["values"]).get(attribute))


def identifier_of(product: JsonObject) -> str | None:
    """The main identifier of a product as its REST answer shows it."""
    entries = entries_of(product, "sku")
    data = as_object(entries[0]).get("data") if entries else None
    return data if isinstance(data, str) else None
