//! What nobody would type: naughty strings, generated requests, injection.
