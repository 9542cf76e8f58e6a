CREATE TABLE customers (
  id             BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  card_number    CHAR(12) NOT NULL,
  name           VARCHAR(120) NOT NULL,
  email          VARCHAR(190) NULL,
  birthday       DATE NULL,
  newsletter     BOOLEAN NOT NULL DEFAULT TRUE,
  segments       SET('loyal','staff','business','student') NOT NULL DEFAULT '',
  preferred_time TIME NULL,
  credit         DECIMAL(10,2) NOT NULL DEFAULT 0.00,
  preferences    JSON NULL,
  notes          TEXT NULL,
  created_at     TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  updated_at     TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
  PRIMARY KEY (id),
  UNIQUE KEY card (card_number)
);

CREATE TABLE inventory (
  sku           VARCHAR(24) NOT NULL,
  name          VARCHAR(160) NOT NULL,
  category      ENUM('food','drinks','household','garden','toys','other') NOT NULL DEFAULT 'other',
  price         DECIMAL(10,2) NOT NULL,
  stock         DECIMAL(12,3) NOT NULL DEFAULT 0,
  reorder_level INT UNSIGNED NOT NULL DEFAULT 10,
  storage       BIT(8) NOT NULL DEFAULT b'0',
  weight        DOUBLE NULL,
  fingerprint   BINARY(16) NULL,
  attributes    JSON NULL,
  description   TEXT NULL,
  best_before   DATE NULL,
  first_sold    YEAR NULL,
  counted_at    DATETIME(3) NULL,
  updated_at    TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
  PRIMARY KEY (sku),
  KEY by_category (category)
);

CREATE TABLE pos_transactions (
  id          BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  receipt     VARCHAR(32) NOT NULL,
  customer_id BIGINT UNSIGNED NULL,
  till        SMALLINT UNSIGNED NOT NULL,
  cashier     VARCHAR(60) NOT NULL,
  status      ENUM('open','paid','refunded','void') NOT NULL DEFAULT 'open',
  net         DECIMAL(12,2) NOT NULL,
  tax         DECIMAL(12,2) NOT NULL,
  total       DECIMAL(12,2) NOT NULL,
  payment     JSON NULL,
  flags       BIT(6) NOT NULL DEFAULT b'0',
  took        TIME(3) NULL,
  sold_at     DATETIME(3) NOT NULL,
  updated_at  TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
  PRIMARY KEY (id),
  UNIQUE KEY by_receipt (receipt),
  KEY by_customer (customer_id),
  CONSTRAINT transaction_customer FOREIGN KEY (customer_id) REFERENCES customers (id)
);

CREATE TABLE transaction_items (
  transaction_id BIGINT UNSIGNED NOT NULL,
  line           SMALLINT UNSIGNED NOT NULL,
  sku            VARCHAR(24) NOT NULL,
  quantity       DECIMAL(10,3) NOT NULL,
  unit_price     DECIMAL(10,2) NOT NULL,
  discounted     BOOLEAN NOT NULL DEFAULT FALSE,
  note           VARCHAR(200) NULL,
  PRIMARY KEY (transaction_id, line),
  KEY by_sku (sku),
  CONSTRAINT item_transaction FOREIGN KEY (transaction_id) REFERENCES pos_transactions (id),
  CONSTRAINT item_sku FOREIGN KEY (sku) REFERENCES inventory (sku)
);
