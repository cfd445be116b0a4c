"""Browsers: one cookie, checked like a token, renewed against the device row. No session."""
