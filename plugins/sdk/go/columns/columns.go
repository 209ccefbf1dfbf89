// Package columns has views of the columns that the host passes, and builds new ones.
package columns

import "lincei/internal/abi"

// Type says what a column holds.
type Type uint8

// Types of columns. Points in time are ints: nanoseconds since the Unix epoch, UTC.
const (
	TypeText Type = iota
	TypeInts
	TypeFloats
	TypeBools
	TypeAttributes
)

// Access says what a plugin does with a column.
type Access uint8

// Kinds of access.
const (
	Read Access = iota
	Write
	ReadWrite
)

// Columns of a kind, by their ids.
type (
	Text       struct{ ID uint32 }
	Ints       struct{ ID uint32 }
	Floats     struct{ ID uint32 }
	Bools      struct{ ID uint32 }
	Attributes struct{ ID uint32 }
)

// Attribute is an entry of a map.
type Attribute struct{ Key, Value string }

type texts struct {
	offsets []uint32
	bytes   string
}

func (t texts) at(row uint32) string { return t.bytes[t.offsets[row]:t.offsets[row+1]] }

type column struct {
	typ     Type
	valid   []byte // nil where all rows have a value
	offsets []uint32
	texts   texts
	values  texts
	ints    []int64
	floats  []float64
	bools   []byte
}

// Frame is some columns of some rows.
type Frame struct {
	rows    uint32
	columns []*column // by id
}

const columnSize = 60

// NewFrame reads a frame whose columns are known by their ids, or by their places.
func NewFrame(rows uint32, list abi.List, byPlace bool) *Frame {
	frame := &Frame{rows: rows}
	for i := range list.Len {
		mem := abi.Mem(list.Ptr + i*columnSize)
		id := mem.U32(0)
		if byPlace {
			id = i
		}
		for uint32(len(frame.columns)) <= id {
			frame.columns = append(frame.columns, nil)
		}
		frame.columns[id] = readColumn(mem)
	}
	return frame
}

func readColumn(mem abi.Mem) *column {
	column := &column{typ: Type(mem.U8(16))}
	if mem.U8(4) == 1 {
		column.valid = mem.Bytes(8)
	}
	switch column.typ {
	case TypeText:
		column.texts = readTexts(mem, 20)
	case TypeInts:
		column.ints = abi.Slice[int64](mem, 20)
	case TypeFloats:
		column.floats = abi.Slice[float64](mem, 20)
	case TypeBools:
		column.bools = mem.Bytes(20)
	case TypeAttributes:
		column.offsets = abi.Slice[uint32](mem, 20)
		column.texts, column.values = readTexts(mem, 28), readTexts(mem, 44)
	}
	return column
}

func readTexts(mem abi.Mem, offset uint32) texts {
	return texts{abi.Slice[uint32](mem, offset), mem.String(offset + 8)}
}

// Rows tells how many there are.
func (frame *Frame) Rows() int { return int(frame.rows) }

// Record gives a row.
func (frame *Frame) Record(row int) Record { return Record{frame, uint32(row)} }

// Record is one row.
type Record struct {
	frame *Frame
	row   uint32
}

// Row tells its place, from 0.
func (record Record) Row() int { return int(record.row) }

// at gives the column if the row has a value of this type in it.
func (record Record) at(id uint32, typ Type) *column {
	if id >= uint32(len(record.frame.columns)) {
		return nil
	}
	column := record.frame.columns[id]
	if column == nil || column.typ != typ || column.valid != nil && !bit(column.valid, record.row) {
		return nil
	}
	return column
}

func bit(bits []byte, row uint32) bool { return bits[row/8]>>(row%8)&1 == 1 }

// Text gives a value, and whether there is one.
func (record Record) Text(id Text) (string, bool) {
	if column := record.at(id.ID, TypeText); column != nil {
		return column.texts.at(record.row), true
	}
	return "", false
}

// Int gives a value, and whether there is one.
func (record Record) Int(id Ints) (int64, bool) {
	if column := record.at(id.ID, TypeInts); column != nil {
		return column.ints[record.row], true
	}
	return 0, false
}

// Float gives a value, and whether there is one.
func (record Record) Float(id Floats) (float64, bool) {
	if column := record.at(id.ID, TypeFloats); column != nil {
		return column.floats[record.row], true
	}
	return 0, false
}

// Bool gives a value, and whether there is one.
func (record Record) Bool(id Bools) (bool, bool) {
	if column := record.at(id.ID, TypeBools); column != nil {
		return bit(column.bools, record.row), true
	}
	return false, false
}

// Attributes gives the entries of a map in their order. Of entries with one key the first counts.
func (record Record) Attributes(id Attributes) ([]Attribute, bool) {
	column := record.at(id.ID, TypeAttributes)
	if column == nil {
		return nil, false
	}
	from, until := column.offsets[record.row], column.offsets[record.row+1]
	entries := make([]Attribute, 0, until-from)
	for entry := from; entry < until; entry++ {
		entries = append(entries, Attribute{column.texts.at(entry), column.values.at(entry)})
	}
	return entries, true
}

// Attribute gives the value of a key of a map, and whether there is one.
func (record Record) Attribute(id Attributes, key string) (string, bool) {
	column := record.at(id.ID, TypeAttributes)
	if column == nil {
		return "", false
	}
	for entry := column.offsets[record.row]; entry < column.offsets[record.row+1]; entry++ {
		if column.texts.at(entry) == key {
			return column.values.at(entry), true
		}
	}
	return "", false
}
