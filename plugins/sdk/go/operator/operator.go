// Package operator is what operators are written with: they work on batches of logs, spans or metrics before
// these are stored.
//
// A plugin lists its columns, implements ByRecord or ByBatch, and says so:
//
//	func init() { operator.Run(plugin{}, &list) }
//	func main() {}
package operator

import (
	"lincei/columns"
	"lincei/internal/abi"
)

// Keep says whether a record stays.
type Keep bool

// Whether a record stays.
const (
	Yes Keep = true
	No  Keep = false
)

// Signal is a table.
type Signal uint8

// Signals.
const (
	Logs Signal = iota
	Spans
	Metrics
)

// Names of the package columns, so that a plugin needs this one only.
type (
	Record     = columns.Record
	Frame      = columns.Frame
	Text       = columns.Text
	Ints       = columns.Ints
	Floats     = columns.Floats
	Bools      = columns.Bools
	Attributes = columns.Attributes
	Attribute  = columns.Attribute
	Access     = columns.Access
	Builder    = columns.Builder
)

// What a plugin does with a column.
const (
	Read      = columns.Read
	Write     = columns.Write
	ReadWrite = columns.ReadWrite
)

// Columns is the list of columns that a plugin uses. A path is a column of the signal's table, as `body`, or a
// key of one of its maps, as `attributes.http.route`.
type Columns struct{ uses []use }

type use struct {
	path   string
	typ    columns.Type
	access Access
}

func (list *Columns) add(path string, typ columns.Type, access Access) uint32 {
	list.uses = append(list.uses, use{path, typ, access})
	return uint32(len(list.uses) - 1)
}

// Text adds a column of texts.
func (list *Columns) Text(path string, access Access) Text {
	return Text{ID: list.add(path, columns.TypeText, access)}
}

// Ints adds a column of whole numbers, or of points in time.
func (list *Columns) Ints(path string, access Access) Ints {
	return Ints{ID: list.add(path, columns.TypeInts, access)}
}

// Floats adds a column of numbers.
func (list *Columns) Floats(path string, access Access) Floats {
	return Floats{ID: list.add(path, columns.TypeFloats, access)}
}

// Bools adds a column of truth values.
func (list *Columns) Bools(path string, access Access) Bools {
	return Bools{ID: list.add(path, columns.TypeBools, access)}
}

// Attributes adds a map.
func (list *Columns) Attributes(path string, access Access) Attributes {
	return Attributes{ID: list.add(path, columns.TypeAttributes, access)}
}

// Info is what an operator says of itself.
type Info struct {
	Name        string // 1 to 64 of a-z, 0-9 and -
	Version     string // the author's own, as 1.2.0
	Description string // one line for people
	Signals     []Signal
	BatchHint   uint32 // rows that it likes best in a call; 0 leaves it to the host
	Remembers   bool   // whether the plugin is a Rememberer
	Routes      []string
}

// Operator is what every operator implements, together with ByRecord or ByBatch.
type Operator interface {
	// Describe is asked once when the plugin is installed.
	Describe() Info
	// Init makes the instance ready. The configuration is JSON.
	Init(config string) error
}

// ByRecord works on one record at a time.
type ByRecord interface {
	OnRecord(record Record, edit *Edit) Keep
}

// ByBatch works on a batch: by its columns in `rows`, or by the host's kernels on `batch`.
type ByBatch interface {
	Process(batch Batch, rows *Frame, out *Delta) error
}

// Rememberer carries the memory of an instance to the next one.
type Rememberer interface {
	Snapshot() []byte
	Restore(memory []byte) error
}

var (
	plugin Operator
	list   *Columns
)

// Run makes this the plugin's operator; call it from `init`.
func Run(operator Operator, columns *Columns) { plugin, list = operator, columns }

//go:wasmexport describe
func describe() uint32 {
	info, mem := plugin.Describe(), abi.New(56)
	mem.SetString(0, info.Name)
	mem.SetString(8, info.Version)
	mem.SetString(16, info.Description)
	mem.SetList(24, abi.ListOf(info.Signals))
	mem.SetList(32, abi.ListOfRecords(list.uses, 12, func(mem abi.Mem, use use) {
		mem.SetString(0, use.path)
		mem.SetU8(8, uint8(use.typ))
		mem.SetU8(9, uint8(use.access))
	}))
	mem.SetU32(40, info.BatchHint)
	if info.Remembers {
		mem.SetU8(44, 1)
	}
	mem.SetList(48, abi.Strings(info.Routes))
	return uint32(mem)
}

//go:wasmexport cabi_post_describe
func postDescribe(uint32) { abi.Release() }

//go:wasmexport init
func initialize(config, length uint32) uint32 {
	var err error
	func() {
		defer abi.Recovered(&err)
		err = plugin.Init(abi.String(config, length))
	}()
	return uint32(abi.Result(err))
}

//go:wasmexport cabi_post_init
func postInit(uint32) { abi.Release() }

//go:wasmexport process
func process(batch, rows, columnsAt, columnsCount uint32) uint32 {
	frame := columns.NewFrame(rows, abi.List{Ptr: columnsAt, Len: columnsCount}, false)
	delta := &Delta{rows: int(rows)}
	err := run(Batch{batch}, frame, delta)
	// it is borrowed: the call may not end with it
	dropBatch(batch)
	mem := abi.New(44)
	if err != nil {
		mem.SetU8(0, 1)
		mem.SetString(4, err.Error())
	} else {
		delta.write(mem + 4)
	}
	return uint32(mem)
}

func run(batch Batch, frame *Frame, delta *Delta) (err error) {
	defer abi.Recovered(&err)
	switch operator := plugin.(type) {
	case ByBatch:
		return operator.Process(batch, frame, delta)
	case ByRecord:
		return EachRecord(operator, frame, delta)
	}
	return abi.Error("the plugin implements neither OnRecord nor Process")
}

// EachRecord passes each record through OnRecord.
func EachRecord(operator ByRecord, rows *Frame, out *Delta) error {
	edit := newEdit(rows)
	for row := range rows.Rows() {
		edit.row = row
		if operator.OnRecord(rows.Record(row), edit) == No {
			out.Drop(row)
		}
	}
	return edit.finish(out)
}

//go:wasmexport cabi_post_process
func postProcess(uint32) { abi.Release() }

//go:wasmexport snapshot
func snapshot() uint32 {
	mem := abi.New(8)
	if rememberer, ok := plugin.(Rememberer); ok {
		mem.SetList(0, abi.ListOf(rememberer.Snapshot()))
	}
	return uint32(mem)
}

//go:wasmexport cabi_post_snapshot
func postSnapshot(uint32) { abi.Release() }

//go:wasmexport restore
func restore(memory, length uint32) uint32 {
	var err error
	if rememberer, ok := plugin.(Rememberer); ok {
		defer abi.Recovered(&err)
		err = rememberer.Restore([]byte(abi.String(memory, length)))
	}
	return uint32(abi.Result(err))
}

//go:wasmexport cabi_post_restore
func postRestore(uint32) { abi.Release() }
