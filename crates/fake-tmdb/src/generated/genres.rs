//! What genres are called in some languages; in all others as in English.

/// Id, French, German, Spanish.
const NAMES: [(u64, &str, &str, &str); 27] = [
    (28, "Action", "Action", "Acción"),
    (12, "Aventure", "Abenteuer", "Aventura"),
    (16, "Animation", "Animation", "Animación"),
    (35, "Comédie", "Komödie", "Comedia"),
    (80, "Crime", "Krimi", "Crimen"),
    (99, "Documentaire", "Dokumentarfilm", "Documental"),
    (18, "Drame", "Drama", "Drama"),
    (10751, "Familial", "Familie", "Familia"),
    (14, "Fantastique", "Fantasy", "Fantasía"),
    (36, "Histoire", "Historie", "Historia"),
    (27, "Horreur", "Horror", "Terror"),
    (10402, "Musique", "Musik", "Música"),
    (9648, "Mystère", "Mystery", "Misterio"),
    (10749, "Romance", "Liebesfilm", "Romance"),
    (878, "Science-Fiction", "Science-Fiction", "Ciencia ficción"),
    (10770, "Téléfilm", "TV-Film", "Película de TV"),
    (53, "Thriller", "Thriller", "Suspense"),
    (10752, "Guerre", "Kriegsfilm", "Bélica"),
    (37, "Western", "Western", "Western"),
    (10759, "Action et aventure", "Action und Abenteuer", "Acción y aventura"),
    (10762, "Enfants", "Kinder", "Infantil"),
    (10763, "Actualités", "Nachrichten", "Noticias"),
    (10764, "Télé-réalité", "Reality", "Telerrealidad"),
    (
        10765,
        "Science-fiction et fantastique",
        "Science-Fiction und Fantasy",
        "Ciencia ficción y fantasía",
    ),
    (10766, "Feuilleton", "Seifenoper", "Telenovela"),
    (10767, "Débat", "Gespräch", "Entrevista"),
    (10768, "Guerre et politique", "Krieg und Politik", "Guerra y política"),
];

/// By the language's code, `fr` or `fr-FR`.
pub(super) fn name(id: u64, english: &'static str, language: &str) -> &'static str {
    let Some((_, french, german, spanish)) = NAMES.iter().find(|(known, ..)| *known == id) else {
        return english;
    };
    match language.split('-').next() {
        Some("fr") => french,
        Some("de") => german,
        Some("es") => spanish,
        _ => english,
    }
}
