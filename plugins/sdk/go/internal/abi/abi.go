// Package abi reads and writes what crosses the border by the component model's canonical ABI.
//
// Go's collector moves no heap objects, so what the host reads needs to be kept alive only: everything that is
// handed over is pinned until the host says that it has read it (`cabi_post_…`). What the host writes is
// allocated as Go memory by `cabi_realloc`, and lives as long as something points into it.
package abi

import "unsafe"

// Mem is an address in the module's memory: that of a record.
type Mem uint32

// List is a list or a string: its address and how many elements it has.
type List struct{ Ptr, Len uint32 }

// pins keep alive what the host was given, or has written, and is not done with.
var pins []unsafe.Pointer

func pin(pointer unsafe.Pointer) uint32 {
	pins = append(pins, pointer)
	return uint32(uintptr(pointer))
}

// Release lets go of everything that was pinned.
func Release() {
	clear(pins)
	pins = pins[:0]
}

func alloc(size uint32) uint32 {
	// of 8 bytes each, so that it is aligned for everything
	return pin(unsafe.Pointer(unsafe.SliceData(make([]uint64, (size+7)/8))))
}

//go:wasmexport cabi_realloc
func cabiRealloc(old, oldSize, align, size uint32) uint32 {
	if size == 0 {
		return align
	}
	address := alloc(size)
	if oldSize > 0 {
		copy(unsafe.Slice((*byte)(pointer(address)), size), unsafe.Slice((*byte)(pointer(old)), oldSize))
	}
	return address
}

// pointer makes a pointer of an address of pinned memory.
func pointer(address uint32) unsafe.Pointer {
	wide := uintptr(address)
	return *(*unsafe.Pointer)(unsafe.Pointer(&wide))
}

// New gives cleared memory for a record that is handed over.
func New(size uint32) Mem { return Mem(alloc(size)) }

func field[T any](mem Mem, offset uint32) *T { return (*T)(pointer(uint32(mem) + offset)) }

// U8 reads a byte: a small number, a truth value, an enum, or the case of a variant.
func (mem Mem) U8(offset uint32) uint8 { return *field[uint8](mem, offset) }

// U16 reads a number.
func (mem Mem) U16(offset uint32) uint16 { return *field[uint16](mem, offset) }

// U32 reads a number.
func (mem Mem) U32(offset uint32) uint32 { return *field[uint32](mem, offset) }

// U64 reads a number.
func (mem Mem) U64(offset uint32) uint64 { return *field[uint64](mem, offset) }

// String reads a text.
func (mem Mem) String(offset uint32) string {
	list := *field[List](mem, offset)
	if list.Len == 0 {
		return ""
	}
	return unsafe.String((*byte)(pointer(list.Ptr)), list.Len)
}

// Bytes reads a list of bytes.
func (mem Mem) Bytes(offset uint32) []byte { return Slice[byte](mem, offset) }

// Slice reads a list whose elements Go has as they are.
func Slice[T any](mem Mem, offset uint32) []T {
	list := *field[List](mem, offset)
	if list.Len == 0 {
		return nil
	}
	return unsafe.Slice((*T)(pointer(list.Ptr)), list.Len)
}

// Records reads a list of records of a size.
func Records[T any](mem Mem, offset, size uint32, read func(Mem) T) []T {
	list := *field[List](mem, offset)
	records := make([]T, list.Len)
	for i := range records {
		records[i] = read(Mem(list.Ptr + uint32(i)*size))
	}
	return records
}

// SetU8 writes a byte.
func (mem Mem) SetU8(offset uint32, value uint8) { *field[uint8](mem, offset) = value }

// SetU32 writes a number.
func (mem Mem) SetU32(offset, value uint32) { *field[uint32](mem, offset) = value }

// SetString writes a text.
func (mem Mem) SetString(offset uint32, text string) { *field[List](mem, offset) = ListOfString(text) }

// SetList writes a list.
func (mem Mem) SetList(offset uint32, list List) { *field[List](mem, offset) = list }

// ListOfString pins a text.
func ListOfString(text string) List {
	if text == "" {
		return List{}
	}
	return List{pin(unsafe.Pointer(unsafe.StringData(text))), uint32(len(text))}
}

// ListOf pins a slice whose elements Go has as they are.
func ListOf[T any](slice []T) List {
	if len(slice) == 0 {
		return List{}
	}
	return List{pin(unsafe.Pointer(unsafe.SliceData(slice))), uint32(len(slice))}
}

// ListOfRecords writes records of a size.
func ListOfRecords[T any](records []T, size uint32, write func(Mem, T)) List {
	if len(records) == 0 {
		return List{}
	}
	mem := New(uint32(len(records)) * size)
	for i, record := range records {
		write(mem+Mem(uint32(i)*size), record)
	}
	return List{uint32(mem), uint32(len(records))}
}

// Strings writes a list of texts.
func Strings(texts []string) List {
	return ListOfRecords(texts, 8, func(mem Mem, text string) { mem.SetString(0, text) })
}

// String gives the text at an address.
func String(address, length uint32) string {
	if length == 0 {
		return ""
	}
	return unsafe.String((*byte)(pointer(address)), length)
}

// Result writes `result<_, string>`.
func Result(err error) Mem {
	mem := New(12)
	if err != nil {
		mem.SetU8(0, 1)
		mem.SetString(4, err.Error())
	}
	return mem
}

// Recovered turns a panic into an error: it would end the instance without a word.
func Recovered(err *error) {
	switch panicked := recover().(type) {
	case nil:
	case error:
		*err = panicked
	case string:
		*err = Error(panicked)
	default:
		*err = Error("panic")
	}
}

// Error is a text.
type Error string

func (err Error) Error() string { return string(err) }
