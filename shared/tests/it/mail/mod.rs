//! Mails as the rest of the system knows them: what is asked for, what became of it, and where nothing goes any more.

mod deliveries;
mod notices;
mod suppressions;
