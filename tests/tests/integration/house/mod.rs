//! The house itself: who may use whom, and what the files look like.

mod layering;
mod sources;
mod tidy;
