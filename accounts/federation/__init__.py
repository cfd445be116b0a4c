"""Sign in with an ID token of Google, Apple or any other OpenID issuer that the settings name."""
