//! From rows to bytes, when a poll ends; a scrape only joins what is here.

mod histogram;
mod openmetrics;
mod page;
mod text;

pub use openmetrics::{CONTENT_TYPE as OPENMETRICS, openmetrics};
pub use page::Page;
pub use text::{Dynamic, Encoded, Series, encode, header, push_labels};
