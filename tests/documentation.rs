//! The documentation: what it links to is there, what it shows is read by what
//! reads it, and what it says to type is typed.

#[path = "documentation/command_line.rs"]
mod command_line;
#[path = "documentation/commands.rs"]
mod commands;
#[path = "documentation/links.rs"]
mod links;
#[path = "documentation/pages.rs"]
mod pages;
#[path = "documentation/snippets.rs"]
mod snippets;
