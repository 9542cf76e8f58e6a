package ledger

import (
	"encoding/hex"
	"slices"
	"strconv"
	"strings"

	"tributary/schema"
)

// AppendMove appends the statement that a batch's transaction begins with: the
// compare-and-set of every partition it moves. It affects exactly len(moves)
// rows if all partitions stand where the batch begins; anything else means that
// somebody else wrote, and the transaction must be rolled back.
//
// The moves are sorted by key first, so that any two transactions take the
// ledger's row locks in one order. Moves must not be empty, hold one move per
// partition, and each must go forward.
func (l *Ledger) AppendMove(dst []byte, moves []Move) []byte {
	slices.SortFunc(moves, func(a, b Move) int {
		if c := strings.Compare(a.Tenure.Topic, b.Tenure.Topic); c != 0 {
			return c
		}
		return int(a.Tenure.ID - b.Tenure.ID)
	})
	dst = append(dst, "UPDATE ("...)
	dst = l.appendValues(dst, moves)
	dst = append(dst, " STRAIGHT_JOIN "+Table+" l ON l.grp="...)
	dst = schema.AppendText(dst, []byte(l.group))
	dst = append(dst, " AND l.topic=v.topic AND l.part=v.part"+
		" SET l.next_offset=v.next_off, l.source_time=GREATEST(COALESCE(l.source_time,v.src),COALESCE(v.src,l.source_time)),"+
		" l.applied_time=UTC_TIMESTAMP(6), l.owner="...)
	dst = schema.AppendText(dst, []byte(l.owner))
	return append(dst, " WHERE l.log_id=v.log_id AND l.next_offset=v.from_off"...)
}

// appendValues appends the derived table v: a table value constructor where
// the server has it (MySQL ≥ 8.0.19), else a UNION.
func (l *Ledger) appendValues(dst []byte, moves []Move) []byte {
	between, before := "), ROW(", "VALUES ROW("
	last := ")) AS v(topic,part,log_id,from_off,next_off,src)"
	if !l.dialect.RowAlias() {
		between, before = " UNION ALL SELECT ", "SELECT "
		last = ") AS v"
	}
	dst = append(dst, before...)
	for i, m := range moves {
		if i > 0 {
			dst = append(dst, between...)
		}
		names := !l.dialect.RowAlias() && i == 0
		as := func(name string) {
			if names {
				dst = append(dst, " AS "+name...)
			}
		}
		dst = schema.AppendText(dst, []byte(m.Tenure.Topic))
		as("topic")
		dst = strconv.AppendInt(append(dst, ','), int64(m.Tenure.ID), 10)
		as("part")
		dst = append(hex.AppendEncode(append(dst, ",x'"...), m.Tenure.LogID[:]), '\'')
		as("log_id")
		dst = strconv.AppendInt(append(dst, ','), m.From, 10)
		as("from_off")
		dst = strconv.AppendInt(append(dst, ','), m.Next, 10)
		as("next_off")
		dst = appendTime(append(dst, ','), m.SourceMicros)
		as("src")
	}
	return append(dst, last...)
}

// appendTime appends a DATETIME(6) literal in UTC, or a typed NULL. No event may
// bring the server to refuse the move, with which it would refuse the whole batch.
func appendTime(dst []byte, micros int64) []byte {
	if micros == 0 || !schema.FitsDatetime(micros) {
		return append(dst, "CAST(NULL AS DATETIME(6))"...)
	}
	dst = append(dst, "TIMESTAMP'"...)
	dst = schema.AppendDatetime(dst, micros)
	return append(dst, '\'')
}

// AppendFence appends a statement that holds a partition's row where it stands
// until the transaction ends. It affects one row, or none if the ledger has
// moved on. Who says by whom.
func (l *Ledger) AppendFence(dst []byte, at Position, who string) []byte {
	dst = append(dst, "UPDATE "+Table+" SET owner="...)
	dst = schema.AppendText(dst, []byte(who))
	dst = append(dst, ", applied_time=UTC_TIMESTAMP(6) WHERE grp="...)
	dst = schema.AppendText(dst, []byte(l.group))
	dst = schema.AppendText(append(dst, " AND topic="...), []byte(at.Topic))
	dst = strconv.AppendInt(append(dst, " AND part="...), int64(at.ID), 10)
	dst = append(hex.AppendEncode(append(dst, " AND log_id=x'"...), at.LogID[:]), '\'')
	return strconv.AppendInt(append(dst, " AND next_offset="...), at.Next, 10)
}
