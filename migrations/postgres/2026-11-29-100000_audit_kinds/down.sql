DROP INDEX audit_log_kind_idx;
