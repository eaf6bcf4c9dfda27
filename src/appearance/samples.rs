//! The promise that a view can be shown in every state.

use crate::views::{View, frame::Frame};

/// A view in each of its states.
pub trait Samples: View {
    /// By a name that stays, so that a link to a state stays too.
    fn samples(frame: &Frame) -> Vec<(&'static str, Self)>;
}
