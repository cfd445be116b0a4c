"""Passwords: hashed under a limit of memory, verified, changed, set by link."""
