//! Writes what packages hold beside the binary, manual pages and completions, into the
//! folder `target/package`. Not a command of the binary, which stays the smaller for
//! it, and not committed, for every new collector changes it.
//!
//!     cargo run --example package

use std::collections::BTreeMap;
use std::path::Path;

use clap_complete::{Shell, generate};
use pglens::catalog::Catalog;

fn main() -> std::io::Result<()> {
    let catalog = Catalog::builtin().expect("the tests see the built-in catalogue");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/package");
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    for (name, text) in generated(&catalog) {
        let path = folder.join(name);
        path.parent().map_or(Ok(()), std::fs::create_dir_all)?;
        std::fs::write(path, text)?;
    }
    Ok(())
}

/// The command line of the packages, which do not have the lab.
fn packaged(catalog: &Catalog) -> clap::Command {
    let whole = pglens::cli::command(catalog);
    let about = whole.get_about().cloned().unwrap_or_default();
    let help = whole.get_after_help().cloned().unwrap_or_default();
    let of_the_lab =
        |command: &&clap::Command| ["demo", "lab", "lessons"].contains(&command.get_name());
    clap::Command::new("pglens")
        .version(env!("CARGO_PKG_VERSION"))
        .about(about)
        .after_help(help)
        .args(whole.get_arguments().cloned())
        .subcommands(whole.get_subcommands().filter(|one| !of_the_lab(one)).cloned())
}

/// The page of the whole command. Its synopsis is without the switches, of which there are
/// two for every collector.
fn manual(command: &clap::Command) -> std::io::Result<Vec<u8>> {
    let is_switch = |option: &&clap::Arg| option.get_id().as_str().contains("collector.");
    let brief = clap::Command::new("pglens")
        .args(command.get_arguments().filter(|option| !is_switch(option)).cloned())
        .subcommands(command.get_subcommands().cloned());
    let page = clap_mangen::Man::new(command.clone());
    let mut text = Vec::new();
    page.render_title(&mut text)?;
    page.render_name_section(&mut text)?;
    clap_mangen::Man::new(brief).render_synopsis_section(&mut text)?;
    page.render_description_section(&mut text)?;
    page.render_options_section(&mut text)?;
    page.render_subcommands_section(&mut text)?;
    page.render_extra_section(&mut text)?;
    page.render_version_section(&mut text)?;
    Ok(text)
}

/// Manual pages and completions by their path in the folder.
pub fn generated(catalog: &Catalog) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let command = packaged(catalog);
    for subcommand in command.get_subcommands() {
        // Its own options only: those that all commands have are in pglens(1).
        let name = format!("pglens-{}", subcommand.get_name());
        let page = subcommand.clone().name(&name).bin_name(name.replacen('-', " ", 1));
        let mut text = Vec::new();
        clap_mangen::Man::new(page).render(&mut text).expect("a Vec takes all");
        files.insert(format!("man/{name}.1"), text);
    }
    files.insert("man/pglens.1".into(), manual(&command).expect("a Vec takes all"));
    for (shell, name) in
        [(Shell::Bash, "pglens.bash"), (Shell::Zsh, "_pglens"), (Shell::Fish, "pglens.fish")]
    {
        let mut text = Vec::new();
        generate(shell, &mut command.clone(), "pglens", &mut text);
        files.insert(format!("completions/{name}"), text);
    }
    files
}
