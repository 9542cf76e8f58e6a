-- store 0001, 10.1.0.5:3306 MySQL 8.4.3
-- nothing to do

-- store 0047, 10.47.0.5:3306 MariaDB 10.11.18

-- FAIL binlog-format: binlog_format is MIXED
-- set it
SET GLOBAL binlog_format = 'ROW';
-- my.cnf, [mysqld]: binlog_format = ROW

-- WARN version: MariaDB 10.11.18; DROP TABLE x
-- try it first

-- store 0048, 10.48.0.5:3306 

-- FAIL reach: i/o timeout
-- look at the VPN

