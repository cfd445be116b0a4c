"""The handler of `mail` messages: render the templates and send."""

from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string


def send(payload: dict[str, Any]) -> None:
    """Raises what the mail backend raises; the outbox retries."""
    folder = f"email/{payload['template']}"
    context = {"product": settings.PRODUCT_NAME, "public_url": settings.PUBLIC_URL, **payload["context"]}
    subject = " ".join(render_to_string(f"{folder}/subject.txt", context).split())
    message = EmailMultiAlternatives(subject, render_to_string(f"{folder}/body.txt", context), to=[payload["to"]])
    message.attach_alternative(render_to_string(f"{folder}/body.html", context), "text/html")
    message.send()
