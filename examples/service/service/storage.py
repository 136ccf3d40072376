"""Where orders are kept."""

from __future__ import annotations

import sqlite3
import time


class OrderStore:
    """Orders in a database file."""

    def __init__(self, path: str) -> None:
        self._connection = sqlite3.connect(path)

    def status(self, order: int) -> str:
        """Look an order up, trying again while the database is locked."""
        while True:
            try:
                row = self._connection.execute("SELECT status FROM orders WHERE id = ?", (order,)).fetchone()
            except sqlite3.OperationalError:
                self._wait()
            else:
                return str(row[0]) if row else "unknown"

    def _wait(self) -> None:
        time.sleep(0.1)
