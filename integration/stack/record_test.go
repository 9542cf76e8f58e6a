package stack

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"tributary/integration/stack/process"
)

func TestRecord(t *testing.T) {
	dir := t.TempDir()
	r, err := readRecord(dir)
	require.NoError(t, err)
	require.Empty(t, r.all())

	self, err := process.Identify(os.Getpid())
	require.NoError(t, err)
	gone := self
	gone.Start++
	kafka := part{
		Kind: kindKafka, Name: "kafka", ID: gone, Ports: []int{20001, 20002},
		Command: process.Command{Name: "kafka", Argv: []string{"/usr/bin/java", "-cp", "a b"}, Dir: "/d", Log: "/d/l", Detach: true},
	}
	store := part{
		Kind: kindMySQL, Name: "store", ID: self, Ports: []int{20003},
		MySQL: &mysqlPart{Options: MySQLOptions{Name: "store", Binlog: true, Args: []string{"--x=1"}}, Version: "9.7.4-2", CLI: []string{"mysql"}},
	}
	r.put(kafka)
	r.put(store)
	kafka.Ports = []int{20005, 20006}
	r.put(kafka)
	require.NoError(t, r.failed())

	r, err = readRecord(dir)
	require.NoError(t, err)
	require.Equal(t, []part{kafka, store}, r.all())
	got, ok := r.get("store")
	require.True(t, ok)
	require.Equal(t, store, got)
	_, ok = r.get("nothing")
	require.False(t, ok)
	require.Equal(t, []part{store}, r.running())

	require.NoError(t, r.end())
	r, err = readRecord(dir)
	require.NoError(t, err)
	require.Empty(t, r.running())
	require.Len(t, r.all(), 2)

	require.NoError(t, os.WriteFile(filepath.Join(dir, recordName), []byte("{"), 0o600))
	_, err = readRecord(dir)
	require.ErrorContains(t, err, dir)
}

func TestRecordThatCannotBeKept(t *testing.T) {
	r := &record{path: filepath.Join(t.TempDir(), "missing", recordName)}
	r.put(part{Name: "kafka"})
	require.ErrorIs(t, r.failed(), os.ErrNotExist)
}

func TestPortsBefore(t *testing.T) {
	ports, err := freePorts(2)
	require.NoError(t, err)
	s := &site{record: &record{}}
	require.Nil(t, s.portsBefore("kafka", 2))
	s.record.put(part{Name: "kafka", Ports: ports})
	require.Equal(t, ports, s.portsBefore("kafka", 2))
	require.Nil(t, s.portsBefore("kafka", 1))

	listener := listen(t, ports[1])
	defer func() { require.NoError(t, listener.Close()) }()
	require.Nil(t, s.portsBefore("kafka", 2), "somebody has taken one")
}
