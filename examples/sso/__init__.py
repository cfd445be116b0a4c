"""Two web applications and a service on three origins that share one sign-in. `make demo-sso` starts them beside a Signet."""
