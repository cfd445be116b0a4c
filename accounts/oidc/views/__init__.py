"""Endpoints and pages of the OpenID provider, one a file."""
