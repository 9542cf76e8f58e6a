package schema

import (
	"fmt"
	"strconv"
	"strings"
)

// Dialect is what must be known of a server to write SQL for it. The zero
// Dialect is not usable; see [ParseDialect].
type Dialect struct {
	// MariaDB tells MariaDB from MySQL (and what is compatible with it).
	MariaDB bool
	// Major, Minor and Patch are the server's version.
	Major, Minor, Patch int
}

// ParseDialect reads the answer to SELECT VERSION(): "9.7.4",
// "8.0.36-28" (Percona), "10.11.6-MariaDB-0+deb12u1" or, behind old proxies,
// "5.5.5-10.11.6-MariaDB". Servers older than MySQL 5.7 and MariaDB 10.2 are an
// error: they lack what exact copies need (JSON, collations without padding).
func ParseDialect(version string) (Dialect, error) {
	d := Dialect{MariaDB: strings.Contains(strings.ToLower(version), "mariadb")}
	numbers := version
	if d.MariaDB {
		// MariaDB 10 once pretended to be 5.5.5 to replicas.
		numbers = strings.TrimPrefix(numbers, "5.5.5-")
	}
	if end := strings.IndexFunc(numbers, func(r rune) bool { return r != '.' && (r < '0' || r > '9') }); end >= 0 {
		numbers = numbers[:end]
	}
	parts := strings.Split(numbers, ".")
	if len(parts) < 2 {
		return Dialect{}, fmt.Errorf("reading server version %q: no major and minor number", version)
	}
	for i, p := range []*int{&d.Major, &d.Minor, &d.Patch} {
		if i >= len(parts) || parts[i] == "" {
			break
		}
		n, err := strconv.Atoi(parts[i])
		if err != nil {
			return Dialect{}, fmt.Errorf("reading server version %q: %w", version, err)
		}
		*p = n
	}
	if d.MariaDB && !d.atLeast(10, 2, 0) || !d.MariaDB && !d.atLeast(5, 7, 8) {
		return Dialect{}, fmt.Errorf("%s is too old to be the central server: MySQL 5.7.8 or MariaDB 10.2 is the oldest supported", d)
	}
	return d, nil
}

// String names the server, "MySQL 9.7.4".
func (d Dialect) String() string {
	name := "MySQL"
	if d.MariaDB {
		name = "MariaDB"
	}
	return fmt.Sprintf("%s %d.%d.%d", name, d.Major, d.Minor, d.Patch)
}

func (d Dialect) atLeast(major, minor, patch int) bool {
	if d.Major != major {
		return d.Major > major
	}
	if d.Minor != minor {
		return d.Minor > minor
	}
	return d.Patch >= patch
}

// mysql says whether the server is MySQL of at least this version; no fact here
// began with a minor version other than 0.
func (d Dialect) mysql(major, patch int) bool {
	return !d.MariaDB && d.atLeast(major, 0, patch)
}

func (d Dialect) maria(major, minor, patch int) bool {
	return d.MariaDB && d.atLeast(major, minor, patch)
}

// RowAlias says whether an upsert names the new row with `AS new`
// (MySQL 8.0.20) rather than with VALUES(column).
func (d Dialect) RowAlias() bool { return d.mysql(8, 20) }

// BinaryCollation is the utf8mb4 collation that holds any two different
// strings apart, trailing spaces included. It is empty on MySQL before 8.0.17,
// which has none: text keys become VARBINARY there.
func (d Dialect) BinaryCollation() string {
	switch {
	case d.MariaDB:
		return "utf8mb4_nopad_bin"
	case d.atLeast(8, 0, 17):
		return "utf8mb4_0900_bin"
	}
	return ""
}

// AxisOrder says whether ST_GeomFromWKB takes the axis-order option, which a
// server with geographic reference systems needs (MySQL 8.0.1).
func (d Dialect) AxisOrder() bool { return d.mysql(8, 1) }

// HasSRID says whether spatial columns can be restricted to a reference system
// (MySQL 8.0.3).
func (d Dialect) HasSRID() bool { return d.mysql(8, 3) }

// NativeJSON says whether JSON is a type of its own. On MariaDB it is LONGTEXT
// with a check.
func (d Dialect) NativeJSON() bool { return !d.MariaDB }

// HasVector says whether there is a VECTOR type (MySQL 9.0, MariaDB 11.7).
func (d Dialect) HasVector() bool { return d.mysql(9, 0) || d.maria(11, 7, 0) }

// HasUUID says whether there is a UUID type (MariaDB 10.7).
func (d Dialect) HasUUID() bool { return d.maria(10, 7, 0) }

// HasInet4 says whether there is an INET4 type (MariaDB 10.10).
func (d Dialect) HasInet4() bool { return d.maria(10, 10, 0) }

// HasInet6 says whether there is an INET6 type (MariaDB 10.5).
func (d Dialect) HasInet6() bool { return d.maria(10, 5, 0) }

// InstantAdd says whether a column can be added at the end of a table without
// touching its rows (MySQL 8.0.12, MariaDB 10.3.2).
func (d Dialect) InstantAdd() bool { return d.mysql(8, 12) || d.maria(10, 3, 2) }

// LongTimestamp says whether TIMESTAMP reaches beyond 2038, to 2106 (MariaDB
// 11.5).
func (d Dialect) LongTimestamp() bool { return d.maria(11, 5, 0) }

// implicitTimestamp says whether the server may give the first TIMESTAMP NOT
// NULL of a table ON UPDATE CURRENT_TIMESTAMP unasked, which changes the key of
// a row that is written again (explicit_defaults_for_timestamp is off before
// MySQL 8.0 and MariaDB 10.10). A default of its own prevents that.
func (d Dialect) implicitTimestamp() bool { return !d.mysql(8, 0) && !d.maria(10, 10, 0) }

// SQLMode is the sql_mode that tables are changed and literals written in:
// strict, so that nothing is cut or replaced, but letting zero dates and dates
// like 2026-02-31 pass, which stores may hold. NO_BACKSLASH_ESCAPES and
// ANSI_QUOTES must not be in it.
const SQLMode = "STRICT_TRANS_TABLES,STRICT_ALL_TABLES,ALLOW_INVALID_DATES,NO_ENGINE_SUBSTITUTION"
