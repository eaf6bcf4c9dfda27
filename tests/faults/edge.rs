//! The network edge: clients that stall, flood, or speak something that is not quite HTTP.
