//! A page that says one thing.

use askama::Template;
use serde::{Deserialize, Serialize};

use crate::{
    filters,
    frame::{Frame, Link},
    texts::Message,
};

/// A page that says one thing: that something is done, or why it cannot be.
#[derive(Debug, Clone, Template, Serialize, Deserialize)]
#[template(path = "pages/notice.html")]
pub struct NoticePage {
    pub frame: Frame,
    pub title: Message,
    pub detail: Message,
    /// Whether it is good news, with a mark to show it.
    pub is_done: bool,
    /// The way on; an empty `href`: none.
    pub action: Link,
}
