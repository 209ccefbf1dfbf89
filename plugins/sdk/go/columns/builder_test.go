package columns

import (
	"slices"
	"testing"
)

// texts of a builder, as a frame has them.
func rows(builder *Builder) []string {
	var found []string
	for row := range builder.filled {
		if !bit(builder.valid, row) {
			found = append(found, "-")
			continue
		}
		found = append(found, texts{builder.texts.offsets, string(builder.texts.bytes)}.at(row))
	}
	return found
}

func TestRowsAreAddedAndTakenBack(t *testing.T) {
	builder := NewBuilder(0, TypeText, 3)
	builder.Text("größe")
	builder.Missing()
	builder.Text("c")
	builder.Text("one too many")
	builder.Int(1)
	if found := rows(builder); !slices.Equal(found, []string{"größe", "-", "c"}) {
		t.Error(found)
	}
	builder.Truncate(1)
	builder.Text("")
	builder.Text("x")
	if found := rows(builder); !slices.Equal(found, []string{"größe", "", "x"}) {
		t.Error(found)
	}
}

func TestMapsKeepTheirRowsApart(t *testing.T) {
	builder := NewBuilder(0, TypeAttributes, 4)
	builder.Attributes([]Attribute{{"a", "1"}, {"b", "2"}})
	builder.Attributes(nil)
	builder.Attributes([]Attribute{{"c", "3"}})
	builder.Truncate(2)
	builder.Missing()
	builder.Attributes([]Attribute{{"d", "4"}})
	if !slices.Equal(builder.offsets, []uint32{0, 2, 2, 2, 3}) || string(builder.texts.bytes) != "abd" {
		t.Error(builder.offsets, string(builder.texts.bytes))
	}
}

func TestBitsAreTheLeastSignificantFirst(t *testing.T) {
	builder := NewBuilder(0, TypeBools, 9)
	for row := range 9 {
		builder.Bool(row == 0 || row == 3 || row == 8)
	}
	builder.Truncate(8)
	builder.Bool(true)
	if !slices.Equal(builder.bools, []byte{0b1001, 1}) || !slices.Equal(builder.valid, []byte{0xff, 1}) {
		t.Error(builder.bools, builder.valid)
	}
}

func TestRecordsAreReadByTypeAndValidity(t *testing.T) {
	frame := &Frame{rows: 2, columns: []*column{
		{typ: TypeInts, ints: []int64{7, 8}, valid: []byte{0b10}},
		nil,
		{
			typ: TypeAttributes, offsets: []uint32{0, 0, 2},
			texts: texts{[]uint32{0, 1, 2}, "kk"}, values: texts{[]uint32{0, 1, 2}, "vw"},
		},
	}}
	if _, ok := frame.Record(0).Int(Ints{0}); ok {
		t.Error("a row without a value")
	}
	if value, ok := frame.Record(1).Int(Ints{0}); !ok || value != 8 {
		t.Error(value, ok)
	}
	for _, id := range []uint32{0, 1, 9} {
		if _, ok := frame.Record(1).Text(Text{id}); ok {
			t.Error("a column that is not here, or of another type")
		}
	}
	if value, ok := frame.Record(1).Attribute(Attributes{2}, "k"); !ok || value != "v" {
		t.Error(value, ok)
	}
	if _, ok := frame.Record(0).Attribute(Attributes{2}, "k"); ok {
		t.Error("a map without entries")
	}
}
