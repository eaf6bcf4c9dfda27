"""Signs schemathesis in, and anew whenever its session has ended: it ends sessions too."""

import json
import os
import urllib.request

import schemathesis


@schemathesis.auth()
class Token:
    def get(self, case, context):
        credentials = {
            "identifier": os.environ["VESTIBULE_IDENTIFIER"],
            "password": os.environ["VESTIBULE_PASSWORD"],
        }
        request = urllib.request.Request(
            os.environ["VESTIBULE_URL"] + "/login",
            json.dumps(credentials).encode(),
            {"content-type": "application/json"},
        )
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)["access_token"]

    def set(self, case, data, context):
        case.headers["Authorization"] = f"Bearer {data}"
