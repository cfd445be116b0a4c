from django.urls import path

from . import views

urlpatterns = [path(".well-known/revocations", views.revocations, name="revocations")]
