//! From rows to bytes, when a poll ends; a scrape only joins what is here.

mod encoded;
mod histogram;
mod labels;
mod openmetrics;
mod page;
mod text;

pub use encoded::{Dynamic, Encoded};
pub use labels::{Series, push_labels};
pub use openmetrics::{CONTENT_TYPE as OPENMETRICS, openmetrics};
pub use page::Page;
pub use text::{encode, header};
