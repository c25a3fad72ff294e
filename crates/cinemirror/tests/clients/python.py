"""Calls the methods of tmdbsimple against one base URL and prints what each gave, as JSON.

Arguments: the base URL (that of TMDB is https://api.themoviedb.org/3), the key, and the ids to ask for.
"""

import json
import sys

import requests
import tmdbsimple as tmdb

base, tmdb.API_KEY, ids = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])


def at(thing):
    """The one change to the client: where it asks."""
    thing.base_uri = base
    return thing


movie, show = at(tmdb.Movies(ids["movie"])), at(tmdb.TV(ids["tv"]))
season = at(tmdb.TV_Seasons(ids["tv"], ids["season"]))
episode = at(tmdb.TV_Episodes(ids["tv"], ids["season"], ids["episode"]))
person, collection = at(tmdb.People(ids["person"])), at(tmdb.Collections(ids["collection"]))
company, network = at(tmdb.Companies(ids["company"])), at(tmdb.Networks(ids["network"]))
keyword, find = at(tmdb.Keywords(ids["keyword"])), at(tmdb.Find(ids["imdb"]))
search, discover, genres = at(tmdb.Search()), at(tmdb.Discover()), at(tmdb.Genres())
configuration, certifications = at(tmdb.Configuration()), at(tmdb.Certifications())
providers, changes = at(tmdb.WatchProviders()), at(tmdb.Changes())


def trending(kind, window):
    return at(tmdb.Trending(kind, window)).info


CALLS = {
    # First, as a mirror has words in a language once somebody has asked for them.
    "genre/movie/list?language": lambda: genres.movie_list(language="fr-FR"),
    "genre/tv/list?language": lambda: genres.tv_list(language="de-DE"),
    "movie": movie.info,
    "movie?appended": lambda: movie.info(append_to_response="credits,videos,images,keywords,release_dates"),
    "movie?language": lambda: movie.info(language="fr-FR", append_to_response="images,videos", include_image_language="fr,null"),
    "movie/alternative_titles": movie.alternative_titles,
    "movie/credits": movie.credits,
    "movie/external_ids": movie.external_ids,
    "movie/images": movie.images,
    "movie/keywords": movie.keywords,
    "movie/recommendations": movie.recommendations,
    "movie/release_dates": movie.release_dates,
    "movie/releases": movie.releases,
    "movie/reviews": movie.reviews,
    "movie/similar_movies": movie.similar_movies,
    "movie/translations": movie.translations,
    "movie/videos": movie.videos,
    "movie/watch/providers": movie.watch_providers,
    "movie/popular": movie.popular,
    "movie/popular?page": lambda: movie.popular(page=2),
    "movie/top_rated": movie.top_rated,
    "movie/now_playing": movie.now_playing,
    "movie/upcoming": movie.upcoming,
    "movie/latest": movie.latest,
    "tv": show.info,
    "tv?appended": lambda: show.info(append_to_response="aggregate_credits,content_ratings,external_ids,season/1"),
    "tv?language": lambda: show.info(language="de-DE"),
    "tv/aggregate_credits": show.aggregate_credits,
    "tv/alternative_titles": show.alternative_titles,
    "tv/content_ratings": show.content_ratings,
    "tv/credits": show.credits,
    "tv/external_ids": show.external_ids,
    "tv/images": show.images,
    "tv/keywords": show.keywords,
    "tv/recommendations": show.recommendations,
    "tv/similar": show.similar,
    "tv/translations": show.translations,
    "tv/videos": show.videos,
    "tv/watch/providers": show.watch_providers,
    "tv/popular": show.popular,
    "tv/top_rated": show.top_rated,
    "tv/airing_today": show.airing_today,
    "tv/on_the_air": show.on_the_air,
    "season": season.info,
    "season?appended": lambda: season.info(append_to_response="credits,images"),
    "season/credits": season.credits,
    "season/images": season.images,
    "season/translations": season.translations,
    "episode": episode.info,
    "episode/credits": episode.credits,
    "episode/images": episode.images,
    "episode/translations": episode.translations,
    "person": person.info,
    "person?appended": lambda: person.info(append_to_response="combined_credits,images"),
    "person/movie_credits": person.movie_credits,
    "person/tv_credits": person.tv_credits,
    "person/combined_credits": person.combined_credits,
    "person/external_ids": person.external_ids,
    "person/images": person.images,
    "person/translations": person.translations,
    "person/popular": person.popular,
    "collection": collection.info,
    "collection/images": collection.images,
    "collection/translations": collection.translations,
    "company": company.info,
    "company/alternative_names": company.alternative_names,
    "company/images": company.images,
    "company/movies": company.movies,
    "network": network.info,
    "network/alternative_names": network.alternative_names,
    "network/images": network.images,
    "keyword": keyword.info,
    "keyword/movies": keyword.movies,
    "genre/movie/list": genres.movie_list,
    "genre/tv/list": genres.tv_list,
    "find": lambda: find.info(external_source="imdb_id"),
    "search/movie": lambda: search.movie(query=ids["title"]),
    "search/movie?year": lambda: search.movie(query=ids["title"], year=ids["year"]),
    "search/tv": lambda: search.tv(query=ids["show"]),
    "search/person": lambda: search.person(query=ids["name"]),
    "search/multi": lambda: search.multi(query=ids["title"]),
    "search/collection": lambda: search.collection(query=ids["series"]),
    "search/company": lambda: search.company(query=ids["studio"]),
    "search/keyword": lambda: search.keyword(query=ids["word"]),
    "discover/movie": lambda: discover.movie(with_genres=ids["genre"], sort_by="vote_count.desc"),
    "discover/movie?filters": lambda: discover.movie(
        **{"primary_release_date.gte": "1990-01-01", "vote_count.gte": 50, "vote_average.gte": 6, "sort_by": "primary_release_date.asc"}
    ),
    "discover/tv": lambda: discover.tv(sort_by="popularity.desc"),
    "trending/all/day": trending("all", "day"),
    "trending/movie/week": trending("movie", "week"),
    "trending/tv/day": trending("tv", "day"),
    "trending/person/week": trending("person", "week"),
    "configuration": configuration.info,
    "configuration/countries": configuration.countries,
    "configuration/jobs": configuration.jobs,
    "configuration/languages": configuration.languages,
    "configuration/primary_translations": configuration.primary_translations,
    "configuration/timezones": configuration.timezones,
    "certification/movie/list": certifications.movie_list,
    "certification/tv/list": certifications.tv_list,
    "watch/providers/regions": providers.regions,
    "watch/providers/movie": providers.movie,
    "watch/providers/tv": providers.tv,
    "movie/changes": changes.movie,
    # What goes wrong, as TMDB says it.
    "error: no such movie": at(tmdb.Movies(999_999_999)).info,
    "error: page 501": lambda: movie.popular(page=501),
    "error: nothing sought": lambda: search.movie(query=""),
    "error: 21 appends": lambda: movie.info(append_to_response=",".join(f"part{n}" for n in range(21))),
}


def called(call):
    try:
        return call()
    except requests.HTTPError as error:
        return {"status": error.response.status_code, "body": error.response.json()}


json.dump({name: called(call) for name, call in CALLS.items()}, sys.stdout)
