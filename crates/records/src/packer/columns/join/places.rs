//! The first pass: which places have values, how many, and where their columns lie.
//!
//! Kept from one body to the next for their memory alone: everything is counted in
//! one list each, and a place that was there before is used again.

use crate::packer::columns::refs::VERBATIM;
use crate::packer::columns::tree::{self, Content, KEY, ROOT, Times, VALUE};
use crate::schema::Message;
use crate::wire;

#[derive(Debug, Default)]
pub(super) struct Places {
    /// Of a body, the first `used` of them.
    all: Vec<Place>,
    used: usize,
    plans: Vec<Plan>,
    /// The steps of all plans.
    steps: Vec<Step>,
    /// Those that take more of the skeleton, by their place among the steps.
    branches: Vec<usize>,
}

#[derive(Debug)]
pub(super) struct Place {
    pub(super) content: Content,
    times: Times,
    /// The places within it by their fields' numbers; the root where there is none, since it
    /// is within no other.
    inner: Vec<usize>,
    /// The sets of fields that messages had here, and how many were read once more.
    plans: Vec<usize>,
    replayed: usize,
    /// How many values there are, and where the next one is.
    count: u64,
    pub(super) at: usize,
    /// The last value of a column of differences.
    pub(super) last: u64,
}

/// A set of fields, looked up once for all messages that have it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    /// Its part of the steps.
    pub(super) start: usize,
    pub(super) end: usize,
    /// Its part of the branches.
    branches: (usize, usize),
    /// How many messages have it.
    uses: u64,
}

/// What one field of a set takes to be read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    pub(super) number: u32,
    pub(super) times: Times,
    pub(super) content: Content,
    /// Where its values are; the root until it has been come to.
    pub(super) place: usize,
}

impl Step {
    fn is_branch(&self) -> bool {
        self.times != Times::Once || matches!(self.content, Content::Message(_))
    }
}

impl Places {
    /// Reads the skeleton from the front of a text, then finds every column in the rest.
    /// Returns where the columns end, and how many new ids there are in them.
    pub(super) fn read(
        &mut self,
        root: &'static Message,
        text: &[u8],
        in_words: bool,
    ) -> Option<(usize, usize)> {
        self.used = 0;
        self.plans.clear();
        self.steps.clear();
        self.branches.clear();
        self.add(Times::Once, Content::Message(root));
        let mut rest = text;
        self.count(ROOT, root, &mut rest)?;
        self.count_uses()?;
        let mut hexes = 0;
        for place in &mut self.all[..self.used] {
            place.at = text.len() - rest.len();
            hexes += skip_values(place.content, place.count, in_words, &mut rest)?;
        }
        Some((text.len() - rest.len(), hexes))
    }

    pub(super) fn place(&mut self, place: usize) -> &mut Place {
        &mut self.all[place]
    }

    pub(super) fn step(&self, step: usize) -> Step {
        self.steps[step]
    }

    /// How much memory is kept, in places of any sort.
    pub(super) fn room(&self) -> usize {
        self.all.len() + self.plans.len() + self.steps.len()
    }

    /// The place of a field, if it has been seen before.
    fn known(&self, place: usize, number: u32) -> Option<usize> {
        let inner = &self.all[place].inner;
        inner.get(number as usize).copied().filter(|known| *known != ROOT)
    }

    /// The place of the keys or the values of a map's entries, new where it has not been
    /// seen before.
    pub(super) fn of_entries(&mut self, map: usize, number: u32, content: Content) -> usize {
        match self.known(map, number) {
            Some(known) => known,
            None => self.add_within(map, number, (Times::Once, content)),
        }
    }

    fn add_within(&mut self, place: usize, number: u32, what: (Times, Content)) -> usize {
        let new = self.add(what.0, what.1);
        let inner = &mut self.all[place].inner;
        let number = number as usize;
        if inner.len() <= number {
            inner.resize(number + 1, ROOT);
        }
        inner[number] = new;
        new
    }

    fn add(&mut self, times: Times, content: Content) -> usize {
        let new = self.used;
        self.used += 1;
        if new == self.all.len() {
            self.all.push(Place {
                content,
                times,
                inner: Vec::new(),
                plans: Vec::new(),
                replayed: 0,
                count: 0,
                at: 0,
                last: 0,
            });
            return new;
        }
        let place = &mut self.all[new];
        (place.content, place.times) = (content, times);
        (place.replayed, place.count, place.at, place.last) = (0, 0, 0, 0);
        place.inner.clear();
        place.plans.clear();
        new
    }

    /// Finds every place, and counts the values of each column but those that come once
    /// with each message, see [`Places::count_uses`].
    fn count(
        &mut self,
        place: usize,
        message: &'static Message,
        skeleton: &mut &[u8],
    ) -> Option<()> {
        let (number, is_new) = self.take_plan(place, message, skeleton)?;
        let plan = &mut self.plans[number];
        plan.uses += 1;
        let plan = *plan;
        if is_new {
            for at in plan.start..plan.end {
                let Step { number, times, content, .. } = self.steps[at];
                if self.steps[at].place == ROOT {
                    self.steps[at].place = self.add_within(place, number, (times, content));
                }
                self.count_field(self.steps[at], skeleton)?;
            }
        } else {
            for branch in plan.branches.0..plan.branches.1 {
                self.count_field(self.steps[self.branches[branch]], skeleton)?;
            }
        }
        Some(())
    }

    fn count_field(&mut self, step: Step, skeleton: &mut &[u8]) -> Option<()> {
        let Step { times, content, place, .. } = step;
        let rows = match (times, content) {
            (Times::Once, Content::Message(message)) => {
                return self.count(place, message, skeleton);
            }
            (Times::Once, _) => return Some(()),
            (Times::Each | Times::Run | Times::Entries, _) => wire::take_varint(skeleton)?,
        };
        let Content::Map(value) = content else { return self.count_values(place, rows, skeleton) };
        let keys = self.of_entries(place, KEY, Content::Texts);
        self.count_values(keys, rows, skeleton)?;
        let values = self.of_entries(place, VALUE, tree::map_value(value));
        self.count_values(values, rows, skeleton)
    }

    fn count_values(&mut self, place: usize, rows: u64, skeleton: &mut &[u8]) -> Option<()> {
        let Place { content, count, .. } = &mut self.all[place];
        let Content::Message(message) = *content else {
            *count = count.checked_add(rows)?;
            return Some(());
        };
        for _ in 0..rows {
            self.count(place, message, skeleton)?;
        }
        Some(())
    }

    /// Counts the values that come once with each message of a plan.
    fn count_uses(&mut self) -> Option<()> {
        for plan in &self.plans {
            let steps = &self.steps[plan.start..plan.end];
            for step in steps.iter().filter(|step| !step.is_branch()) {
                let count = &mut self.all[step.place].count;
                *count = count.checked_add(plan.uses)?;
            }
        }
        Some(())
    }

    /// Reads which fields a message has: the number of its plan, and whether it is a new one.
    fn take_plan(
        &mut self,
        place: usize,
        message: &'static Message,
        skeleton: &mut &[u8],
    ) -> Option<(usize, bool)> {
        let index = wire::take_varint(skeleton)?;
        if let Some(known) = index.checked_sub(1) {
            let known = usize::try_from(known).ok()?;
            return Some((*self.all[place].plans.get(known)?, false));
        }
        let (start, first_branch) = (self.steps.len(), self.branches.len());
        let mut last = 0;
        loop {
            match u32::try_from(wire::take_varint(skeleton)?).ok()? {
                0 => break,
                number if number > last => {
                    last = number;
                    let step = if let Some(place) = self.known(place, number) {
                        let Place { times, content, .. } = self.all[place];
                        Step { number, times, content, place }
                    } else {
                        let (times, content) = tree::field(message, number)?;
                        Step { number, times, content, place: ROOT }
                    };
                    if step.is_branch() {
                        self.branches.push(self.steps.len());
                    }
                    self.steps.push(step);
                }
                _ => return None,
            }
        }
        let branches = (first_branch, self.branches.len());
        let number = self.plans.len();
        self.plans.push(Plan { start, end: self.steps.len(), branches, uses: 0 });
        self.all[place].plans.push(number);
        Some((number, true))
    }

    /// Reads once more which fields a message has, as the first pass found them.
    pub(super) fn retake_plan(&mut self, place: usize, skeleton: &mut &[u8]) -> Option<Plan> {
        let index = wire::take_varint(skeleton)?;
        let place = &mut self.all[place];
        let known = if let Some(known) = index.checked_sub(1) {
            usize::try_from(known).ok()?
        } else {
            while wire::take_varint(skeleton)? != 0 {}
            place.replayed += 1;
            place.replayed - 1
        };
        Some(self.plans[*place.plans.get(known)?])
    }
}

/// Skips the values of a column, and returns how many new ids there are among them.
fn skip_values(content: Content, count: u64, in_words: bool, input: &mut &[u8]) -> Option<usize> {
    let mut hexes = 0;
    match content {
        Content::Varints | Content::Differences => wire::skip_varints(count, input)?,
        Content::Prose if in_words => wire::skip_varints(count, input)?,
        Content::Texts | Content::Prose => {
            for _ in 0..count {
                wire::take_bytes(input)?;
            }
        }
        Content::Paths | Content::Hexes => {
            for _ in 0..count {
                match wire::take_varint(input)? {
                    VERBATIM => drop(wire::take_bytes(input)?),
                    0 if matches!(content, Content::Hexes) => hexes += 1,
                    _ => {}
                }
            }
        }
        Content::Message(_) | Content::Map(_) if count == 0 => {}
        Content::Message(_) | Content::Map(_) => return None,
    }
    Some(hexes)
}
