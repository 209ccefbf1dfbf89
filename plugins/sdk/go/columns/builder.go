package columns

import (
	"unsafe"

	"lincei/internal/abi"
)

// Builder builds a column from the first row to the last.
type Builder struct {
	id      uint32
	typ     Type
	rows    uint32
	filled  uint32
	missing bool
	valid   []byte
	ints    []int64
	floats  []float64
	bools   []byte
	offsets []uint32 // of a map: where the entries of each row begin
	texts   textsBuilder
	values  textsBuilder
}

type textsBuilder struct {
	offsets []uint32
	bytes   []byte
}

func (t *textsBuilder) push(text string) {
	if len(t.offsets) == 0 {
		t.offsets = append(t.offsets, 0)
	}
	t.bytes = append(t.bytes, text...)
	t.offsets = append(t.offsets, uint32(len(t.bytes)))
}

func (t *textsBuilder) count() uint32 { return uint32(max(len(t.offsets), 1) - 1) }

func (t *textsBuilder) truncate(count uint32) {
	if t.count() > count {
		t.offsets = t.offsets[:count+1]
		t.bytes = t.bytes[:t.offsets[count]]
	}
}

func (t *textsBuilder) write(mem abi.Mem, offset uint32) {
	if len(t.offsets) == 0 {
		t.offsets = []uint32{0}
	}
	mem.SetList(offset, abi.ListOf(t.offsets))
	mem.SetList(offset+8, abi.ListOf(t.bytes))
}

// NewBuilder starts a column of `rows` rows.
func NewBuilder(id uint32, typ Type, rows int) *Builder {
	builder := &Builder{id: id, typ: typ, rows: uint32(rows), valid: make([]byte, (rows+7)/8)}
	switch typ {
	case TypeText:
		builder.texts.offsets = append(make([]uint32, 0, rows+1), 0)
	case TypeInts:
		builder.ints = make([]int64, rows)
	case TypeFloats:
		builder.floats = make([]float64, rows)
	case TypeBools:
		builder.bools = make([]byte, (rows+7)/8)
	case TypeAttributes:
		builder.offsets = make([]uint32, rows+1)
	}
	return builder
}

// ID of the column.
func (builder *Builder) ID() uint32 { return builder.id }

// Type of the column.
func (builder *Builder) Type() Type { return builder.typ }

// Filled tells how many rows it has so far.
func (builder *Builder) Filled() int { return int(builder.filled) }

// is tells whether a value of the type can be added: the column has it, and a row that is open.
func (builder *Builder) is(typ Type) bool { return builder.typ == typ && builder.filled < builder.rows }

func setBit(bits []byte, row uint32, value bool) {
	if value {
		bits[row/8] |= 1 << (row % 8)
	} else {
		bits[row/8] &^= 1 << (row % 8)
	}
}

func (builder *Builder) end(valid bool) {
	setBit(builder.valid, builder.filled, valid)
	builder.missing = builder.missing || !valid
	builder.filled++
	if builder.typ == TypeAttributes {
		builder.offsets[builder.filled] = builder.texts.count()
	}
}

// Missing adds a row without a value.
func (builder *Builder) Missing() {
	if builder.filled < builder.rows {
		if builder.typ == TypeText {
			builder.texts.push("")
		}
		builder.end(false)
	}
}

// Text adds a row.
func (builder *Builder) Text(value string) {
	if builder.is(TypeText) {
		builder.texts.push(value)
		builder.end(true)
	}
}

// Int adds a row.
func (builder *Builder) Int(value int64) {
	if builder.is(TypeInts) {
		builder.ints[builder.filled] = value
		builder.end(true)
	}
}

// Float adds a row.
func (builder *Builder) Float(value float64) {
	if builder.is(TypeFloats) {
		builder.floats[builder.filled] = value
		builder.end(true)
	}
}

// Bool adds a row.
func (builder *Builder) Bool(value bool) {
	if builder.is(TypeBools) {
		setBit(builder.bools, builder.filled, value)
		builder.end(true)
	}
}

// Attributes adds a row.
func (builder *Builder) Attributes(entries []Attribute) {
	if builder.is(TypeAttributes) {
		for _, entry := range entries {
			builder.texts.push(entry.Key)
			builder.values.push(entry.Value)
		}
		builder.end(true)
	}
}

// Copy adds a row with the value that a record has in the same column.
func (builder *Builder) Copy(record Record) {
	column := record.at(builder.id, builder.typ)
	if column == nil {
		builder.Missing()
		return
	}
	switch builder.typ {
	case TypeText:
		builder.Text(column.texts.at(record.row))
	case TypeInts:
		builder.Int(column.ints[record.row])
	case TypeFloats:
		builder.Float(column.floats[record.row])
	case TypeBools:
		builder.Bool(bit(column.bools, record.row))
	case TypeAttributes:
		entries, _ := record.Attributes(Attributes{builder.id})
		builder.Attributes(entries)
	}
}

// Truncate goes back to `rows` rows.
func (builder *Builder) Truncate(rows int) {
	if int(builder.filled) <= rows {
		return
	}
	builder.filled = uint32(rows)
	entries := builder.filled
	if builder.typ == TypeAttributes {
		entries = builder.offsets[rows]
	}
	builder.texts.truncate(entries)
	builder.values.truncate(entries)
}

// WriteTo writes the record `column`, which has 60 bytes; rows that lack are missing.
func (builder *Builder) WriteTo(mem abi.Mem) {
	for builder.filled < builder.rows {
		builder.Missing()
	}
	mem.SetU32(0, builder.id)
	if builder.missing {
		mem.SetU8(4, 1)
		mem.SetList(8, abi.ListOf(builder.valid))
	}
	mem.SetU8(16, uint8(builder.typ))
	switch builder.typ {
	case TypeText:
		builder.texts.write(mem, 20)
	case TypeInts:
		mem.SetList(20, abi.ListOf(builder.ints))
	case TypeFloats:
		mem.SetList(20, abi.ListOf(builder.floats))
	case TypeBools:
		mem.SetList(20, abi.ListOf(builder.bools))
	case TypeAttributes:
		mem.SetList(20, abi.ListOf(builder.offsets))
		builder.texts.write(mem, 28)
		builder.values.write(mem, 44)
	}
}

// List writes columns.
func List(builders []*Builder) abi.List {
	return abi.ListOfRecords(builders, columnSize, func(mem abi.Mem, builder *Builder) { builder.WriteTo(mem) })
}

// A list is two numbers of 32 bits; the offsets above count on it.
var _ = [1]struct{}{}[unsafe.Sizeof(abi.List{})-8]
