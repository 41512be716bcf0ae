//! Two clocks, so that an end stands whatever is done to one of them.

use std::io;

use serde::{Deserialize, Serialize};

/// An end by the day's clock and by the one that runs since the machine was started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct End {
    /// In seconds of the day's clock (since 1970).
    pub until: i64,
    /// Which start of the machine.
    pub boot: String,
    /// In seconds since that start.
    pub uptime: i64,
}

/// Both clocks.
#[derive(Debug)]
pub struct Now {
    pub(super) time: i64,
    pub(super) boot: String,
    pub(super) uptime: i64,
}

impl Now {
    /// What they say.
    #[cfg(target_os = "linux")]
    pub fn read() -> io::Result<Now> {
        let uptime = nix::time::ClockId::CLOCK_BOOTTIME.now()?.tv_sec();
        let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id")?.trim().to_owned();
        Ok(Now { time: jiff::Timestamp::now().as_second(), boot, uptime })
    }

    /// What they say.
    #[cfg(not(target_os = "linux"))]
    pub fn read() -> io::Result<Now> {
        Err(io::Error::from(io::ErrorKind::Unsupported))
    }

    /// Which start of the machine this is.
    pub fn boot(&self) -> &str {
        &self.boot
    }

    /// The end so many seconds from now.
    pub fn end_after(&self, seconds: i64) -> End {
        End { until: self.time + seconds, boot: self.boot.clone(), uptime: self.uptime + seconds }
    }
}

impl End {
    /// The seconds that are left: until either clock is there, and of another start of the machine
    /// none.
    pub fn left(&self, now: &Now) -> Option<i64> {
        let ended = self.boot != now.boot || self.uptime <= now.uptime || self.until <= now.time;
        (!ended).then(|| self.uptime - now.uptime)
    }

    /// The same of what lasts when the machine is started anew: then the day's clock alone tells.
    pub fn left_across_starts(&self, now: &Now) -> Option<i64> {
        match self.boot == now.boot {
            true => self.left(now),
            false => (self.until > now.time).then(|| self.until - now.time),
        }
    }
}
