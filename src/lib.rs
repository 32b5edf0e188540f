#![forbid(unsafe_code)]
pub mod catalog;
pub mod cli;
pub mod config;
pub mod daemon;
pub mod dsn;
pub mod expose;
pub mod http;
#[cfg(feature = "lab")]
pub mod lab;
pub mod lessons;
pub mod poll;
pub mod process;
pub mod rows;
pub mod store;
pub mod target;
pub mod transform;
