-- Which stores are complete up to when: a row per store and central table.
--
-- complete_to   Every change that the store committed up to then, and that has
--               an event, is written or a dead letter. A topic's events are
--               written in order, so it is the newest change written, of the
--               partition that is furthest behind. NULL while a partition has
--               brought nothing yet.
-- applied_at    When rows of it were last written here.
-- dead_letters  Events that are missing from it (see `tributary deadletters`).
--
-- All times are UTC. A closed shop sells nothing: its complete_to stands still
-- and it is complete all the same. Whether a quiet store is well is what
-- `tributary explain` and the monitor say, who also see Kafka and the store.
-- A first snapshot under way counts as complete only when it is through.
--
-- The names compare as those of the tables the sink makes do, so that joining
-- needs no COLLATE. On MariaDB write utf8mb4_nopad_bin for utf8mb4_0900_bin.
CREATE OR REPLACE SQL SECURITY INVOKER VIEW retail.tributary_freshness AS
SELECT
  l.store_id COLLATE utf8mb4_0900_bin AS store_id,
  l.table_name COLLATE utf8mb4_0900_bin AS table_name,
  IF(COUNT(l.source_time) = COUNT(*), MIN(l.source_time), NULL) AS complete_to,
  MAX(l.applied_time) AS applied_at,
  COALESCE(MAX(d.letters), 0) AS dead_letters,
  l.grp AS consumer_group
FROM retail.tributary_ledger l
LEFT JOIN (
  SELECT grp, store_id, table_name, COUNT(*) AS letters
  FROM retail.tributary_dead_letters WHERE state = 'open'
  GROUP BY grp, store_id, table_name
) d ON d.grp = l.grp AND d.store_id = l.store_id AND d.table_name = l.table_name
WHERE l.store_id <> '' AND l.table_name <> '' -- schema changes belong to no table
GROUP BY l.grp, l.store_id, l.table_name;
