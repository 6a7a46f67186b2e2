"""An empty database is given the tables that the migrations come to, without each step of their history.

The steps change tables and the rows in them; where there is neither, only what they come to counts. A
database that holds anything goes through every step it has not taken yet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import router
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

_STEPS_TAKEN = MigrationRecorder.Migration._meta.db_table


def is_empty(connection: BaseDatabaseWrapper) -> bool:
    """Tell whether the database holds no table yet, and no step of the migrations was taken."""
    return not MigrationRecorder(connection).applied_migrations() and set(
        connection.introspection.table_names()
    ) <= {_STEPS_TAKEN}


def lay_out(connection: BaseDatabaseWrapper) -> None:
    """Make the tables of the newest migrations and note all steps as taken, both or neither."""
    loader, recorder = MigrationLoader(connection), MigrationRecorder(connection)
    recorder.ensure_schema()
    steps = [recorder.Migration(app=app, name=name) for app, name in sorted(loader.disk_migrations)]
    with connection.schema_editor() as editor:
        for model in loader.project_state().apps.get_models():
            if model._meta.can_migrate(connection) and router.allow_migrate_model(connection.alias, model):
                editor.create_model(model)
        recorder.migration_qs.bulk_create(steps)
