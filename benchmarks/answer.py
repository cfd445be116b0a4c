"""The small JSON answer that every contender gives, byte for byte the same."""

MESSAGE = "hello"
BODY = b'{"message":"hello","signed_in":true}'
BARE_PATH = "/bare/"
GUARDED_PATH = "/guarded/"
API_BARE_PATH = "/api/v1/bare/"
API_GUARDED_PATH = "/api/v1/guarded/"
REFRESH_PATH = "/refresh/"
