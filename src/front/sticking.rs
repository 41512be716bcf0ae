//! A no at a terminal sticks to what asked.
//!
//! What a person typed asks until its job has ended: who types it again wants to be asked again. All else is started by
//! something that may say the same in other words, and gets the no for its session.

use super::asking::{Question, no};
use super::elsewhere::{Asker, entry, known};
use super::{Front, Reader};
use crate::approve::Losses;
use crate::approve::entry::Entry;
use crate::audit::{Kind, Outcome};
use crate::cli::render;
use crate::decide::Digest;
use crate::model::Verdict;
use crate::pipeline::Judgement;
use crate::sys::{ancestry, fd};

/// The noes that reach what is asked about at a terminal.
pub struct Nos<'a> {
    /// Guard there.
    pub front: &'a Front,
    /// How guard was called.
    pub kind: Kind,
    /// The process that asks.
    pub pid: u32,
    /// The guard that the caller started.
    pub caller: u32,
}

impl Nos<'_> {
    /// What is asked about, as noes are kept of it.
    pub(super) fn entry(
        &self,
        question: &Question<'_>,
        judged: &Judgement,
        losses: &Losses,
        digest: &Digest,
    ) -> Entry {
        let asker = Asker { kind: self.kind, pid: self.pid, say: &fd::complain };
        let mut entry = entry(question, &asker, judged, losses, digest);
        if let Some(job) = ancestry::job(self.caller) {
            entry.about.session = known(job);
        }
        entry
    }

    /// Whether the same got a no before: what came of that, and the line to say.
    pub(super) fn look(&self, entry: &Entry, verdict: &Verdict) -> Result<(), (Outcome, String)> {
        match self.front.store().no(entry) {
            Ok(None) => Ok(()),
            Ok(Some(before)) => {
                let line = render::refused_before(verdict, &before.message, Reader::Person);
                Err((Outcome::Again, line))
            }
            Err(error) => Err((Outcome::Refused, no(verdict, &unread(&error)))),
        }
    }

    /// Keeps a no. It holds for this try whether it can be kept or not.
    pub(super) fn keep(&self, entry: &Entry) {
        let _ = self.front.store().refuse(entry, "");
    }
}

/// Noes that cannot be read are no reason to ask.
pub(super) fn unread(error: &std::io::Error) -> String {
    format!("what was refused before cannot be read: {error}")
}
