"""The resource server: every endpoint here needs a token, and a rule that allows it."""
