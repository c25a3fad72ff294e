//! Who played in a title or worked on it.

use domain::catalogue::{CastMember, CrewMember, WorkRow};

use super::{int, long};
use crate::column::{Column, Get, Sheet};

pub(crate) struct Credits;

#[derive(Clone, Copy)]
pub(crate) struct Credit<'a> {
    pub(crate) work: &'a WorkRow,
    pub(crate) part: Part<'a>,
}

#[derive(Clone, Copy)]
pub(crate) enum Part<'a> {
    Cast(&'a CastMember),
    Crew(&'a CrewMember),
}

impl<'a> Part<'a> {
    fn cast(self) -> Option<&'a CastMember> {
        match self {
            Self::Cast(member) => Some(member),
            Self::Crew(_) => None,
        }
    }

    fn crew(self) -> Option<&'a CrewMember> {
        match self {
            Self::Crew(member) => Some(member),
            Self::Cast(_) => None,
        }
    }

    fn person(self) -> (u64, &'a str) {
        match self {
            Self::Cast(member) => (member.person_id, &member.name),
            Self::Crew(member) => (member.person_id, &member.name),
        }
    }
}

impl Sheet for Credits {
    type Row<'a> = Credit<'a>;

    const COLUMNS: &'static [Column<Self>] = &[
        Column::of("kind", Get::Text(|it| Some(&it.work.kind)), "the title's, `movie` or `tv`"),
        Column::of("tmdb_id", Get::Long(|it| long(it.work.tmdb_id)), "the title's"),
        Column::of("person_id", Get::Long(|it| long(it.part.person().0)), "`id`; `people.tmdb_id`"),
        Column::of("name", Get::Text(|it| Some(it.part.person().1)), "`name`"),
        Column::of(
            "part",
            Get::Text(|it| Some(if it.part.cast().is_some() { "cast" } else { "crew" })),
            "`cast` or `crew`",
        ),
        Column::maybe(
            "character",
            Get::Text(|it| it.part.cast()?.character.as_deref()),
            "`character`; cast",
        ),
        Column::maybe(
            "cast_order",
            Get::Int(|it| int(it.part.cast()?.order)),
            "`order`, from 0; cast",
        ),
        Column::maybe("job", Get::Text(|it| Some(&it.part.crew()?.job)), "`job`; crew"),
        Column::maybe(
            "department",
            Get::Text(|it| it.part.crew()?.department.as_deref()),
            "`department`; crew",
        ),
    ];
}
