//! Queues TMDB's reference data: genres, configuration, certifications and the like.

use domain::run::RunFigures;
use domain::{Key, Reference, Sighting, Source};

use super::intake::{Intake, Known, Urgency};
use crate::error::PipelineError;

pub(super) async fn read(intake: &mut Intake<'_>) -> Result<(), PipelineError> {
    let all = Reference::ALL.map(|reference| Sighting::of(Key::reference(reference)));
    let order = (Urgency::Place(0), Known::WhenStale);
    intake.take(&Source::Reference.to_string(), &all, order, RunFigures::default()).await?;
    Ok(())
}
