//! What a server is: how it is reached, what is known about it, and the pure
//! plan made of that. What we do with it is [`crate::poll`]'s.

pub mod console;
pub mod endpoint;
pub mod facts;
pub mod failure;
pub mod plan;
pub mod session;

pub use console::Console;
pub use endpoint::{Connected, Endpoint};
pub use facts::Facts;
pub use failure::{Failure, Reason};
pub use plan::{Plan, Skip, plan};
pub use session::{Answer, Session};
