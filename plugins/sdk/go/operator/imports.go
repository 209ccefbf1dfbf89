//go:build wasip1

package operator

//go:wasmimport lincei:plugin/kernels@1.0.0 [resource-drop]batch
func dropBatch(batch uint32)

//go:wasmimport lincei:plugin/kernels@1.0.0 [resource-drop]mask
func dropMask(mask uint32)

//go:wasmimport lincei:plugin/kernels@1.0.0 [method]mask.and
func maskAnd(mask, other uint32) uint32

//go:wasmimport lincei:plugin/kernels@1.0.0 [method]mask.or
func maskOr(mask, other uint32) uint32

//go:wasmimport lincei:plugin/kernels@1.0.0 [method]mask.not
func maskNot(mask uint32) uint32

//go:wasmimport lincei:plugin/kernels@1.0.0 [method]mask.count
func maskCount(mask uint32) uint32

//go:wasmimport lincei:plugin/kernels@1.0.0 [method]mask.bits
func maskBits(mask, result uint32)

//go:wasmimport lincei:plugin/kernels@1.0.0 [method]batch.mask-of
func batchMaskOf(batch, bits, length, result uint32)

//go:wasmimport lincei:plugin/kernels@1.0.0 [method]batch.compare
func batchCompare(batch, column, comparison, kind uint32, value uint64, length, result uint32)

//go:wasmimport lincei:plugin/kernels@1.0.0 [method]batch.one-of
func batchOneOf(batch, column, values, count, result uint32)

//go:wasmimport lincei:plugin/kernels@1.0.0 [method]batch.contains
func batchContains(batch, column, text, length, ignoreCase, result uint32)

//go:wasmimport lincei:plugin/kernels@1.0.0 [method]batch.starts-with
func batchStartsWith(batch, column, text, length, result uint32)

//go:wasmimport lincei:plugin/kernels@1.0.0 [method]batch.ends-with
func batchEndsWith(batch, column, text, length, result uint32)

//go:wasmimport lincei:plugin/kernels@1.0.0 [method]batch.matches
func batchMatches(batch, column, pattern, length, result uint32)

//go:wasmimport lincei:plugin/kernels@1.0.0 [method]batch.present
func batchPresent(batch, column, result uint32)

//go:wasmimport lincei:plugin/kernels@1.0.0 [method]batch.sample
func batchSample(batch, by, column uint32, ratio float64, result uint32)

//go:wasmimport lincei:plugin/kernels@1.0.0 [method]batch.keep
func batchKeep(batch, mask, result uint32)

//go:wasmimport lincei:plugin/kernels@1.0.0 [method]batch.discard
func batchDiscard(batch, mask, result uint32)

//go:wasmimport lincei:plugin/kernels@1.0.0 [method]batch.put
func batchPut(batch, column, kind uint32, value uint64, length, where, mask, result uint32)

//go:wasmimport lincei:plugin/kernels@1.0.0 [method]batch.copy
func batchCopy(batch, source, into, where, mask, result uint32)

//go:wasmimport lincei:plugin/kernels@1.0.0 [method]batch.clear
func batchClear(batch, column, where, mask, result uint32)

//go:wasmimport lincei:plugin/kernels@1.0.0 [method]batch.json
func batchJSON(batch, source, fields, count, result uint32)

//go:wasmimport lincei:plugin/kernels@1.0.0 [method]batch.logfmt
func batchLogfmt(batch, source, keys, count, result uint32)

//go:wasmimport lincei:plugin/kernels@1.0.0 [method]batch.regex
func batchRegex(batch, source, pattern, length, groups, count, result uint32)

//go:wasmimport lincei:plugin/kernels@1.0.0 [method]batch.grok
func batchGrok(batch, source, pattern, length, fields, count, result uint32)

//go:wasmimport lincei:plugin/kernels@1.0.0 [method]batch.redact
func batchRedact(batch, column, pattern, length, replacement, replacementLength, result uint32)

//go:wasmimport lincei:plugin/kernels@1.0.0 [method]batch.hash
func batchHash(batch, column, key, length, where, mask, result uint32)

//go:wasmimport lincei:plugin/kernels@1.0.0 [method]batch.truncate
func batchTruncate(batch, column, bytesMax, result uint32)

//go:wasmimport lincei:plugin/kernels@1.0.0 [method]batch.lowercase
func batchLowercase(batch, column, result uint32)
