//! How far students reach outcomes: the rules ([`rules`]), marking results as out of date ([`mark`]), computing them
//! anew ([`compute`]), showing them ([`read`]) and holding them against the rules ([`check`]).

pub mod check;
pub mod compute;
pub mod mark;
pub mod read;
pub mod rules;
