// Package function is what scalar functions for SQL are written with.
//
//	func init() { function.Run(plugin{}) }
//	func main() {}
package function

import (
	"lincei/columns"
	"lincei/internal/abi"
)

// Names of the package columns, so that a plugin needs this one only.
type (
	Row     = columns.Record
	Builder = columns.Builder
	Type    = columns.Type
	Text    = columns.Text
	Ints    = columns.Ints
	Floats  = columns.Floats
	Bools   = columns.Bools
)

// Types of arguments and results.
const (
	TypeText   = columns.TypeText
	TypeInts   = columns.TypeInts
	TypeFloats = columns.TypeFloats
	TypeBools  = columns.TypeBools
)

// Volatility says how much a result can be relied on.
type Volatility uint8

// Volatilities.
const (
	Immutable Volatility = iota // the same arguments always give the same result
	Stable                      // they do within one query
	Volatile                    // they do not
)

// Info is what a function says of itself.
type Info struct {
	Name        string // in SQL: 1 to 64 of a-z, 0-9 and _, a letter first
	Version     string
	Description string
	Arguments   []Type // at most 16
	Returns     Type
	Volatility  Volatility
}

// Function is what a plugin implements.
type Function interface {
	// Describe is asked once when the plugin is installed.
	Describe() Info
	// OnRow adds the result of one row: exactly one value, or one missing. The arguments are the columns 0, 1, …
	OnRow(row Row, result *Builder)
}

var plugin Function

// Run makes this the plugin's function; call it from `init`.
func Run(function Function) { plugin = function }

//go:wasmexport describe
func describe() uint32 {
	info, mem := plugin.Describe(), abi.New(36)
	mem.SetString(0, info.Name)
	mem.SetString(8, info.Version)
	mem.SetString(16, info.Description)
	mem.SetList(24, abi.ListOf(info.Arguments))
	mem.SetU8(32, uint8(info.Returns))
	mem.SetU8(33, uint8(info.Volatility))
	return uint32(mem)
}

//go:wasmexport cabi_post_describe
func postDescribe(uint32) { abi.Release() }

//go:wasmexport call
func call(rows, columnsAt, columnsCount uint32) uint32 {
	frame := columns.NewFrame(rows, abi.List{Ptr: columnsAt, Len: columnsCount}, true)
	builder := columns.NewBuilder(0, plugin.Describe().Returns, int(rows))
	var err error
	func() {
		defer abi.Recovered(&err)
		for row := range frame.Rows() {
			plugin.OnRow(frame.Record(row), builder)
		}
	}()
	mem := abi.New(64)
	if err != nil {
		mem.SetU8(0, 1)
		mem.SetString(4, err.Error())
	} else {
		builder.WriteTo(mem + 4)
	}
	return uint32(mem)
}

//go:wasmexport cabi_post_call
func postCall(uint32) { abi.Release() }
