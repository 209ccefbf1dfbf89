// Package lincei has what the host does for plugins of every kind, and of some.
//
// A plugin is written with the package of its kind: lincei/operator, lincei/function, lincei/rule,
// lincei/notifier or lincei/escalation. Only operators have Now and the functions for batches; operators, rules
// and escalations have Count and Gauge; operators and notifiers have State.
package lincei

import "lincei/internal/abi"

// Level says how much a line of the log matters.
type Level uint32

// Levels of lines.
const (
	Debug Level = iota
	Info
	Warn
	Error
)

// Log writes a line to the plugin's own log.
func Log(level Level, message string) {
	list := abi.ListOfString(message)
	logWrite(uint32(level), list.Ptr, list.Len)
}

// Now gives the time of the host in nanoseconds since the Unix epoch, UTC. (The package `time` has no clock
// here.)
func Now() uint64 { return clockNow() }

// Count adds to a counter of the plugin's own.
func Count(name string, by uint64) {
	list := abi.ListOfString(name)
	metricsCount(list.Ptr, list.Len, by)
}

// Gauge sets a gauge of the plugin's own.
func Gauge(name string, value float64) {
	list := abi.ListOfString(name)
	metricsGauge(list.Ptr, list.Len, value)
}

// StateGet gives the value of a key that outlives the instance, and whether there is one.
func StateGet(key string) ([]byte, bool) {
	list, result := abi.ListOfString(key), abi.New(12)
	stateGet(list.Ptr, list.Len, uint32(result))
	return result.Bytes(4), result.U8(0) == 1
}

// StateSet sets it, or says that the plugin may not keep more, or that the key is none.
func StateSet(key string, value []byte) error {
	list, bytes, result := abi.ListOfString(key), abi.ListOf(value), abi.New(16)
	stateSet(list.Ptr, list.Len, bytes.Ptr, bytes.Len, uint32(result))
	if result.U8(0) == 1 {
		return abi.Error(result.String(8))
	}
	return nil
}

// StateDelete forgets a key, and tells whether there was one.
func StateDelete(key string) bool {
	list := abi.ListOfString(key)
	return stateDelete(list.Ptr, list.Len) != 0
}

// StateAdd adds to the number that is kept under a key, and gives the sum.
func StateAdd(key string, by int64) (int64, error) {
	list, result := abi.ListOfString(key), abi.New(24)
	stateAdd(list.Ptr, list.Len, by, uint32(result))
	if result.U8(0) == 1 {
		return 0, abi.Error(result.String(12))
	}
	return int64(result.U64(8)), nil
}
