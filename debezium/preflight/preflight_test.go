package preflight

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The table of checks is what people read: nothing in it may be left out.
func TestChecksAreComplete(t *testing.T) {
	seen := map[string]bool{}
	for _, check := range Checks() {
		require.False(t, seen[check.ID], check.ID)
		seen[check.ID] = true
		require.Regexp(t, `^[a-z-]+$`, check.ID)
		require.NotEmpty(t, check.Title, check.ID)
		require.NotEmpty(t, check.Why, check.ID)
		if check.ID != checkPassword {
			require.NotEmpty(t, check.SQL, check.ID)
			require.NotNil(t, check.ask, check.ID)
		}
	}
	require.GreaterOrEqual(t, len(seen), 40)
}

func TestParseVersion(t *testing.T) {
	f := func(text string, want version) {
		t.Helper()
		require.Equal(t, want, parseVersion(text))
	}
	f("8.0.36", version{8, 0, 36})
	f("8.4.3-commercial", version{8, 4, 3})
	f("9.7.4-2", version{9, 7, 4})
	f("10.11.18-MariaDB-0+deb12u1-log", version{10, 11, 18})
	f("5.5.5-10.6.12-MariaDB", version{10, 6, 12})
	f("5.7.44-log", version{5, 7, 44})
	f("8", version{8, 0, 0})
	f("", version{})
	require.True(t, version{8, 0, 22}.atLeast(8, 0, 22))
	require.False(t, version{8, 0, 21}.atLeast(8, 0, 22))
	require.True(t, version{10, 6, 1}.atLeast(8, 4, 0))
	require.False(t, version{8, 4, 0}.atLeast(9, 0, 0))
}

func TestGrants(t *testing.T) {
	for _, test := range []struct {
		name   string
		lines  []string
		check  func(*account) bool
		denied bool
	}{
		{"global", []string{"GRANT SELECT, RELOAD ON *.* TO `d`@`%`"}, func(a *account) bool { return a.has("RELOAD") && a.hasOn("shop", "SELECT") }, false},
		{"not there", []string{"GRANT USAGE ON *.* TO `d`@`%`"}, func(a *account) bool { return a.has("RELOAD") }, true},
		{"all", []string{"GRANT ALL PRIVILEGES ON *.* TO `root`@`localhost` WITH GRANT OPTION"}, func(a *account) bool { return a.has("REPLICATION SLAVE") && a.hasOn("x", "SELECT") }, false},
		{"one of several", []string{"GRANT BINLOG MONITOR, SELECT ON *.* TO `d`@`%` IDENTIFIED BY PASSWORD '*A'"}, func(a *account) bool { return a.has("REPLICATION CLIENT", "BINLOG MONITOR") }, false},
		{"schema", []string{"GRANT SELECT, LOCK TABLES ON `shop`.* TO `d`@`%`"}, func(a *account) bool { return a.hasOn("shop", "LOCK TABLES") && !a.hasOn("stock", "SELECT") }, false},
		{"schema pattern", []string{"GRANT SELECT ON `s%`.* TO `d`@`%`"}, func(a *account) bool { return a.hasOn("s0001", "SELECT") && !a.hasOn("x", "SELECT") }, false},
		{"escaped pattern", []string{"GRANT SELECT ON `a\\_b`.* TO `d`@`%`"}, func(a *account) bool { return a.hasOn("a_b", "SELECT") && !a.hasOn("axb", "SELECT") }, false},
		{"odd name", []string{"GRANT SELECT ON `a``b`.* TO `d`@`%`"}, func(a *account) bool { return a.hasOn("a`b", "SELECT") }, false},
		{"partial revoke", []string{"GRANT SELECT ON *.* TO `d`@`%`", "REVOKE SELECT ON `shop`.* FROM `d`@`%`"}, func(a *account) bool { return a.hasOn("shop", "SELECT") }, true},
		{"table", []string{"GRANT SELECT, INSERT (a, b) ON `shop`.`sales` TO `d`@`%`"}, func(a *account) bool { return a.tables && !a.hasOn("shop", "SELECT") }, false},
		{"dynamic", []string{"GRANT FLUSH_TABLES,BACKUP_ADMIN ON *.* TO `d`@`%`"}, func(a *account) bool { return a.has("FLUSH_TABLES") }, false},
		{"proxy is nothing", []string{"GRANT PROXY ON ''@'%' TO 'd'@'%'"}, func(a *account) bool { return len(a.global) > 0 }, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			a, roles := parseGrants(test.lines)
			require.Empty(t, roles)
			require.Equal(t, !test.denied, test.check(a))
		})
	}
	_, roles := parseGrants([]string{"GRANT `cdc`@`%`,`read`@`%` TO `d`@`%`", "GRANT `maria` TO `d`@`%`"})
	require.Equal(t, []string{"`cdc`@`%`", "`read`@`%`", "`maria`"}, roles)
	require.Equal(t, "cdc", roleName(roles[0]))
}

func FuzzGrants(f *testing.F) {
	f.Add("GRANT SELECT ON `a`.* TO `d`@`%`", "a")
	f.Add("GRANT `cdc`@`%` TO `d`@`%`", "%")
	f.Fuzz(func(t *testing.T, line, schema string) {
		a, _ := parseGrants([]string{line})
		a.hasOn(schema, "SELECT")
	})
}

func TestCascadingKey(t *testing.T) {
	const ddl = "  CONSTRAINT `a` FOREIGN KEY (`x`) REFERENCES `p` (`id`) ON DELETE CASCADE,\n" +
		"  CONSTRAINT `b` FOREIGN KEY (`y`, `z`) REFERENCES `o`.`q` (`id`, `k`) ON DELETE NO ACTION ON UPDATE SET NULL,\n" +
		"  CONSTRAINT `c` FOREIGN KEY (`w`) REFERENCES `r` (`id`)\n"
	m := cascadingKey.FindAllStringSubmatch(ddl, -1)
	require.Len(t, m, 3)
	require.Equal(t, []string{"`p`", " ON DELETE CASCADE"}, m[0][1:])
	require.Equal(t, []string{"`o`.`q`", " ON DELETE NO ACTION ON UPDATE SET NULL"}, m[1][1:])
	require.Equal(t, []string{"`r`", ""}, m[2][1:])
}

// conversation is a server's answer and what it was asked.
type conversation struct {
	*bytes.Reader
	asked bytes.Buffer
}

func (c *conversation) Write(p []byte) (int, error) { return c.asked.Write(p) }

func packet(sequence byte, body ...byte) []byte {
	return append([]byte{byte(len(body)), byte(len(body) >> 8), byte(len(body) >> 16), sequence}, body...)
}

func event(seconds uint32) []byte {
	e := make([]byte, 1+eventHeader)
	e[1], e[2], e[3], e[4] = byte(seconds), byte(seconds>>8), byte(seconds>>16), byte(seconds>>24)
	return e
}

func TestDump(t *testing.T) {
	answer := func(packets ...[]byte) *conversation {
		return &conversation{Reader: bytes.NewReader(bytes.Join(packets, nil))}
	}
	c := answer(packet(1, event(0)...), packet(2, event(1_700_000_000)...))
	begun, err := dump(c)
	require.NoError(t, err)
	require.Equal(t, int64(1_700_000_000), begun.Unix())
	require.Equal(t, []byte{11, 0, 0, 0, comBinlogDump, 4, 0, 0, 0, 1, 0}, c.asked.Bytes()[:11])
	require.Len(t, c.asked.Bytes(), 4+11)

	begun, err = dump(answer(packet(1, 0xfe, 0, 0, 0, 0)))
	require.NoError(t, err, "an empty log")
	require.True(t, begun.IsZero())

	_, err = dump(answer(packet(1, append([]byte{0xff, 0xcb, 0x04, '#', '4', '2', '0', '0', '0'}, "Access denied"...)...)))
	require.True(t, isError(err, errSpecificAccess), "%v", err)
	require.ErrorContains(t, err, "Access denied")

	_, err = dump(answer(packet(1, 1, 2, 3)))
	require.ErrorContains(t, err, "no event")
	_, err = dump(answer(packet(1, event(0)...)[:7]))
	require.Error(t, err, "cut off")
}

func FuzzDump(f *testing.F) {
	f.Add(packet(1, event(1)...))
	f.Add(packet(1, 0xff, 1, 2, '#'))
	f.Fuzz(func(_ *testing.T, answer []byte) {
		_, _ = dump(&conversation{Reader: bytes.NewReader(answer)})
	})
}

func sampleReports() []Report {
	good := Report{Store: "0001", Address: "10.1.0.5:3306", Server: "MySQL 8.4.3", Verdict: Pass}
	good.add(Finding{Check: "log-bin", Title: "the server writes a binary log", Verdict: Pass, Evidence: "3 files"})
	bad := Report{Store: "0047", Address: "10.47.0.5:3306", Server: "MariaDB 10.11.18", Verdict: Pass}
	bad.add(Finding{
		Check: "binlog-format", Title: "the binary log holds rows", Verdict: Fail, Evidence: "binlog_format is MIXED",
		Why: "Debezium drops statements", Remedy: "set it", SQL: []string{"SET GLOBAL binlog_format = 'ROW';"}, Config: []string{"binlog_format = ROW"},
	})
	bad.add(Finding{Check: "version", Title: "tested", Verdict: Warn, Evidence: "MariaDB\n10.11.18; DROP TABLE x", Why: "nobody promises it", Remedy: "try it\nfirst"})
	bad.add(Finding{Check: "size", Title: "size", Verdict: Info, Evidence: "12 tables"})
	dead := Report{Store: "0048", Address: "10.48.0.5:3306", Verdict: Pass}
	dead.add(Finding{Check: "reach", Title: "reachable", Verdict: Fail, Evidence: "i/o timeout", Why: "it blocks", Remedy: "look at the VPN"})
	return []Report{good, bad, dead}
}

func TestWrite(t *testing.T) {
	for _, test := range []struct {
		name  string
		write func(*bytes.Buffer) error
	}{
		{"report.txt", func(b *bytes.Buffer) error { return WriteText(b, sampleReports(), false) }},
		{"report-all.txt", func(b *bytes.Buffer) error { return WriteText(b, sampleReports(), true) }},
		{"report.json", func(b *bytes.Buffer) error { return WriteJSON(b, sampleReports()) }},
		{"fix.sql", func(b *bytes.Buffer) error { return WriteFixes(b, sampleReports()) }},
	} {
		t.Run(test.name, func(t *testing.T) {
			var out bytes.Buffer
			require.NoError(t, test.write(&out))
			path := filepath.Join("testdata", test.name)
			if os.Getenv("UPDATE_GOLDEN") != "" {
				require.NoError(t, os.MkdirAll("testdata", 0o755))
				require.NoError(t, os.WriteFile(path, out.Bytes(), 0o644))
			}
			want, err := os.ReadFile(path)
			require.NoError(t, err)
			require.Equal(t, string(want), out.String())
		})
	}
}

func TestCompareFleet(t *testing.T) {
	reports := []Report{
		{Store: "1", Address: "a:1", identity: "u1", tables: map[string]string{"sales": "x", "stock": "s"}, Verdict: Pass},
		{Store: "2", Address: "a:1", identity: "u1", tables: map[string]string{"sales": "x"}, Verdict: Pass},
		{Store: "3", Address: "b:1", identity: "u2", tables: map[string]string{"sales": "y"}, Verdict: Pass},
		{Store: "4", Address: "c:1", identity: "u3", tables: map[string]string{"sales": "x"}, Verdict: Pass},
		{Store: "5", Address: "d:1", identity: "u3", Verdict: Pass},
		{Store: "6", Address: "e:1", Verdict: Pass},
	}
	for i := range reports[4:] {
		reports[4+i].add(Finding{Check: "log-bin", Verdict: Fail})
	}
	Compare(reports)
	verdicts := map[string]Verdict{}
	for _, r := range reports {
		verdicts[r.Store] = r.Verdict
	}
	require.Equal(t, map[string]Verdict{"1": Pass, "2": Pass, "3": Warn, "4": Warn, "5": Fail, "6": Fail}, verdicts,
		"several stores on one server are one identity at one address")
	drift, ok := reports[2].Finding("definitions")
	require.True(t, ok)
	require.Contains(t, drift.Evidence, "sales")
	twin, ok := reports[3].Finding("identity-unique")
	require.True(t, ok)
	require.Contains(t, twin.Evidence, "d:1 (store 5)")

	reports[2].tables, reports[3].identity = map[string]string{"sales": "x"}, "u4"
	Compare(reports)
	require.Equal(t, Pass, reports[2].Verdict, "what has been brought into line is said no more")
	require.Empty(t, reports[3].Findings)
	require.Equal(t, []string{"log-bin"}, reports[4].Failed())
}

func TestUnreadableIsNeverAPass(t *testing.T) {
	require.Equal(t, Warn, unreadable(errors.New("boom")).verdict)
	require.Equal(t, Skip, unreadable(serverError([]byte{0xff, 0xa9, 0x04})).verdict, "1193: no such variable")
	require.Equal(t, Warn, unreadable(serverError([]byte{0xff, 0xcb, 0x04})).verdict)
}
