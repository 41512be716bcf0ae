//! guard driven as a process: as the shell, as a prefix, as a command.

mod agents;
mod bytes;
mod check;
mod completions;
mod console;
mod corpus;
mod doctor;
#[cfg(target_os = "linux")]
mod everyday;
mod explain;
mod folders;
mod generated;
mod hostile;
mod house;
mod incidents;
mod invocations;
mod json_forms;
#[cfg(target_os = "linux")]
mod landlock;
mod live;
mod live_bash;
mod live_editor;
mod live_zsh;
mod log;
mod matrix;
mod names;
mod noise;
mod observe;
mod off;
mod prompt;
mod protect;
mod pty;
mod readme;
mod rule_files;
mod rules;
mod settle;
mod shims;
mod supervise;
mod support;
mod terminal;
mod tickets;
mod tmux;
mod typist;
mod waiting;
mod watching;
