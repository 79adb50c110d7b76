//! What the program can do: one verb in each file, with its flags, its help and its run.

pub mod accounts;
pub mod asyncapi;
pub mod audit;
pub mod doctor;
pub mod migrate;
pub mod openapi;
pub mod projections;
pub mod reactors;
pub mod serve;
