"""Commands for whoever operates the server."""
