"""Verifies password hashes with Python's bcrypt and libpass, and makes them with these and Django, for tests/http/stored_passwords.rs.

`verify` reads [[password, hash], ...] and writes a list of verdicts; `hash` reads a list of passwords and writes
{password: [hash, ...]}. Both as JSON, on standard input and output.
"""

import json
import sys

import bcrypt
from django.conf import settings
from django.contrib.auth.hashers import (
    Argon2PasswordHasher,
    BCryptPasswordHasher,
    BCryptSHA256PasswordHasher,
    PBKDF2PasswordHasher,
)
from passlib.hash import argon2, bcrypt as passlib_bcrypt, bcrypt_sha256, pbkdf2_sha256, scrypt

ROUNDS = 4

settings.configure()


class CheapArgon2(Argon2PasswordHasher):
    time_cost, memory_cost, parallelism = 1, 64, 2


def verify(password: str, stored: str) -> bool:
    if stored.startswith("$bcrypt-sha256$"):
        return bcrypt_sha256.verify(password, stored)
    secret = password.encode()
    # This library refuses more than 72 bytes rather than cut them.
    return len(secret) <= 72 and bcrypt.checkpw(secret, stored.encode())


def hashes(password: str) -> list[str]:
    made = [
        bcrypt_sha256.using(rounds=ROUNDS).hash(password),
        argon2.using(type="ID", time_cost=1, memory_cost=64, parallelism=1).hash(password),
        argon2.using(type="ID", time_cost=3, memory_cost=256, parallelism=4, digest_size=64).hash(password),
        scrypt.using(rounds=4, block_size=8, parallelism=1).hash(password),
        scrypt.using(rounds=6, block_size=2, parallelism=3).hash(password),
        pbkdf2_sha256.using(rounds=1).hash(password),
        pbkdf2_sha256.using(rounds=1000, salt_size=64).hash(password),
        PBKDF2PasswordHasher().encode(password, "a salt, as it stands", iterations=1000),
        BCryptSHA256PasswordHasher().encode(password, bcrypt.gensalt(ROUNDS)),
        CheapArgon2().encode(password, "a salt, as it stands"),
    ]
    if len(password.encode()) <= 71:
        made.append(BCryptPasswordHasher().encode(password, bcrypt.gensalt(ROUNDS)))
        made.append(bcrypt.hashpw(password.encode(), bcrypt.gensalt(ROUNDS)).decode())
        made += [passlib_bcrypt.using(ident=ident, rounds=ROUNDS).hash(password) for ident in ("2a", "2b", "2y")]
    return made


given = json.load(sys.stdin)
if sys.argv[1] == "verify":
    answer = [verify(password, stored) for password, stored in given]
else:
    answer = {password: hashes(password) for password in given}
json.dump(answer, sys.stdout)
