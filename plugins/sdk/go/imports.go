//go:build wasip1

package lincei

//go:wasmimport lincei:plugin/log@1.0.0 write
func logWrite(level, message, length uint32)

//go:wasmimport lincei:plugin/clock@1.0.0 now
func clockNow() uint64

//go:wasmimport lincei:plugin/metrics@1.0.0 count
func metricsCount(name, length uint32, by uint64)

//go:wasmimport lincei:plugin/metrics@1.0.0 gauge
func metricsGauge(name, length uint32, value float64)

//go:wasmimport lincei:plugin/state@1.0.0 get
func stateGet(key, length, result uint32)

//go:wasmimport lincei:plugin/state@1.0.0 set
func stateSet(key, keyLength, value, valueLength, result uint32)

//go:wasmimport lincei:plugin/state@1.0.0 delete
func stateDelete(key, length uint32) uint32

//go:wasmimport lincei:plugin/state@1.0.0 add
func stateAdd(key, length uint32, by int64, result uint32)
