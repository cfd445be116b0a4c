from django.urls import path

from . import views

urlpatterns = [
    path(".well-known/apple-app-site-association", views.apple_app_site_association, name="apple-app-site-association"),
    path(".well-known/assetlinks.json", views.asset_links, name="asset-links"),
    path(".well-known/webauthn", views.related_origins, name="webauthn-related-origins"),
]
