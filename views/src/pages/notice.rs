//! The page of a single message.

use askama::Template;
use serde::{Deserialize, Serialize};

use crate::{
    filters,
    frame::{Frame, Link},
    texts::Message,
};

/// A page with a single message, such as a success or an expired link.
#[derive(Debug, Clone, Template, Serialize, Deserialize)]
#[template(path = "pages/notice.html")]
pub struct NoticePage {
    pub frame: Frame,
    pub title: Message,
    pub detail: Message,
    /// Whether to show the success mark.
    pub is_done: bool,
    /// Next page; empty `href` if none.
    pub action: Link,
}
