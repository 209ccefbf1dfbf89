package operator

import (
	"lincei/columns"
	"lincei/internal/abi"
)

// Edit changes one record.
//
// A column that is declared ReadWrite stays as it is in records that do not set it. A column that is declared
// Write is the plugin's own: where a record does not set it, it has no value afterwards.
type Edit struct {
	frame      *Frame
	row        int
	writers    []*writer // by column; nil where it is only read
	routes     []uint16
	undeclared bool
}

type writer struct {
	builder *Builder
	copies  bool
	touched bool
}

func newEdit(frame *Frame) *Edit {
	edit := &Edit{frame: frame, writers: make([]*writer, len(list.uses))}
	for id, use := range list.uses {
		if use.access != Read {
			builder := columns.NewBuilder(uint32(id), use.typ, frame.Rows())
			edit.writers[id] = &writer{builder: builder, copies: use.access == ReadWrite}
		}
	}
	return edit
}

func (writer *writer) fill(frame *Frame, rows int) {
	writer.builder.Truncate(rows)
	for row := writer.builder.Filled(); row < rows; row++ {
		if writer.copies {
			writer.builder.Copy(frame.Record(row))
		} else {
			writer.builder.Missing()
		}
	}
}

// writer gives the builder of a column, filled up to the record; nil if it is not declared as written.
func (edit *Edit) writer(id uint32, typ columns.Type) *Builder {
	if id >= uint32(len(edit.writers)) || edit.writers[id] == nil || edit.writers[id].builder.Type() != typ {
		edit.undeclared = true
		return nil
	}
	writer := edit.writers[id]
	writer.fill(edit.frame, edit.row)
	writer.touched = true
	return writer.builder
}

// SetText gives the record a value.
func (edit *Edit) SetText(id Text, value string) {
	if builder := edit.writer(id.ID, columns.TypeText); builder != nil {
		builder.Text(value)
	}
}

// SetInt gives the record a value.
func (edit *Edit) SetInt(id Ints, value int64) {
	if builder := edit.writer(id.ID, columns.TypeInts); builder != nil {
		builder.Int(value)
	}
}

// SetFloat gives the record a value.
func (edit *Edit) SetFloat(id Floats, value float64) {
	if builder := edit.writer(id.ID, columns.TypeFloats); builder != nil {
		builder.Float(value)
	}
}

// SetBool gives the record a value.
func (edit *Edit) SetBool(id Bools, value bool) {
	if builder := edit.writer(id.ID, columns.TypeBools); builder != nil {
		builder.Bool(value)
	}
}

// SetAttributes gives the record other entries.
func (edit *Edit) SetAttributes(id Attributes, entries []Attribute) {
	if builder := edit.writer(id.ID, columns.TypeAttributes); builder != nil {
		builder.Attributes(entries)
	}
}

// Clear takes the value of the record away; the column is a Text, Ints, Floats, Bools or Attributes.
func (edit *Edit) Clear(column any) {
	var builder *Builder
	switch column := column.(type) {
	case Text:
		builder = edit.writer(column.ID, columns.TypeText)
	case Ints:
		builder = edit.writer(column.ID, columns.TypeInts)
	case Floats:
		builder = edit.writer(column.ID, columns.TypeFloats)
	case Bools:
		builder = edit.writer(column.ID, columns.TypeBools)
	case Attributes:
		builder = edit.writer(column.ID, columns.TypeAttributes)
	}
	if builder != nil {
		builder.Missing()
	}
}

// Route sends the record to a route: its place in Info.Routes from 1.
func (edit *Edit) Route(route uint16) {
	if edit.routes == nil {
		edit.routes = make([]uint16, edit.frame.Rows())
	}
	edit.routes[edit.row] = route
}

func (edit *Edit) finish(out *Delta) error {
	if edit.undeclared {
		return abi.Error("a column was set that is not declared as written, or with a value of another type")
	}
	for _, writer := range edit.writers {
		if writer != nil && (writer.touched || !writer.copies) {
			writer.fill(edit.frame, edit.frame.Rows())
			out.Set(writer.builder)
		}
	}
	out.route = edit.routes
	return nil
}

// Delta is what becomes of a batch. Nothing given leaves everything as it is.
type Delta struct {
	rows  int
	keep  []byte
	set   []*Builder
	emit  []Emission
	route []uint16
}

// Emission is rows that are added: copies of rows of the batch, or empty ones where Source is nil. A builder has
// as many rows as are added.
type Emission struct {
	Signal Signal
	Source []uint32
	Rows   int // where Source is nil
	Set    []*Builder
}

// Drop drops a row.
func (delta *Delta) Drop(row int) {
	if delta.keep == nil {
		delta.keep = make([]byte, (delta.rows+7)/8)
		for i := range delta.keep {
			delta.keep[i] = 0xff
		}
	}
	delta.keep[row/8] &^= 1 << (row % 8)
}

// Set sets a column in all rows.
func (delta *Delta) Set(builder *Builder) { delta.set = append(delta.set, builder) }

// Route sends a row to a route: its place in Info.Routes from 1.
func (delta *Delta) Route(row int, route uint16) {
	if delta.route == nil {
		delta.route = make([]uint16, delta.rows)
	}
	delta.route[row] = route
}

// Emit adds rows behind those that stay.
func (delta *Delta) Emit(rows Emission) { delta.emit = append(delta.emit, rows) }

func (delta *Delta) write(mem abi.Mem) {
	if delta.keep != nil {
		mem.SetU8(0, 1)
		mem.SetList(4, abi.ListOf(delta.keep))
	}
	mem.SetList(12, columns.List(delta.set))
	mem.SetList(20, abi.ListOfRecords(delta.emit, 28, writeEmission))
	if delta.route != nil {
		mem.SetU8(28, 1)
		mem.SetList(32, abi.ListOf(delta.route))
	}
}

func writeEmission(mem abi.Mem, emission Emission) {
	mem.SetU8(0, uint8(emission.Signal))
	rows := emission.Rows
	if emission.Source != nil {
		mem.SetU8(4, 1)
		mem.SetList(8, abi.ListOf(emission.Source))
		rows = len(emission.Source)
	}
	mem.SetU32(16, uint32(rows))
	mem.SetList(20, columns.List(emission.Set))
}

// TextColumn starts a column of `rows` texts for Delta.Set or Emission.Set.
func TextColumn(id Text, rows int) *Builder { return columns.NewBuilder(id.ID, columns.TypeText, rows) }

// IntsColumn starts a column of whole numbers.
func IntsColumn(id Ints, rows int) *Builder { return columns.NewBuilder(id.ID, columns.TypeInts, rows) }

// FloatsColumn starts a column of numbers.
func FloatsColumn(id Floats, rows int) *Builder {
	return columns.NewBuilder(id.ID, columns.TypeFloats, rows)
}

// BoolsColumn starts a column of truth values.
func BoolsColumn(id Bools, rows int) *Builder {
	return columns.NewBuilder(id.ID, columns.TypeBools, rows)
}

// AttributesColumn starts a column of maps.
func AttributesColumn(id Attributes, rows int) *Builder {
	return columns.NewBuilder(id.ID, columns.TypeAttributes, rows)
}
