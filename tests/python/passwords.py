"""Verifies and makes password hashes with Python's bcrypt and with libpass, for tests/http/stored_passwords.rs.

`verify` reads [[password, hash], ...] and writes a list of verdicts; `hash` reads a list of passwords and writes
{password: [hash, ...]}. Both as JSON, on standard input and output.
"""

import json
import sys

import bcrypt
from passlib.hash import bcrypt_sha256

ROUNDS = 4


def verify(password: str, stored: str) -> bool:
    if stored.startswith("$bcrypt-sha256$"):
        return bcrypt_sha256.verify(password, stored)
    secret = password.encode()
    # This library refuses more than 72 bytes rather than cut them.
    return len(secret) <= 72 and bcrypt.checkpw(secret, stored.encode())


def hashes(password: str) -> list[str]:
    made = [bcrypt_sha256.using(rounds=ROUNDS).hash(password)]
    if len(password.encode()) <= 71:
        made.append(bcrypt.hashpw(password.encode(), bcrypt.gensalt(ROUNDS)).decode())
    return made


given = json.load(sys.stdin)
if sys.argv[1] == "verify":
    answer = [verify(password, stored) for password, stored in given]
else:
    answer = {password: hashes(password) for password in given}
json.dump(answer, sys.stdout)
