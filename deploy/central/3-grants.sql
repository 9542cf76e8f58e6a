-- What each account may do, and nothing else: the test of these grants takes
-- one after the other away and sees the sink name what is missing.

-- The sink. It reads table definitions and the ledger (SELECT), writes rows
-- (INSERT, UPDATE, DELETE), makes tables (CREATE) and adds or widens columns
-- (ALTER). It never drops, never truncates and needs no global privilege.
GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER ON retail.* TO 'tributary'@'%';

-- The monitor and `tributary explain`.
GRANT SELECT ON retail.tributary_ledger TO 'tributary_monitor'@'%';
GRANT SELECT ON retail.tributary_dead_letters TO 'tributary_monitor'@'%';

-- People and Power BI. SHOW VIEW lets tools see what a view is made of.
GRANT SELECT, SHOW VIEW ON retail.* TO 'reports'@'%';
