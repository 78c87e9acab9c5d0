//! How far students reach outcomes: marking results as out of date ([`mark`]), and computing them anew.

pub mod mark;
