//! A guard.toml that is being changed: what it would say, before it stands in its place.

use std::io;
use std::path::PathBuf;

use super::load::{Layer, Layers, Owner, bytes, confined, layer, packs, parse, project, unreadable};
use super::places::Places;
use crate::error::Error;
use crate::policy::Author;

/// The guard.toml of one layer.
#[derive(Debug)]
pub struct Draft {
    /// Where it is read.
    pub file: PathBuf,
    author: Author,
}

impl Draft {
    /// Whose it is; `None` where there is no project.
    pub fn of(places: &Places, author: Author) -> Option<Draft> {
        let directory = match author {
            Author::System => &places.system,
            Author::User => &places.config,
            Author::Project | Author::Trusted => places.project.as_ref()?,
        };
        Some(Draft { file: directory.join("guard.toml"), author })
    }

    /// What stands there; an error where it would not count, whatever it says.
    pub fn text(&self) -> Result<Option<Vec<u8>>, Error> {
        bytes(&self.file, self.owner())
    }

    /// What all layers say where this one says that; and what of the others cannot be read. An error is a fault of
    /// the text.
    pub fn layers(&self, places: &Places, text: &[u8]) -> Result<(Layers, Option<Error>), Error> {
        let text =
            std::str::from_utf8(text).map_err(|error| unreadable(&self.file, io::Error::other(error)))?;
        let mut own =
            Layer { settings: parse(text, &self.file)?, file: Some(self.file.clone()), ..Layer::default() };
        if self.author == Author::Project {
            own = confined(own)?;
        }
        let mut broken = None;
        let mut readable =
            |read: Result<Layer, Error>| read.map_err(|error| broken = Some(error)).unwrap_or_default();
        let directory = self.file.parent().unwrap_or(&self.file);
        own.packs = readable(
            packs(&directory.join("rules.d"), self.owner()).map(|packs| Layer { packs, ..Layer::default() }),
        )
        .packs;
        let mut other = |author: Author, read: &dyn Fn() -> Result<Layer, Error>| match author == self.author
        {
            true => own.clone(),
            false => readable(read()),
        };
        let layers = Layers {
            project: other(Author::Project, &|| project(places)),
            system: other(Author::System, &|| layer(&places.system, Owner::Trusted)),
            user: other(Author::User, &|| layer(&places.config, Owner::Trusted)),
        };
        Ok((layers, broken))
    }

    /// Without the layers that are not there wherever this file is read.
    pub fn alone(&self, layers: Layers) -> Layers {
        match self.author {
            Author::Project | Author::Trusted => layers,
            Author::User => Layers { project: Layer::default(), ..layers },
            Author::System => Layers { system: layers.system, ..Layers::default() },
        }
    }

    /// With which permissions it is made.
    pub fn mode(&self) -> u32 {
        if self.author == Author::User { 0o600 } else { 0o644 }
    }

    fn owner(&self) -> Owner {
        if self.author == Author::Project { Owner::Anyone } else { Owner::Trusted }
    }
}
