package debezium

import (
	"encoding/binary"
	"math"
	"strconv"
)

// value reads the value of a node at i.
func (b *avroBody) value(n *avroNode, i int, v *Value, mem *scratch) int {
	null, i := b.null(n, i)
	if null || i < 0 {
		v.Kind = Null
		return i
	}
	switch n.kind {
	case avroInt, avroLong:
		v.Kind = Int
		v.Int, i = b.whole(n.field.Type, i)
	case avroString:
		v.Kind = Text
		v.Bytes, i = b.text(i)
	case avroBytes:
		v.Kind = Binary
		v.Bytes, i = b.run(i)
	case avroBoolean:
		v.Kind = Bool
		v.Int, i = b.boolean(i)
	case avroFloat, avroDouble:
		i = b.float(n, i, v, mem)
	case avroRecord:
		v.Kind = Members
		v.Items, i = b.members(n, i, mem)
	case avroArray:
		v.Kind = List
		v.Items, i = b.elements(n, i, mem)
	case avroFixed:
		from := i
		if i = b.fixed(i, n.size); i >= 0 {
			v.Kind, v.Bytes = Binary, b.buf[from:i:i]
		}
	case avroEnum:
		v.Kind = Text
		v.Bytes, i = b.symbol(n, i)
	default: // a map, which no column is
		from := i
		if i = b.skipBlocks(n, i); i >= 0 {
			v.Kind, v.Bytes = Binary, b.buf[from:i:i]
		}
	}
	return i
}

// float reads a number and spells it with as few digits as tell it from its
// neighbours. The text lies behind the body in the message's memory.
func (b *avroBody) float(n *avroNode, i int, v *Value, mem *scratch) int {
	size := n.size
	next := b.fixed(i, size)
	if next < 0 {
		return next
	}
	var f float64
	if size == 4 {
		f = float64(math.Float32frombits(binary.LittleEndian.Uint32(b.buf[i:])))
	} else {
		f = math.Float64frombits(binary.LittleEndian.Uint64(b.buf[i:]))
	}
	from := len(mem.text)
	switch {
	case math.IsInf(f, 1):
		mem.text = append(mem.text, "Infinity"...)
	case math.IsInf(f, -1):
		mem.text = append(mem.text, "-Infinity"...)
	default:
		mem.text = strconv.AppendFloat(mem.text, f, 'g', -1, size*8)
	}
	v.Kind, v.Bytes = Number, mem.text[from:len(mem.text):len(mem.text)]
	return next
}

// members reads the members of a record, in the schema's order.
func (b *avroBody) members(n *avroNode, i int, mem *scratch) ([]Value, int) {
	row := mem.take(len(n.members))
	if mem.taken > maxItems {
		return nil, b.fail(i, tooManyValues)
	}
	for k := range n.members {
		if i = b.value(&n.members[k], i, &row[k], mem); i < 0 {
			return nil, b.within(n.members[k].field.Name)
		}
	}
	return row, i
}

// elements reads a list. Writers put all of it into one block, unless it is
// long; the values of one list lie side by side either way.
func (b *avroBody) elements(n *avroNode, i int, mem *scratch) (items []Value, next int) {
	for {
		from := i
		var count int64
		if count, _, i = b.block(i); i < 0 || count == 0 {
			return items, i
		}
		used := len(items)
		if count > int64(maxItems-mem.taken) {
			return nil, b.fail(from, tooManyValues)
		}
		if total := used + int(count); total > cap(items) {
			grown := mem.take(max(total, min(2*used, maxItems-mem.taken)))
			copy(grown, items)
			items = grown
		}
		items = items[:used+int(count)]
		for k := used; k < len(items); k++ {
			if i = b.value(n.item, i, &items[k], mem); i < 0 {
				return nil, b.within("[" + strconv.Itoa(k) + "]")
			}
		}
	}
}

// skip steps over a value that is not wanted.
func (b *avroBody) skip(n *avroNode, i int) int {
	null, i := b.null(n, i)
	if null || i < 0 {
		return i
	}
	switch n.kind {
	case avroInt, avroLong:
		_, i = b.long(i)
		return i
	case avroEnum:
		_, i = b.symbol(n, i)
		return i
	case avroString, avroBytes:
		_, i = b.run(i)
		return i
	case avroBoolean:
		_, i = b.boolean(i)
		return i
	case avroFloat, avroDouble, avroFixed:
		return b.fixed(i, n.size)
	case avroRecord:
		for k := range n.members {
			if i = b.skip(&n.members[k], i); i < 0 {
				return b.within(n.members[k].field.Name)
			}
		}
		return i
	default:
		return b.skipBlocks(n, i)
	}
}

// skipBlocks steps over a list or a map, by the blocks' sizes where the writer
// gives them.
func (b *avroBody) skipBlocks(n *avroNode, i int) int {
	for {
		from := i
		var count, size int64
		if count, size, i = b.block(i); i < 0 || count == 0 {
			return i
		}
		if size >= 0 {
			i += int(size)
			continue
		}
		if count > int64(b.budget) {
			return b.fail(from, tooManyValues)
		}
		for range count {
			if b.budget -= n.item.weight; b.budget < 0 {
				return b.fail(from, tooManyValues)
			}
			if n.kind == avroMap {
				if _, i = b.run(i); i < 0 {
					return i
				}
			}
			if i = b.skip(n.item, i); i < 0 {
				return i
			}
		}
	}
}
