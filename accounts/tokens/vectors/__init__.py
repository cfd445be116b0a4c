"""Test vectors for whoever checks our tokens in another service: good and bad ones of an issuer that is nobody's."""
