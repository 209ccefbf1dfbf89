//go:build !wasip1

package operator

// Tests of a plugin's own rules run without the host.
const outside = "only the host has this"

func dropBatch(batch uint32) { panic(outside) }

func dropMask(mask uint32) { panic(outside) }

func maskAnd(mask, other uint32) uint32 { panic(outside) }

func maskOr(mask, other uint32) uint32 { panic(outside) }

func maskNot(mask uint32) uint32 { panic(outside) }

func maskCount(mask uint32) uint32 { panic(outside) }

func maskBits(mask, result uint32) { panic(outside) }

func batchMaskOf(batch, bits, length, result uint32) { panic(outside) }

func batchCompare(batch, column, comparison, kind uint32, value uint64, length, result uint32) {
	panic(outside)
}

func batchOneOf(batch, column, values, count, result uint32) { panic(outside) }

func batchContains(batch, column, text, length, ignoreCase, result uint32) { panic(outside) }

func batchStartsWith(batch, column, text, length, result uint32) { panic(outside) }

func batchEndsWith(batch, column, text, length, result uint32) { panic(outside) }

func batchMatches(batch, column, pattern, length, result uint32) { panic(outside) }

func batchPresent(batch, column, result uint32) { panic(outside) }

func batchSample(batch, by, column uint32, ratio float64, result uint32) { panic(outside) }

func batchKeep(batch, mask, result uint32) { panic(outside) }

func batchDiscard(batch, mask, result uint32) { panic(outside) }

func batchPut(batch, column, kind uint32, value uint64, length, where, mask, result uint32) {
	panic(outside)
}

func batchCopy(batch, source, into, where, mask, result uint32) { panic(outside) }

func batchClear(batch, column, where, mask, result uint32) { panic(outside) }

func batchJSON(batch, source, fields, count, result uint32) { panic(outside) }

func batchLogfmt(batch, source, keys, count, result uint32) { panic(outside) }

func batchRegex(batch, source, pattern, length, groups, count, result uint32) { panic(outside) }

func batchGrok(batch, source, pattern, length, fields, count, result uint32) { panic(outside) }

func batchRedact(batch, column, pattern, length, replacement, replacementLength, result uint32) {
	panic(outside)
}

func batchHash(batch, column, key, length, where, mask, result uint32) { panic(outside) }

func batchTruncate(batch, column, bytesMax, result uint32) { panic(outside) }

func batchLowercase(batch, column, result uint32) { panic(outside) }
