-- In place of 3-grants.sql's first grant where only people change tables: run
-- the sink with TRIBUTARY_SCHEMA_MODE=check. It then says in its log which
-- statement a store's rows need and holds that table until it has been run.
-- CREATE is for CREATE TABLE IF NOT EXISTS at its start, which asks for the
-- privilege even if the table is there.
GRANT SELECT, INSERT, UPDATE, DELETE ON retail.* TO 'tributary'@'%';
GRANT CREATE ON retail.tributary_ledger TO 'tributary'@'%';
GRANT CREATE ON retail.tributary_dead_letters TO 'tributary'@'%';
