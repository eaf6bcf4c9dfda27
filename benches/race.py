"""Fifty concurrent sign-ups for one address, per round: `python3 benches/race.py HOST:PORT ROUNDS`.

Prints the number of responses of each status. Start the server separately, with any settings.
"""

import asyncio
import collections
import json
import sys
import time

CLIENTS = 50


async def register(host: str, port: int, email: str) -> int:
    reader, writer = await asyncio.open_connection(host, port)
    body = json.dumps({"email": email, "password": "correct-horse-battery"}).encode()
    head = (
        f"POST /register HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    writer.write(head.encode() + body)
    await writer.drain()
    answer = await reader.read()
    writer.close()
    return int(answer.split(b" ")[1])


async def main(address: str, rounds: int) -> None:
    host, port = address.rsplit(":", 1)
    statuses: collections.Counter[int] = collections.Counter()
    started = time.monotonic()
    for number in range(rounds):
        email = f"race{number}.{time.time_ns()}@example.com"
        statuses.update(await asyncio.gather(*(register(host, int(port), email) for _ in range(CLIENTS))))
    print(dict(sorted(statuses.items())), f"in {time.monotonic() - started:.0f} s")


asyncio.run(main(sys.argv[1], int(sys.argv[2])))
