//! A million titles and a million people, made by the server itself.

use tokio_postgres::NoTls;

/// Shows have negative numbers, as in the catalogue. It is the start of 2026.
const TABLES: [&str; 20] = [
    "INSERT INTO works
     SELECT CASE WHEN n % 5 = 0 THEN -n ELSE n END, CASE WHEN n % 5 = 0 THEN 'tv' ELSE 'movie' END,
            n, CASE WHEN n % 3 = 0 THEN 'tt' || n END, 'Title ' || md5(n::text),
            'Original ' || n, (ARRAY['en', 'de', 'fr', 'ja'])[(1 + n % 4)::int], 1900 + n % 125,
            (1900 + n % 125) || '-0' || (1 + n % 9) || '-1' || n % 10, n % 200,
            ARRAY['Drama', 'Genre ' || n % 20], ARRAY['drama', 'genre ' || n % 20],
            (n * 7919 % 1000) / 100.0, (1e6 / n)::bigint, (n * 7907 % 1000003) / 1000.0, n % 10 = 0,
            n, '2026-01-01Z'::timestamptz - n * interval '1 second', (n * 104729 % 10000) / 100.0
     FROM generate_series(1::bigint, 1000000) AS n",
    "INSERT INTO works_meta
     SELECT work_id, 'A line', repeat('An overview of some length. ', 10), 'An overview', 'Released',
            '2h', 'R', '/s', '/m', '/l', CASE WHEN tmdb_id % 2 = 0 THEN '/original/p.jpg' END, '/b',
            '/b', '{}', NULL, '[]', ARRAY['a', 'b'], '{}', '{US}', 1, 1, NULL, NULL, NULL, NULL,
            '{}', '{}', NULL, '[]', '[{\"person_id\": 1, \"name\": \"Ann\", \"order\": 0}]', '[]', 1
     FROM works",
    "INSERT INTO work_texts
     SELECT work_id, array_to_tsvector(ARRAY['title', 'word' || tmdb_id % 1000,
            'rare' || tmdb_id % 100000, md5(tmdb_id::text), CASE WHEN tmdb_id % 3 = 0 THEN 'the'
            ELSE 'a' END]) FROM works",
    "INSERT INTO rating_sources
     SELECT work_id, 'TMDB', 7, 10, 70, 9, '2026-01-01Z'::timestamptz FROM works
     UNION ALL
     SELECT work_id, 'imdb', 7, 10, 70, 9, '2026-01-01Z'::timestamptz FROM works WHERE tmdb_id % 10 = 3",
    "INSERT INTO imported_ratings
     SELECT imdb_id, 'imdb', 7, 10, 9, '2026-01-01Z'::timestamptz FROM works WHERE tmdb_id % 30 = 3",
    "INSERT INTO aggregates
     SELECT work_id, 1, score, 1, 99, '[]', '2026-01-01Z'::timestamptz FROM works",
    "INSERT INTO similar_works
     SELECT work_id, 'similar', rank, tmdb_id + rank * 1000, 'Other'
     FROM works, generate_series(1, 3) AS rank",
    "INSERT INTO work_cards SELECT work_id, '{\"title\": \"x\"}', '\"etag\"' FROM works",
    "INSERT INTO people
     SELECT n, CASE WHEN n % 3 = 0 THEN 'nm' || n END, 'Ann ' || n, '{}', NULL,
            (1900 + n % 100) || '-0' || (1 + n % 9) || '-1' || n % 10, NULL, NULL, 'Acting', 1,
            (n * 7907 % 1000003) / 1000.0, CASE WHEN n % 2 = 0 THEN '/f.jpg' END, false, '2026-01-01Z'::timestamptz, '[]'
     FROM generate_series(1::bigint, 1000000) AS n",
    "INSERT INTO things
     SELECT (3 + n % 2)::int2, n / 20, n % 20, CASE WHEN n % 2 = 0 THEN -1 ELSE 1 END, 'x', '2026-01-01Z'::timestamptz
     FROM generate_series(1, 500000) AS n",
    "INSERT INTO facets SELECT work_id, title, '', last_refreshed_at FROM works",
    "INSERT INTO work_names
     SELECT work_id, array_to_tsvector(ARRAY['title', 'word' || tmdb_id % 1000,
            'rare' || tmdb_id % 100000, md5(tmdb_id::text)]) FROM works",
    "INSERT INTO person_names
     SELECT person_id, array_to_tsvector(ARRAY['ann', 'name' || person_id % 1000]) FROM people",
    "INSERT INTO thing_names
     SELECT n * 16 + 7, array_to_tsvector(ARRAY['company', 'name' || n % 1000])
     FROM generate_series(1::bigint, 100000) AS n",
    "INSERT INTO external_ids
     SELECT 1, n, -1, -1, s, 'id' || n * s FROM generate_series(1::bigint, 500000) AS n,
            generate_series(1::int2, 2::int2) AS s",
    "INSERT INTO list_entries
     SELECT 'movie.' || n % 4, '', '', n / 4, n / 80, 1, n * 7, -1, -1, '2026-01-01Z'::timestamptz
     FROM generate_series(1, 20000) AS n",
    "INSERT INTO pipeline_runs (name, trigger, sources, status, started_at, heard_at, ended_at)
     SELECT 'daily', 'scheduled', '{}', 'SUCCESS', '2026-01-01Z'::timestamptz, '2026-01-01Z'::timestamptz, '2026-01-01Z'::timestamptz
     FROM generate_series(1, 5000)",
    "INSERT INTO api_calls (at, endpoint, path, status, outcome, took_ms, bytes, run)
     SELECT '2026-01-01Z'::timestamptz - n * interval '1 second', 'movie/{id}', 'movie/' || n, 200, 'found', 9, 9, n / 200
     FROM generate_series(1, 1000000) AS n",
    "INSERT INTO images
     SELECT '/' || md5(n::text) || '.jpg', 'w500', 1, 1, n, 50000, '2026-01-01Z'::timestamptz - n * interval '1 minute',
            '2026-01-01Z'::timestamptz - n * interval '1 second', n FROM generate_series(1, 500000) AS n",
    "INSERT INTO image_failures
     SELECT '/' || md5(n::text) || '.jpg', 'w780', 1, n, 3, NULL, 'HTTP 404',
            '2026-01-01Z'::timestamptz - n * interval '1 minute' FROM generate_series(1, 50000) AS n",
];

pub(crate) async fn fill(url: &str) -> Result<(), Box<dyn std::error::Error>> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    let connection = tokio::spawn(connection);
    client.batch_execute("SET auto_explain.log_min_duration = -1").await?;
    for table in TABLES {
        client.batch_execute(table).await?;
    }
    client.batch_execute("VACUUM ANALYZE").await?;
    drop(client);
    connection.await??;
    Ok(())
}
