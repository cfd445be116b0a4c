"""Shapes of the endpoints for clients, for the document alone: what comes in is read by `parameters`, as OAuth wants it."""

from rest_framework import serializers

from accounts.core.shapes import OpenSerializer


class OAuthErrorSerializer(OpenSerializer):
    """RFC 6749 §5.2."""

    error = serializers.CharField()
    error_description = serializers.CharField()


class ClientSerializer(OpenSerializer):
    """How a client authenticates, unless by `Authorization: Basic`."""

    client_id = serializers.CharField(required=False)
    client_secret = serializers.CharField(required=False)
    client_assertion_type = serializers.CharField(required=False)
    client_assertion = serializers.CharField(required=False)


class TokenRequestSerializer(ClientSerializer):
    grant_type = serializers.CharField()
    code = serializers.CharField(required=False, help_text="authorization_code")
    redirect_uri = serializers.CharField(required=False, help_text="authorization_code: the one of the request.")
    code_verifier = serializers.CharField(required=False, help_text="authorization_code: PKCE (RFC 7636).")
    refresh_token = serializers.CharField(required=False, help_text="refresh_token")
    scope = serializers.CharField(required=False, help_text="Less than what was granted.")
    device_code = serializers.CharField(required=False, help_text="device_code (RFC 8628)")
    subject_token = serializers.CharField(required=False, help_text="token-exchange (RFC 8693)")
    subject_token_type = serializers.CharField(required=False, help_text="token-exchange")
    audience = serializers.CharField(required=False, help_text="token-exchange: the same as resource.")
    resource = serializers.CharField(required=False, help_text="RFC 8707: the service, or userinfo.")


class TokenAnswerSerializer(OpenSerializer):
    """RFC 6749 §5.1, OpenID Connect Core §3.1.3.3."""

    access_token = serializers.CharField()
    token_type = serializers.CharField()
    expires_in = serializers.IntegerField(help_text="Seconds.")
    scope = serializers.CharField()
    refresh_token = serializers.CharField(required=False, help_text="With offline_access.")
    id_token = serializers.CharField(required=False, help_text="With openid.")
    issued_token_type = serializers.CharField(required=False, help_text="Of a token-exchange.")


class UserinfoSerializer(OpenSerializer):
    """OpenID Connect Core §5.1."""

    sub = serializers.UUIDField()
    name = serializers.CharField(required=False, help_text="With profile, or asked for by `claims`.")
    locale = serializers.CharField(required=False, help_text="With profile.")
    email = serializers.EmailField(required=False, help_text="With email.")
    email_verified = serializers.BooleanField(required=False, help_text="With email.")


class TokenShownSerializer(ClientSerializer):
    token = serializers.CharField(help_text="An access token or a refresh token.")
    token_type_hint = serializers.CharField(required=False, help_text="Not needed: a token says what it is.")


class IntrospectionSerializer(OpenSerializer):
    """RFC 7662 §2.2: `active` alone when it is false."""

    active = serializers.BooleanField()
    token_type = serializers.CharField(required=False)
    client_id = serializers.CharField(required=False)
    scope = serializers.CharField(required=False)
    sub = serializers.CharField(required=False)
    aud = serializers.ListField(child=serializers.CharField(), required=False)
    iss = serializers.CharField(required=False)
    exp = serializers.IntegerField(required=False)
    iat = serializers.IntegerField(required=False)
    jti = serializers.CharField(required=False)
    sid = serializers.CharField(required=False)
    auth_time = serializers.IntegerField(required=False)
    acr = serializers.CharField(required=False)
    amr = serializers.ListField(child=serializers.CharField(), required=False)
    roles = serializers.ListField(child=serializers.CharField(), required=False)
    cnf = serializers.DictField(required=False)
    act = serializers.DictField(required=False, help_text="Who acts for the person (RFC 8693).")


class PushedRequestSerializer(ClientSerializer):
    response_type = serializers.CharField()
    redirect_uri = serializers.CharField()
    scope = serializers.CharField()
    state = serializers.CharField(required=False)
    nonce = serializers.CharField(required=False)
    code_challenge = serializers.CharField(required=False)
    code_challenge_method = serializers.CharField(required=False)
    claims = serializers.CharField(required=False, help_text="JSON: single claims, OpenID Connect Core §5.5.")


class PushedSerializer(OpenSerializer):
    """RFC 9126 §2.2."""

    request_uri = serializers.CharField()
    expires_in = serializers.IntegerField(help_text="Seconds.")


class DeviceAuthorizationSerializer(ClientSerializer):
    scope = serializers.CharField()


class DeviceCodeSerializer(OpenSerializer):
    """RFC 8628 §3.2."""

    device_code = serializers.CharField()
    user_code = serializers.CharField(help_text="What the person types.")
    verification_uri = serializers.CharField()
    expires_in = serializers.IntegerField(help_text="Seconds.")
    interval = serializers.IntegerField(help_text="Seconds between two questions.")
