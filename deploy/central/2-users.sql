-- The accounts. The server makes up the passwords and shows them once, as the
-- statements' results: put them into your secrets. Accounts that exist keep
-- theirs. MariaDB has no RANDOM PASSWORD: write IDENTIFIED BY '…' there.
CREATE USER IF NOT EXISTS 'tributary'@'%' IDENTIFIED BY RANDOM PASSWORD;
CREATE USER IF NOT EXISTS 'tributary_monitor'@'%' IDENTIFIED BY RANDOM PASSWORD;
CREATE USER IF NOT EXISTS 'reports'@'%' IDENTIFIED BY RANDOM PASSWORD;
