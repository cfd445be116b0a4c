"""An application that runs in the browser alone: oidc-client-ts signs people in, and a script calls the notes service."""
