"""The command `python -m examples.shop`: the sample shop, beside a store that runs here."""

import argparse
import logging
from pathlib import Path

import uvicorn

from examples.shop.app import build_app
from examples.shop.feed import Feed
from examples.shop.follower import Follower
from examples.shop.shelf import Shelf
from examples.shop.token import TokenFile

_FOLDER = Path(__file__).parents[2] / "var" / "sample-shop"


def main() -> None:
    """Serve the shop until it is stopped."""
    parser = argparse.ArgumentParser(prog="python -m examples.shop", description=__doc__)
    parser.add_argument("--api", default="http://127.0.0.1:8001", help="where the read API is")
    parser.add_argument("--host", default="127.0.0.1", help="where the shop listens")
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--folder", type=Path, default=_FOLDER, help="of its database and token")
    parser.add_argument("--token", help="the token of the read API, where the shop shall make none")
    asked = parser.parse_args()
    logging.basicConfig(format="%(asctime)s %(message)s", level=logging.INFO)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    kept = TokenFile(asked.folder / "token")

    def open_feed(needs_token: bool) -> Feed:  # noqa: FBT001 - the follower's one word to us
        token = asked.token or (None if needs_token else kept.read()) or kept.renew()
        return Feed(asked.api, token)

    shelf = Shelf(asked.folder / "shop.db")
    app = build_app(shelf, Follower(shelf, open_feed))
    print(f"The sample shop is at http://{asked.host}:{asked.port}")
    uvicorn.run(app, host=asked.host, port=asked.port, log_level="warning", access_log=False)


if __name__ == "__main__":
    main()
