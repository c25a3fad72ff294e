//! Queues TMDB's reference data: genres, configuration, certifications and the like.

use domain::run::RunFigures;
use domain::{Key, Reference, Sighting, Source};

use super::intake::{Intake, Rules};
use crate::error::PipelineError;

pub(super) async fn read(intake: &mut Intake<'_>) -> Result<(), PipelineError> {
    let all = Reference::ALL.map(|reference| Sighting::of(Key::reference(reference)));
    let rules = Rules::ranked(0);
    intake.take(&Source::Reference.to_string(), &all, rules, RunFigures::default()).await?;
    Ok(())
}
