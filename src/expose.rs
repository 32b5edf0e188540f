//! From rows to bytes, when a poll ends; a scrape only joins what is here.

mod page;
mod text;

pub use page::Page;
pub use text::{Dynamic, Encoded, Series, encode, header, push_labels};
