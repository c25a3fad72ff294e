"""The peer of `cargo xtask bench collect`: the same job by asyncio, aiohttp and sqlite3.

Reads ids from the export into a queue, asks for each movie with the same
appends, eight at a time, and keeps what Cinemirror keeps: the compressed body
with its hash, catalogue rows, similar titles, a card, a line for each call; then
finishes the task. All in SQLite with the same settings, in batches. Prints
titles a second. Usage: collector.py API_URL FILES_URL TITLES DATABASE
"""

import asyncio
import datetime
import gzip
import hashlib
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
BATCH = 96

SCHEMA = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
CREATE TABLE tasks (id INTEGER PRIMARY KEY);
CREATE TABLE bodies (id INTEGER PRIMARY KEY, hash TEXT, fetched_at REAL, body BLOB);
CREATE TABLE works (id INTEGER PRIMARY KEY, imdb_id TEXT, title TEXT, original_title TEXT,
    released TEXT, runtime INTEGER, genres TEXT, rating REAL, votes INTEGER, popularity REAL);
CREATE INDEX works_popularity ON works (popularity);
CREATE TABLE works_meta (id INTEGER PRIMARY KEY, tagline TEXT, overview TEXT, certification TEXT,
    casts TEXT, crew TEXT, trailers TEXT, providers TEXT, keywords TEXT, companies TEXT,
    countries TEXT, budget INTEGER, revenue INTEGER);
CREATE TABLE similar (id INTEGER, similar_id INTEGER, source TEXT, rank INTEGER, title TEXT,
    PRIMARY KEY (id, source, rank)) WITHOUT ROWID;
CREATE TABLE cards (id INTEGER PRIMARY KEY, payload TEXT, etag TEXT);
CREATE TABLE calls (at REAL, asked TEXT, status INTEGER, took REAL, bytes INTEGER);
"""


def export_ids(files_url, titles):
    day = datetime.datetime.now(datetime.timezone.utc).strftime("%m_%d_%Y")
    with urllib.request.urlopen(f"{files_url}/movie_ids_{day}.json.gz") as answer:
        with gzip.open(answer, "rt") as lines:
            return [json.loads(line)["id"] for _, line in zip(range(titles), lines)]


def certification(movie):
    for country in movie["release_dates"]["results"]:
        if country["iso_3166_1"] == "US":
            return next((d["certification"] for d in country["release_dates"]), None)
    return None


def rows_of(body, movie):
    cast = [
        {name: one.get(name) for name in ("id", "name", "character", "order", "profile_path")}
        for one in movie["credits"]["cast"]
    ]
    crew = [
        {name: one.get(name) for name in ("id", "name", "job", "department", "profile_path")}
        for one in movie["credits"]["crew"]
    ]
    providers = {
        country: {way: [p["provider_name"] for p in all] for way, all in ways.items() if way != "link"}
        for country, ways in movie["watch/providers"]["results"].items()
    }
    genres = [genre["name"] for genre in movie["genres"]]
    key = movie["id"]
    card = json.dumps(
        {"id": key, "title": movie["title"], "released": movie["release_date"], "genres": genres,
         "rating": movie["vote_average"], "overview": movie["overview"][:200]}
    )
    return {
        "bodies": (key, hashlib.blake2b(body).hexdigest(), time.time(), zlib.compress(body, 6)),
        "works": (key, movie["imdb_id"], movie["title"], movie["original_title"],
                  movie["release_date"], movie["runtime"], json.dumps(genres),
                  movie["vote_average"], movie["vote_count"], movie["popularity"]),
        "works_meta": (key, movie["tagline"], movie["overview"], certification(movie),
                       json.dumps(cast), json.dumps(crew), json.dumps(movie["videos"]["results"]),
                       json.dumps(providers),
                       json.dumps([one["name"] for one in movie["keywords"]["keywords"]]),
                       json.dumps([one["name"] for one in movie["production_companies"]]),
                       json.dumps([one["iso_3166_1"] for one in movie["production_countries"]]),
                       movie["budget"], movie["revenue"]),
        "cards": (key, card, hashlib.blake2b(card.encode()).hexdigest()),
        "similar": [
            (key, one["id"], source, rank, one["title"])
            for source in ("similar", "recommendations")
            for rank, one in enumerate(movie[source]["results"])
        ],
    }


def keep(database, batch, calls, done):
    rows = [rows_of(body, movie) for body, movie in batch]
    with database:
        for table, width in (("bodies", 4), ("works", 10), ("works_meta", 13), ("cards", 3)):
            marks = ",".join("?" * width)
            database.executemany(
                f"INSERT OR REPLACE INTO {table} VALUES ({marks})", [row[table] for row in rows]
            )
        database.executemany(
            "INSERT OR REPLACE INTO similar VALUES (?,?,?,?,?)",
            [line for row in rows for line in row["similar"]],
        )
        database.executemany("INSERT INTO calls VALUES (?,?,?,?,?)", calls)
        database.executemany("DELETE FROM tasks WHERE id = ?", [(key,) for key in done])
    batch.clear()
    calls.clear()
    done.clear()


async def collect(api_url, database):
    ids = iter([key for (key,) in database.execute("SELECT id FROM tasks")])
    batch, calls, done = [], [], []

    async def worker(session):
        for movie_id in ids:
            asked = f"movie/{movie_id}?append_to_response={APPENDS}"
            started = time.time()
            async with session.get(f"{api_url}/{asked}&api_key={KEY}") as answer:
                body = await answer.read()
                if answer.status == 200:
                    batch.append((body, json.loads(body)))
                calls.append((started, asked, answer.status, time.time() - started, len(body)))
                done.append(movie_id)
            if len(batch) >= BATCH:
                keep(database, batch, calls, done)

    async with aiohttp.ClientSession() as session:
        await asyncio.gather(*(worker(session) for _ in range(CONCURRENCY)))
    keep(database, batch, calls, done)


def main():
    api_url, files_url, titles, path = sys.argv[1:]
    ids = export_ids(files_url, int(titles))
    database = sqlite3.connect(path)
    database.executescript(SCHEMA)
    with database:
        database.executemany("INSERT INTO tasks VALUES (?)", [(key,) for key in ids])
    started = time.monotonic()
    asyncio.run(collect(api_url, database))
    print(len(ids) / (time.monotonic() - started))


if __name__ == "__main__":
    main()
