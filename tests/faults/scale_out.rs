//! Several instances behind a load balancer, on a PostgreSQL with a standby.
