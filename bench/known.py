"""Fills a store's heads with every id of an export, as if all were collected.

usage: known.py [--again] STORE EXPORT

With --again it only forgets that the export was read.
"""

import gzip
import json
import sqlite3
import sys


def main():
    arguments = sys.argv[1:]
    again = "--again" in arguments
    store, export = [argument for argument in arguments if argument != "--again"]
    database = sqlite3.connect(store)
    with database:
        database.execute("DELETE FROM cursors")
        if again:
            return
        with gzip.open(export, "rt") as lines:
            rows = (json.loads(line) for line in lines)
            database.executemany(
                """INSERT INTO heads (kind, id, season, episode, version, fetched_at, schema_version,
                                      is_open, popularity, hash)
                   VALUES (1, ?, -1, -1, 1, 1700000000000, 1, 0, ?, randomblob(32))""",
                ((row["id"], row["popularity"]) for row in rows),
            )


main()
