-- In place of 3-grants.sql's first grant where only people change tables: run
-- the sink with TRIBUTARY_SCHEMA_MODE=check. It then says in its log which
-- statement a store's rows need and holds that table until it has been run.
-- Its own tables must be there (1-database.sql); a newer version says in the same
-- way which statement they need.
GRANT SELECT, INSERT, UPDATE, DELETE ON retail.* TO 'tributary'@'%';
