"""Reading an answer whole, up to a size: whatever answers must not fill our memory.

A few kilobytes can unpack to gigabytes. So what counts is what comes out of the unpacking, piece by
piece, and only one packing is taken: packings inside each other multiply before a byte is counted.
"""

import httpx

from pim.errors import AnswerTooLarge, InvalidAnswer

_PACKINGS = frozenset({"", "identity", "gzip", "x-gzip", "deflate"})  # what httpx asks for
_OF_THE_WIRE = frozenset({"content-encoding", "content-length", "transfer-encoding"})


async def read_bounded(
    answer: httpx.Response, *, method: str, path: str, limit: int
) -> httpx.Response:
    """Read and unpack the body; the answer returned holds it, and may be read again.

    Raises:
        AnswerTooLarge: it is longer than `limit` bytes.
        InvalidAnswer: it is packed in a way that we did not ask for.
        httpx.HTTPError: it did not come whole, or its packing is damaged.
    """
    packing = answer.headers.get("Content-Encoding", "").strip().lower()
    if packing not in _PACKINGS:
        raise InvalidAnswer("the answer is packed in an unknown way", method=method, path=path)
    body = bytearray()
    async for piece in answer.aiter_bytes():
        body += piece
        if len(body) > limit:
            raise AnswerTooLarge(
                f"the answer is larger than {limit:,} bytes", method=method, path=path
            )
    headers = [
        (name, value)
        for name, value in answer.headers.raw
        if name.lower().decode() not in _OF_THE_WIRE
    ]
    return httpx.Response(answer.status_code, headers=headers, content=bytes(body))
