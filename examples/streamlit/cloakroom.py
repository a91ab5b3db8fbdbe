"""Values kept with a user's session, from any Python program behind the Cloakroom gateway.

The gateway adds `X-Cloakroom-Session` to each request: a handle that is good for this API alone and
dies with the session. Values are JSON. Writes may be conditional, so that two tabs lose nothing.
"""

import json
import os
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen


class SessionEnded(Exception):
    """The user has to sign in again."""


class Conflict(Exception):
    """Another tab was faster."""


class Values:
    """The values of a session, or of its user: `Values(handle)`, `Values(handle, scope="user")`."""

    def __init__(self, handle, scope="session", url=None):
        base = url or os.environ.get("CLOAKROOM_URL", "http://127.0.0.1:8080")
        self.url = f"{base}/_cloakroom/data/{scope}"
        self.handle = handle

    def get(self, name, default=None):
        return self._read(name, default)[0]

    def set(self, name, value):
        self._call("PUT", name, value)

    def remove(self, name):
        self._call("DELETE", name)

    def update(self, name, change, default=None):
        """Stores `change(value)`, and calls it again as often as another tab was faster."""
        for _ in range(100):
            value, version = self._read(name, default)
            condition = {"If-Match": version} if version else {"If-None-Match": "*"}
            value = change(value)
            try:
                self._call("PUT", name, value, condition)
                return value
            except Conflict:
                continue
        raise Conflict(name)

    def _read(self, name, default):
        try:
            return self._call("GET", name)
        except KeyError:
            return default, None

    def _call(self, method, name, value=None, headers={}):
        body = json.dumps(value).encode() if method == "PUT" else None
        headers = {"Authorization": f"Bearer {self.handle}", **headers}
        request = Request(f"{self.url}/{quote(name, safe='')}", body, headers, method=method)
        try:
            with urlopen(request, timeout=10) as answer:
                text = answer.read()
                return json.loads(text) if text else None, answer.headers["ETag"]
        except HTTPError as error:
            known = {401: SessionEnded, 404: KeyError, 412: Conflict}
            raise known.get(error.code, RuntimeError)(error.read().decode()) from None
