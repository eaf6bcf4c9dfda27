//! Sample data of views for the gallery.

use crate::views::{View, frame::Frame};

/// A view with sample data for each of its states.
pub trait Samples: View {
    /// States with stable names, which are part of gallery URLs.
    fn samples(frame: &Frame) -> Vec<(&'static str, Self)>;
}
