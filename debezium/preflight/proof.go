package preflight

import (
	"context"
	"database/sql/driver"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"time"

	"github.com/go-sql-driver/mysql"

	"tributary/debezium/fleet"
)

// errEncrypted says that the proof cannot be made because the connection must
// be encrypted: the bytes under the driver's hands would be TLS records.
var errEncrypted = errors.New("the connection is encrypted")

// proveReplication asks the server for its oldest binary log the way Debezium
// does (COM_BINLOG_DUMP, "MySQL Internals: Replication Protocol") and reads
// until the first event with a time, which is when that log was begun.
//
// The driver logs in and then leaves its connection to this function: it is the
// only one on it and closes it afterwards.
func proveReplication(ctx context.Context, s *session) (begun time.Time, err error) {
	if s.store.TLS == fleet.TLSRequired || s.store.TLS == fleet.TLSVerify {
		return time.Time{}, errEncrypted
	}
	var wire net.Conn
	config := s.config.Clone()
	config.TLSConfig = "false"
	config.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		dialer := net.Dialer{Timeout: config.Timeout}
		conn, err := dialer.DialContext(ctx, network, address)
		wire = conn
		return conn, err
	}
	connector, err := mysql.NewConnector(config)
	if err != nil {
		return time.Time{}, fmt.Errorf("preparing the connection: %w", err)
	}
	conn, err := connector.Connect(ctx)
	if isError(err, errSecureTransport) {
		return time.Time{}, errEncrypted
	}
	if err != nil {
		return time.Time{}, err
	}
	defer func() { _ = conn.Close() }()
	if err := announce(ctx, conn); err != nil {
		return time.Time{}, err
	}
	if deadline, ok := ctx.Deadline(); ok {
		if err := wire.SetDeadline(deadline); err != nil {
			return time.Time{}, fmt.Errorf("setting the deadline: %w", err)
		}
	}
	return dump(wire)
}

// announce tells the server that this client understands checksums and, on
// MariaDB, its own events; it would refuse to send anything otherwise.
func announce(ctx context.Context, conn driver.Conn) error {
	execer, ok := conn.(driver.ExecerContext)
	if !ok {
		return errors.New("the driver cannot execute statements directly")
	}
	_, err := execer.ExecContext(ctx, "SET @master_binlog_checksum = 'CRC32', @source_binlog_checksum = 'CRC32', @mariadb_slave_capability = 4", nil)
	return err
}

const comBinlogDump = 0x12

// dump sends the command and reads the answer's first events.
func dump(wire io.ReadWriter) (begun time.Time, err error) {
	const nonBlocking = 1
	// Ids near the top belong to nobody in this project; a server throws out
	// another client with the same one.
	id := 4_294_000_000 + rand.Uint32N(900_000)
	command := []byte{comBinlogDump}
	command = binary.LittleEndian.AppendUint32(command, 4)
	command = binary.LittleEndian.AppendUint16(command, nonBlocking)
	command = binary.LittleEndian.AppendUint32(command, id)
	// No file name: begin with the oldest log there is.
	header := []byte{byte(len(command)), 0, 0, 0}
	if _, err := wire.Write(append(header, command...)); err != nil {
		return time.Time{}, fmt.Errorf("asking for the binary log: %w", err)
	}
	for range 3 { // a rotate event without a time, then the log's own first
		packet, err := readPacket(wire)
		if err != nil {
			return time.Time{}, fmt.Errorf("reading the binary log: %w", err)
		}
		switch {
		case len(packet) > 3 && packet[0] == 0xff:
			return time.Time{}, serverError(packet)
		case len(packet) > 0 && packet[0] == 0xfe: // the end of the log
			return begun, nil
		case len(packet) < 1+eventHeader:
			return time.Time{}, errors.New("reading the binary log: the answer is no event")
		}
		if seconds := binary.LittleEndian.Uint32(packet[1:]); seconds > 0 {
			return time.Unix(int64(seconds), 0), nil
		}
	}
	return begun, nil
}

// eventHeader is the length of a binary log event's common header.
const eventHeader = 19

func readPacket(r io.Reader) ([]byte, error) {
	var header [4]byte
	if _, err := io.ReadFull(r, header[:]); err != nil {
		return nil, err
	}
	packet := make([]byte, int(header[0])|int(header[1])<<8|int(header[2])<<16)
	_, err := io.ReadFull(r, packet)
	return packet, err
}

// serverError reads an ERR packet: number, '#' and five characters of state,
// message.
func serverError(packet []byte) error {
	e := &mysql.MySQLError{Number: binary.LittleEndian.Uint16(packet[1:])}
	message := packet[3:]
	if len(message) >= 6 && message[0] == '#' {
		copy(e.SQLState[:], message[1:6])
		message = message[6:]
	}
	e.Message = string(message)
	return e
}
