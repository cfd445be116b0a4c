from django.urls import path

from .views import NonceView, NoticeView

urlpatterns = [
    path("auth/federated/<slug:provider>/nonce/", NonceView.as_view(), name="federated-nonce"),
    path("auth/federated/<slug:provider>/notices/", NoticeView.as_view(), name="federated-notices"),
]
