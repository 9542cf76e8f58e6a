-- The sink's own tables as version 1 made them. Not to be changed: a test begins
-- with them and comes to what the code makes today.
CREATE TABLE IF NOT EXISTS tributary_ledger (
  grp          VARCHAR(255) NOT NULL COMMENT 'consumer group',
  topic        VARCHAR(249) NOT NULL,
  part         INT          NOT NULL,
  log_id       BINARY(16)   NOT NULL COMMENT 'Kafka topic id: a topic made anew has another one',
  next_offset  BIGINT       NOT NULL COMMENT 'first event not yet written',
  store_id     VARCHAR(64)  NOT NULL DEFAULT '',
  table_name   VARCHAR(64)  NOT NULL DEFAULT '' COMMENT 'central table',
  source_time  DATETIME(6)  NULL COMMENT 'UTC: newest change written, as committed at the store',
  applied_time DATETIME(6)  NULL COMMENT 'UTC: when rows were last written',
  owner        VARCHAR(255) NOT NULL DEFAULT '' COMMENT 'who wrote last; information only',
  seeded_time  DATETIME(6)  NOT NULL COMMENT 'UTC: first sight; the first topic of a store owns a central table',
  held_offset  BIGINT       NULL COMMENT 'held, and no further than this, while it equals next_offset',
  held_time    DATETIME(6)  NULL COMMENT 'UTC: since when it is held there',
  held_reason  TEXT         NULL COMMENT 'why, and what to do',
  PRIMARY KEY (grp, topic, part),
  KEY by_store (store_id, table_name)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin
  COMMENT='tributary ledger v1: offsets written together with the rows they produced';

CREATE TABLE IF NOT EXISTS tributary_dead_letters (
  id            BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  grp           VARCHAR(255) NOT NULL COMMENT 'consumer group',
  topic         VARCHAR(249) NOT NULL,
  part          INT          NOT NULL,
  log_id        BINARY(16)   NOT NULL,
  kafka_offset  BIGINT       NOT NULL,
  store_id      VARCHAR(64)  NOT NULL DEFAULT '',
  table_name    VARCHAR(64)  NOT NULL DEFAULT '' COMMENT 'central table',
  kafka_time    DATETIME(3)  NULL COMMENT 'UTC: the record''s timestamp',
  refused_time  DATETIME(6)  NOT NULL COMMENT 'UTC',
  error_code    INT          NOT NULL DEFAULT 0 COMMENT 'MySQL error number, 0 if it never got that far',
  reason        TEXT         NOT NULL,
  record_key    LONGBLOB     NULL COMMENT 'as consumed',
  record_value  LONGBLOB     NULL COMMENT 'as consumed; NULL with value_size > 0: too large to keep, still in Kafka',
  value_size    BIGINT       NOT NULL DEFAULT 0,
  state         ENUM('open','replayed','superseded','discarded') NOT NULL DEFAULT 'open',
  settled_time  DATETIME(6)  NULL COMMENT 'UTC: when it was replayed or discarded',
  UNIQUE KEY by_event (grp, topic, part, log_id, kafka_offset),
  KEY by_store (store_id, table_name, state)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin
  COMMENT='tributary dead letters v1: events that could not be written';

CREATE TABLE IF NOT EXISTS tributary_versions (
  topic         VARCHAR(249) NOT NULL,
  table_name    VARCHAR(64)  NOT NULL COMMENT 'central table',
  definition    MEDIUMTEXT   NOT NULL COMMENT 'JSON: the columns of the store''s rows, and those it once had',
  changed_time  DATETIME(6)  NOT NULL COMMENT 'UTC: when the first event of this version came',
  PRIMARY KEY (topic, table_name)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin
  COMMENT='tributary versions v1: the last version of every store''s table';
