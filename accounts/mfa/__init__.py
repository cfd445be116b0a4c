"""Second factors: a code from an authenticator app, and recovery codes for the day the phone is gone."""
