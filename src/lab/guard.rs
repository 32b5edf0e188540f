//! The last will of a server: a shell that outlives us by a moment.
//!
//! When our process is killed no destructor runs, and a server would live on.
//! The kernel however closes our end of the pipe that this shell reads from:
//! then it stops the server and removes the folder. Linux could send the server
//! a signal instead, but when the *thread* ends that started it, which is no
//! measure for a program that runs on a thread pool.

use std::path::Path;
use std::process::{Child, Stdio};

use super::user::User;
use super::{Error, Result};

/// The server's own file says which process it is. A stopped backend keeps the
/// postmaster up to 5 s, after which it kills; then the folder goes as well. PgBouncer
/// does not hear the signal where our own parent had it ignored, as shells do in the
/// background: whoever is left after these seconds is killed.
const WILL: &str = r#"
trap '' HUP INT TERM
read -r line
if read -r pid < "$0/$1"; then
    kill -QUIT "$pid"
    for second in 1 2 3 4 5 6 7; do kill -0 "$pid" && sleep 1; done
    kill -KILL "$pid"
fi
rm -rf -- "$0"
"#;

#[derive(Debug)]
pub(super) struct Guard(Child);

impl Guard {
    /// Watches over the server in this folder from now on, whose file of the process
    /// is called so.
    pub(super) fn over(home: &Path, pid_file: &str, user: User) -> Result<Self> {
        user.command("sh")
            .arg("-c")
            .arg(WILL)
            .arg(home)
            .arg(pid_file)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map(Self)
            .map_err(|source| Error::Spawn { program: "sh".into(), source })
    }
}

impl Drop for Guard {
    /// The server has been stopped in an orderly way: nothing is left to do.
    fn drop(&mut self) {
        let ended = self.0.kill().and_then(|()| self.0.wait());
        if let Err(error) = ended {
            tracing::warn!(%error, "cannot dismiss the guard of a server");
        }
    }
}
