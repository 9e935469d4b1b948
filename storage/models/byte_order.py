"""Text whose order is the order of its UTF-8 bytes, on every database."""

from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper


class ByteOrderedField(models.TextField):
    """Sorted and compared byte by byte: COLLATE "C" on PostgreSQL, and SQLite's own way."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        """In capitals: of a primary key that is `text`, Django makes a second index, for LIKE."""
        return "TEXT"

    def db_parameters(self, connection: BaseDatabaseWrapper) -> dict[str, Any]:
        """See Field.db_parameters."""
        parameters = super().db_parameters(connection)
        if connection.vendor == "postgresql":
            parameters["collation"] = "C"
        return parameters
