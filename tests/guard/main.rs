//! guard driven as a process: as the shell, as a prefix, as a command.

mod agents;
mod bytes;
mod check;
mod console;
mod corpus;
mod explain;
mod generated;
mod hostile;
mod house;
mod incidents;
mod invocations;
mod live;
mod log;
mod matrix;
mod noise;
mod observe;
mod off;
mod prompt;
mod pty;
mod readme;
mod rules;
mod shims;
mod support;
mod terminal;
mod tmux;
mod typist;
