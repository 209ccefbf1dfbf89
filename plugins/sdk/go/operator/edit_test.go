package operator

import "testing"

func TestWhatIsNotDeclaredCannotBeSet(t *testing.T) {
	defer func(before *Columns) { list = before }(list)
	list = &Columns{}
	read, written := list.Text("body", Read), list.Ints("attributes.n", Write)
	for name, set := range map[string]func(*Edit){
		"only read":       func(edit *Edit) { edit.SetText(read, "x") },
		"of another type": func(edit *Edit) { edit.SetText(Text{ID: written.ID}, "x") },
		"not listed":      func(edit *Edit) { edit.SetInt(Ints{ID: 7}, 1) },
	} {
		edit := newEdit(&Frame{})
		set(edit)
		if err := edit.finish(&Delta{}); err == nil {
			t.Error(name)
		}
	}
}

func TestColumnsThatAreOnlyWrittenAreAlwaysSet(t *testing.T) {
	defer func(before *Columns) { list = before }(list)
	list = &Columns{}
	list.Ints("attributes.own", Write)
	list.Ints("attributes.shared", ReadWrite)
	delta := &Delta{}
	if err := newEdit(&Frame{}).finish(delta); err != nil || len(delta.set) != 1 || delta.set[0].ID() != 0 {
		t.Error(err, delta.set)
	}
}

func TestRowsAreDroppedByTheirBit(t *testing.T) {
	delta := &Delta{rows: 10}
	delta.Drop(9)
	delta.Drop(0)
	if delta.keep[0] != 0xfe || delta.keep[1]&0b11 != 0b01 {
		t.Error(delta.keep)
	}
}
