from django.urls import path

from . import views

urlpatterns = [
    path("auth/password/strength/", views.StrengthView.as_view(), name="password-strength"),
    path(".well-known/change-password", views.change_password, name="change-password"),
]
