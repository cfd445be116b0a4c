"""Ends with 0 when the server in this container may be given requests. Needs no secret."""

import http.client
import os
import sys
from urllib.parse import urlsplit

host = urlsplit(os.environ.get("PUBLIC_URL", "http://127.0.0.1")).netloc
server = http.client.HTTPConnection("127.0.0.1", int(os.environ.get("PORT", "8000")), timeout=4)
try:
    server.request("GET", "/readyz", headers={"Host": host})
    status = server.getresponse().status
except OSError as error:
    sys.exit(f"no answer: {error}")
sys.exit(0 if status == 200 else f"status {status}")
