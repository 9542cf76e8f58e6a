package events

// Columns are the columns of a central table in the order of [Topic.AppendTuple].
var Columns = []string{
	"store_id", "id", "register_no", "customer_id", "status", "total", "tax", "note", "flags", "details",
	"is_test", "paid_at", "updated_at",
}

// CreateTable is the statement that creates a central table as the sink would,
// with or without the columns that the sink fills itself.
func CreateTable(name string, service bool) string {
	extra := ""
	if service {
		extra = ", _source_ts DATETIME(6), _applied_at DATETIME(6), _offset BIGINT UNSIGNED"
	}
	return "CREATE TABLE " + name + " (store_id VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL, id BIGINT UNSIGNED NOT NULL," +
		" register_no SMALLINT UNSIGNED, customer_id INT, status ENUM('open','paid','returned'), total DECIMAL(12,2)," +
		" tax DECIMAL(10,4), note VARCHAR(200), flags SET('gift','staff','loyal'), details JSON, is_test TINYINT," +
		" paid_at DATETIME(3), updated_at TIMESTAMP(6) NULL" + extra +
		", PRIMARY KEY (store_id, id)) ENGINE=InnoDB CHARSET=utf8mb4"
}
