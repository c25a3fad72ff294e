// Calls the methods of moviedb-promise against one base URL and prints what each gave, as JSON.
//
// Arguments: the folder with its node_modules, the base URL (that of TMDB is
// https://api.themoviedb.org/3/), the key, and the ids to ask for.

import { createRequire } from 'node:module'
import { join } from 'node:path'

const [folder, base, key, json] = process.argv.slice(2)
const ids = JSON.parse(json)
const { MovieDb } = createRequire(join(folder, 'package.json'))('moviedb-promise')
// The third argument is the client's own limit; a mirror needs none.
const client = new MovieDb(key, `${base}/`, 100_000)

const { movie, tv, person, season, episode } = ids
const of_season = { id: tv, season_number: season }
const of_episode = { ...of_season, episode_number: episode }

const calls = {
  // First, as a mirror has words in a language once somebody has asked for them.
  'genre/movie/list?language': () => client.genreMovieList({ language: 'fr-FR' }),
  'genre/tv/list?language': () => client.genreTvList({ language: 'de-DE' }),
  movie: () => client.movieInfo(movie),
  'movie?appended': () =>
    client.movieInfo({ id: movie, append_to_response: 'credits,videos,images,keywords,release_dates' }),
  'movie?language': () =>
    client.movieInfo({ id: movie, language: 'fr-FR', append_to_response: 'images,videos', include_image_language: 'fr,null' }),
  'movie/alternative_titles': () => client.movieAlternativeTitles(movie),
  'movie/credits': () => client.movieCredits(movie),
  'movie/external_ids': () => client.movieExternalIds(movie),
  'movie/images': () => client.movieImages(movie),
  'movie/keywords': () => client.movieKeywords(movie),
  'movie/recommendations': () => client.movieRecommendations(movie),
  'movie/release_dates': () => client.movieReleaseDates(movie),
  'movie/reviews': () => client.movieReviews(movie),
  'movie/similar': () => client.movieSimilar(movie),
  'movie/translations': () => client.movieTranslations(movie),
  'movie/videos': () => client.movieVideos(movie),
  'movie/watch/providers': () => client.movieWatchProviders(movie),
  'movie/popular': () => client.moviePopular(),
  'movie/popular?page': () => client.moviePopular({ page: 2 }),
  'movie/top_rated': () => client.movieTopRated(),
  'movie/now_playing': () => client.movieNowPlaying(),
  'movie/upcoming': () => client.upcomingMovies({}),
  'movie/latest': () => client.movieLatest(),
  tv: () => client.tvInfo(tv),
  'tv?appended': () =>
    client.tvInfo({ id: tv, append_to_response: 'aggregate_credits,content_ratings,external_ids,season/1' }),
  'tv?language': () => client.tvInfo({ id: tv, language: 'de-DE' }),
  'tv/aggregate_credits': () => client.tvAggregateCredits(tv),
  'tv/alternative_titles': () => client.tvAlternativeTitles(tv),
  'tv/content_ratings': () => client.tvContentRatings(tv),
  'tv/credits': () => client.tvCredits(tv),
  'tv/external_ids': () => client.tvExternalIds(tv),
  'tv/images': () => client.tvImages(tv),
  'tv/keywords': () => client.tvKeywords(tv),
  'tv/recommendations': () => client.tvRecommendations(tv),
  'tv/reviews': () => client.tvReviews(tv),
  'tv/similar': () => client.tvSimilar(tv),
  'tv/translations': () => client.tvTranslations(tv),
  'tv/videos': () => client.tvVideos(tv),
  'tv/watch/providers': () => client.tvWatchProviders(tv),
  'tv/popular': () => client.tvPopular(),
  'tv/top_rated': () => client.tvTopRated(),
  'tv/airing_today': () => client.tvAiringToday(),
  'tv/on_the_air': () => client.tvOnTheAir(),
  season: () => client.seasonInfo(of_season),
  'season?appended': () => client.seasonInfo({ ...of_season, append_to_response: 'credits,images' }),
  'season/credits': () => client.seasonCredits(of_season),
  'season/aggregate_credits': () => client.seasonAggregateCredits(of_season),
  'season/external_ids': () => client.seasonExternalIds(of_season),
  'season/images': () => client.seasonImages(of_season),
  'season/videos': () => client.seasonVideos(of_season),
  episode: () => client.episodeInfo(of_episode),
  'episode/credits': () => client.episodeCredits(of_episode),
  'episode/external_ids': () => client.episodeExternalIds(of_episode),
  'episode/images': () => client.episodeImages(of_episode),
  'episode/translations': () => client.episodeTranslations(of_episode),
  person: () => client.personInfo(person),
  'person?appended': () => client.personInfo({ id: person, append_to_response: 'combined_credits,images' }),
  'person/movie_credits': () => client.personMovieCredits(person),
  'person/tv_credits': () => client.personTvCredits(person),
  'person/combined_credits': () => client.personCombinedCredits(person),
  'person/external_ids': () => client.personExternalIds(person),
  'person/images': () => client.personImages(person),
  'person/translations': () => client.personTranslations(person),
  'person/popular': () => client.personPopular(),
  collection: () => client.collectionInfo(ids.collection),
  'collection/images': () => client.collectionImages(ids.collection),
  'collection/translations': () => client.collectionTranslations(ids.collection),
  company: () => client.companyInfo(ids.company),
  'company/alternative_names': () => client.companyAlternativeNames(ids.company),
  'company/images': () => client.companyImages(ids.company),
  network: () => client.networkInfo(ids.network),
  'network/alternative_names': () => client.networkAlternativeNames(ids.network),
  'network/images': () => client.networkImages(ids.network),
  keyword: () => client.keywordInfo(ids.keyword),
  'keyword/movies': () => client.keywordMovies(ids.keyword),
  'genre/movie/list': () => client.genreMovieList(),
  'genre/tv/list': () => client.genreTvList(),
  find: () => client.find({ id: ids.imdb, external_source: 'imdb_id' }),
  'search/movie': () => client.searchMovie(ids.title),
  'search/movie?year': () => client.searchMovie({ query: ids.title, year: ids.year }),
  'search/tv': () => client.searchTv(ids.show),
  'search/person': () => client.searchPerson(ids.name),
  'search/multi': () => client.searchMulti(ids.title),
  'search/collection': () => client.searchCollection(ids.series),
  'search/company': () => client.searchCompany(ids.studio),
  'search/keyword': () => client.searchKeyword(ids.word),
  'discover/movie': () => client.discoverMovie({ with_genres: ids.genre, sort_by: 'vote_count.desc' }),
  'discover/movie?filters': () =>
    client.discoverMovie({
      'primary_release_date.gte': '1990-01-01',
      'vote_count.gte': 50,
      'vote_average.gte': 6,
      sort_by: 'primary_release_date.asc',
    }),
  'discover/tv': () => client.discoverTv({ sort_by: 'popularity.desc' }),
  'trending/all/day': () => client.trending({ media_type: 'all', time_window: 'day' }),
  'trending/movie/week': () => client.trending({ media_type: 'movie', time_window: 'week' }),
  'trending/tv/day': () => client.trending({ media_type: 'tv', time_window: 'day' }),
  'trending/person/week': () => client.trending({ media_type: 'person', time_window: 'week' }),
  configuration: () => client.configuration(),
  'configuration/countries': () => client.countries(),
  'configuration/jobs': () => client.jobs(),
  'configuration/languages': () => client.languages(),
  'configuration/primary_translations': () => client.primaryTranslations(),
  'configuration/timezones': () => client.timezones(),
  'certification/movie/list': () => client.movieCertifications(),
  'certification/tv/list': () => client.tvCertifications(),
  'watch/providers/movie': () => client.movieWatchProviderList({}),
  'watch/providers/tv': () => client.tvWatchProviderList({}),
  'movie/changes': () => client.changedMovies(),
  // What goes wrong, as TMDB says it.
  'error: no such movie': () => client.movieInfo(999_999_999),
  'error: page 501': () => client.moviePopular({ page: 501 }),
  'error: nothing sought': () => client.searchMovie(''),
  'error: 21 appends': () =>
    client.movieInfo({ id: movie, append_to_response: [...Array(21).keys()].map((n) => `part${n}`).join() }),
}

const answers = {}
for (const [name, call] of Object.entries(calls)) {
  try {
    answers[name] = await call()
  } catch (error) {
    if (!error.response) throw error
    answers[name] = { status: error.response.status, body: error.response.data }
  }
}
console.log(JSON.stringify(answers))
