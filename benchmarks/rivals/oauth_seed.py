"""What a client of django-oauth-toolkit would hold: access tokens for userinfo, and codes, in the rows that its views leave."""

from datetime import timedelta

from django.contrib.auth.models import User
from django.utils import timezone
from oauth2_provider.models import AccessToken, Application, Grant, set_token_value
from oauthlib.common import generate_token

from benchmarks.relying_party import CHALLENGE, CLIENT_ID, NONCE, REDIRECT_URI, SIGN_IN_SCOPE, USERINFO_SCOPE
from benchmarks.sizes import CODES, HOLDERS


def seed(users: list[User]) -> tuple[list[str], list[str]]:
    """Authorization values, and codes that wait for an hour instead of a minute."""
    client = Application.objects.create(
        client_id=CLIENT_ID,
        client_type=Application.CLIENT_PUBLIC,
        authorization_grant_type=Application.GRANT_AUTHORIZATION_CODE,
        redirect_uris=REDIRECT_URI,
        algorithm=Application.RS256_ALGORITHM,
        name="Shop",
    )
    codes = [_code(client, user) for user in users[:CODES]]
    return [f"Bearer {_token(client, user)}" for user in users[:HOLDERS]], codes


def _token(client: Application, user: User) -> str:
    token = generate_token()
    row = AccessToken(user=user, application=client, scope=USERINFO_SCOPE, expires=_in_an_hour())
    set_token_value(row, token)
    row.save()
    return str(token)


def _code(client: Application, user: User) -> str:
    grant = Grant.objects.create(
        user=user,
        application=client,
        code=generate_token(),
        expires=_in_an_hour(),
        redirect_uri=REDIRECT_URI,
        scope=SIGN_IN_SCOPE,
        code_challenge=CHALLENGE,
        code_challenge_method=Grant.CODE_CHALLENGE_S256,
        nonce=NONCE,
        claims="{}",
    )
    return str(grant.code)


def _in_an_hour() -> object:
    return timezone.now() + timedelta(hours=1)
