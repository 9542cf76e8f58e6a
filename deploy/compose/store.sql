-- A store of the trial: what it sells, and the account Debezium reads with.
CREATE DATABASE pos;
USE pos;
CREATE TABLE sale (
  id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  label VARCHAR(40) NOT NULL,
  amount DECIMAL(10,2) NOT NULL,
  sold_at TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3)
);
INSERT INTO sale (label, amount) VALUES ('first', 1.00), ('second', 2.50);
CREATE USER 'debezium'@'%' IDENTIFIED BY 'debezium';
GRANT SELECT, RELOAD, SHOW DATABASES, REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO 'debezium'@'%';
