//! Several instances start on one empty database.
