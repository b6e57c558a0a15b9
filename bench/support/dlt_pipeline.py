"""A dlt pipeline over the same lists as the first reconcile, run by an interpreter that has dlt.

Started by bench/against_dlt.py, as `PYTHON dlt_pipeline.py URL TOKEN FOLDER DESTINATION`. Nothing
of ours is imported: it is written as dlt's guides advise. Prints its figures as one line of JSON.
"""

import json
import resource
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import dlt
from dlt.sources.helpers.rest_client import RESTClient
from dlt.sources.helpers.rest_client.auth import BearerTokenAuth
from dlt.sources.helpers.rest_client.paginators import JSONLinkPaginator

_FLAGS = {
    "with_attribute_options": "true",
    "with_quality_scores": "true",
    "with_completenesses": "true",
}
_BY_CURSOR = {"pagination_type": "search_after", "limit": "100"}
_NEXT = "_links.next.href"
_ITEMS = "_embedded.items"


class Lists:
    """The lists of one PIM, page by page; counts the calls and what they brought."""

    def __init__(self, url: str, token: str) -> None:
        self.calls = self.items = 0
        self._client = RESTClient(
            base_url=f"{url}/api/rest/v1/",
            auth=BearerTokenAuth(token),
            paginator=JSONLinkPaginator(next_url_path=_NEXT),
            data_selector=_ITEMS,
        )

    def pages(self, path: str, params: dict[str, str] | None = None) -> Iterator[list[Any]]:
        """Every page of a list, counted."""
        for page in self._client.paginate(path, params=params):
            self.calls += 1
            self.items += len(page)
            yield list(page)

    def products(self) -> Iterator[list[Any]]:
        """All products with what their documents show."""
        yield from self.pages("products-uuid", {**_BY_CURSOR, **_FLAGS})

    def models(self) -> Iterator[list[Any]]:
        """All product models."""
        yield from self.pages("product-models", _BY_CURSOR)

    def below(self, homes: str, lists: str) -> Iterator[list[Any]]:
        """All records or assets, each with the code of its home."""
        for page in self._client.paginate(homes):
            self.calls += 1
            for home in page:
                for some in self.pages(f"{homes}/{home['code']}/{lists}"):
                    yield [{**item, "home": home["code"]} for item in some]


def resources(lists: Lists) -> list[Any]:
    """One table each, nothing of them unnested, merged by key."""

    def merged(name: str, key: str | list[str], pages: Iterator[list[Any]]) -> Any:
        return dlt.resource(
            pages,
            name=name,
            primary_key=key,
            write_disposition="merge",
            max_table_nesting=0,
        )

    return [
        merged("products", "uuid", lists.products()),
        merged("models", "code", lists.models()),
        merged("records", ["home", "code"], lists.below("reference-entities", "records")),
        merged("assets", ["home", "code"], lists.below("asset-families", "assets")),
    ]


def main() -> None:
    """Load everything once into an empty database, and print the figures."""
    url, token, folder, destination = sys.argv[1:]
    lists = Lists(url, token)
    targets: dict[str, Callable[[], Any]] = {
        "sqlite": lambda: dlt.destinations.sqlalchemy(f"sqlite:///{folder}/dlt.sqlite"),
        "duckdb": lambda: dlt.destinations.duckdb(f"{folder}/dlt.duckdb"),
    }
    target = targets[destination]()
    began, spent = time.perf_counter(), time.process_time()
    pipeline = dlt.pipeline(
        "bench", destination=target, dataset_name="bench", pipelines_dir=f"{folder}/pipelines"
    )
    pipeline.run(resources(lists)).raise_on_failed_jobs()
    figures = {
        "seconds": time.perf_counter() - began,
        "cpu_seconds": time.process_time() - spent,
        "calls": lists.calls,
        "items": lists.items,
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    with pipeline.sql_client() as database:
        rows = database.execute_sql("SELECT count(*) FROM products")
    figures["rows"] = 0 if rows is None else rows[0][0]
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
