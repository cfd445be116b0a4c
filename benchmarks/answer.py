"""The small JSON answer that every contender gives, byte for byte the same."""

MESSAGE = "hello"
BODY = b'{"message":"hello","signed_in":true}'
BARE_PATH = "/bare/"
GUARDED_PATH = "/guarded/"
REFRESH_PATH = "/refresh/"
