"""The app's registration."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """Core."""

    name = "bishui.server.core"
    label = "core"

    def ready(self) -> None:
        """Register the actions of core itself and what the apps contribute."""
        from django.utils.module_loading import autodiscover_modules

        from bishui.server.core.register_import import register_kinds

        autodiscover_modules("actions", "health")
        register_kinds()
