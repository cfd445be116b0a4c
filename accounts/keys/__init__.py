"""Signing keys: made, published, rotated, pulled; their public halves at /.well-known/jwks.json."""
