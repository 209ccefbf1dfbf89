//go:build !wasip1

package lincei

// Tests of a plugin's own rules run without the host.
const outside = "only the host has this"

func logWrite(level, message, length uint32) { panic(outside) }

func clockNow() uint64 { panic(outside) }

func metricsCount(name, length uint32, by uint64) { panic(outside) }

func metricsGauge(name, length uint32, value float64) { panic(outside) }

func stateGet(key, length, result uint32) { panic(outside) }

func stateSet(key, keyLength, value, valueLength, result uint32) { panic(outside) }

func stateDelete(key, length uint32) uint32 { panic(outside) }

func stateAdd(key, length uint32, by int64, result uint32) { panic(outside) }
