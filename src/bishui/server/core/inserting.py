"""Many new records into one table: each value is made ready once, and the statement once for all rows.

Django's own bulk insert writes a statement for each few rows, which for wide tables takes longest.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connections, models, router, transaction


def is_plain(model: type[models.Model]) -> bool:
    """Tell whether rows of a model can be written so: one table, and no value that the database makes."""
    fields = model._meta.concrete_fields
    return (
        not model._meta.parents
        and not model._meta.db_returning_fields
        and not any(field.generated or hasattr(field, "get_placeholder") for field in fields)
    )


def insert(model: type[models.Model], records: Sequence[models.Model]) -> None:
    """Write new records of a plain model, all or none.

    Raises
    ------
    IntegrityError
        If one of them may not stand beside what is there.
    """
    using = router.db_for_write(model)
    connection = connections[using]
    quoted = connection.ops.quote_name
    fields = model._meta.concrete_fields
    names = ", ".join(quoted(str(field.column)) for field in fields)
    places = ", ".join(["%s"] * len(fields))
    sql = f"INSERT INTO {quoted(model._meta.db_table)} ({names}) VALUES ({places})"  # noqa: S608 - names alone
    rows = [[_stored(field, record, connection) for field in fields] for record in records]
    with transaction.atomic(using=using, savepoint=False), connection.cursor() as cursor:
        cursor.executemany(sql, rows)
    for record in records:
        record._state.adding, record._state.db = False, using


def _stored(field: models.Field[Any, Any], record: models.Model, connection: Any) -> Any:
    value = field.pre_save(record, add=True)
    # Most values are texts in a column of texts, which stand as they are.
    if value is None or (type(value) is str and type(field) is models.CharField):
        return value
    return field.get_db_prep_save(value, connection)
