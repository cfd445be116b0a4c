"""Authenticator codes, recovery codes, and the limit on guessing them."""
