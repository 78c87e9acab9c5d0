pub mod exports;
pub mod imports;
