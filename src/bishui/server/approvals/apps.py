"""The app's registration."""

from django.apps import AppConfig


class ApprovalsConfig(AppConfig):
    """Applications for outfalls, from receipt to decision, and special areas."""

    name = "bishui.server.approvals"
    label = "approvals"
