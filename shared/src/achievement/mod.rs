//! How far students reach outcomes: the rules ([`rules`]), marking results as out of date ([`mark`]), computing them
//! anew ([`compute`]) and showing them ([`read`]).

pub mod compute;
pub mod mark;
pub mod read;
pub mod rules;
