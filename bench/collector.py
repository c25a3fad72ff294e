"""The peer of `cargo xtask bench collect`: the same job by asyncio, aiohttp and sqlite3.

Reads ids from the export, asks for each movie with the same appends, eight at a
time, and writes body and a few columns into SQLite in batches. Prints titles a
second. Usage: collector.py API_URL FILES_URL TITLES DATABASE
"""

import asyncio
import datetime
import gzip
import json
import sqlite3
import sys
import time
import urllib.request
import zlib

import aiohttp

APPENDS = (
    "alternative_titles,credits,external_ids,images,keywords,recommendations,"
    "release_dates,reviews,similar,translations,videos,watch/providers"
)
KEY = "0123456789abcdef0123456789abcdef"
CONCURRENCY = 8
BATCH = 64


def export_ids(files_url, titles):
    day = datetime.datetime.now(datetime.timezone.utc).strftime("%m_%d_%Y")
    with urllib.request.urlopen(f"{files_url}/movie_ids_{day}.json.gz") as answer:
        with gzip.open(answer, "rt") as lines:
            return [json.loads(line)["id"] for _, line in zip(range(titles), lines)]


def keep(database, batch):
    with database:
        database.executemany(
            "INSERT OR REPLACE INTO titles VALUES (?, ?, ?, ?, ?, ?)",
            [
                (
                    movie["id"],
                    movie["title"],
                    movie["release_date"],
                    movie["vote_average"],
                    json.dumps([genre["name"] for genre in movie["genres"]]),
                    zlib.compress(body, 6),
                )
                for body, movie in batch
            ],
        )
    batch.clear()


async def collect(api_url, ids, database):
    ids = iter(ids)
    batch = []

    async def worker(session):
        for movie_id in ids:
            url = f"{api_url}/movie/{movie_id}?append_to_response={APPENDS}&api_key={KEY}"
            async with session.get(url) as answer:
                body = await answer.read()
                if answer.status == 200:
                    batch.append((body, json.loads(body)))
            if len(batch) >= BATCH:
                keep(database, batch)

    async with aiohttp.ClientSession() as session:
        await asyncio.gather(*(worker(session) for _ in range(CONCURRENCY)))
    keep(database, batch)


def main():
    api_url, files_url, titles, path = sys.argv[1:]
    ids = export_ids(files_url, int(titles))
    database = sqlite3.connect(path)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = NORMAL")
    database.execute(
        "CREATE TABLE titles (id INTEGER PRIMARY KEY, title TEXT, released TEXT,"
        " rating REAL, genres TEXT, body BLOB)"
    )
    started = time.monotonic()
    asyncio.run(collect(api_url, ids, database))
    print(len(ids) / (time.monotonic() - started))


if __name__ == "__main__":
    main()
