package operator

import (
	"math"

	"lincei/internal/abi"
)

// Batch is the rows of a call as the host holds them. Each of its methods is one call of the host for all rows:
// the host computes. What went wrong stays with a mask until it is used.
type Batch struct{ handle uint32 }

// Mask is a truth value for each row.
type Mask struct {
	handle uint32
	err    error
}

// Comparison is how values compare.
type Comparison uint32

// Comparisons.
const (
	Eq Comparison = iota
	Ne
	Lt
	Le
	Gt
	Ge
)

// Extraction is what is found where in a source, and the id of the column that it goes into.
type Extraction struct {
	Path string
	Into uint32
}

func maskResult(call func(result uint32)) Mask {
	result := abi.New(12)
	call(uint32(result))
	if result.U8(0) == 1 {
		return Mask{err: abi.Error(result.String(4))}
	}
	return Mask{handle: result.U32(4)}
}

func done(call func(result uint32)) error {
	result := abi.New(12)
	call(uint32(result))
	if result.U8(0) == 1 {
		return abi.Error(result.String(4))
	}
	return nil
}

// And gives rows that are in both. Both are given up.
func (mask Mask) And(other Mask) Mask { return combine(mask, other, maskAnd) }

// Or gives rows that are in one of them at least. Both are given up.
func (mask Mask) Or(other Mask) Mask { return combine(mask, other, maskOr) }

func combine(mask, other Mask, with func(uint32, uint32) uint32) Mask {
	defer mask.Close()
	defer other.Close()
	if mask.err != nil {
		return Mask{err: mask.err}
	}
	if other.err != nil {
		return Mask{err: other.err}
	}
	return Mask{handle: with(mask.handle, other.handle)}
}

// Not gives the other rows. The mask is given up.
func (mask Mask) Not() Mask {
	defer mask.Close()
	if mask.err != nil {
		return Mask{err: mask.err}
	}
	return Mask{handle: maskNot(mask.handle)}
}

// Count tells how many rows are set.
func (mask Mask) Count() (uint32, error) {
	if mask.err != nil {
		return 0, mask.err
	}
	return maskCount(mask.handle), nil
}

// Bits gives a bitmap.
func (mask Mask) Bits() ([]byte, error) {
	if mask.err != nil {
		return nil, mask.err
	}
	result := abi.New(8)
	maskBits(mask.handle, uint32(result))
	return result.Bytes(0), nil
}

// Close gives the mask back to the host.
func (mask Mask) Close() {
	if mask.err == nil {
		dropMask(mask.handle)
	}
}

// constant gives a value as the interface has it: its kind, what it holds, and a length.
func constant(value any) (kind uint32, bits uint64, length uint32) {
	switch value := value.(type) {
	case string:
		list := abi.ListOfString(value)
		return 0, uint64(list.Ptr), list.Len
	case int:
		return 1, uint64(value), 0
	case int64:
		return 1, uint64(value), 0
	case float64:
		return 2, math.Float64bits(value), 0
	case bool:
		if value {
			return 3, 1, 0
		}
		return 3, 0, 0
	}
	return 0, 0, 0
}

// Compare gives rows whose value compares with a string, an int, an int64, a float64 or a bool.
func (batch Batch) Compare(column uint32, comparison Comparison, value any) Mask {
	kind, bits, length := constant(value)
	return maskResult(func(result uint32) {
		batchCompare(batch.handle, column, uint32(comparison), kind, bits, length, result)
	})
}

// OneOf gives rows with one of these texts.
func (batch Batch) OneOf(column Text, values ...string) Mask {
	list := abi.Strings(values)
	return maskResult(func(result uint32) { batchOneOf(batch.handle, column.ID, list.Ptr, list.Len, result) })
}

func (batch Batch) search(column Text, text string, call func(batch, column, text, length, result uint32)) Mask {
	list := abi.ListOfString(text)
	return maskResult(func(result uint32) { call(batch.handle, column.ID, list.Ptr, list.Len, result) })
}

// Contains gives rows that have the text anywhere.
func (batch Batch) Contains(column Text, text string, ignoreCase bool) Mask {
	list, ignore := abi.ListOfString(text), uint32(0)
	if ignoreCase {
		ignore = 1
	}
	return maskResult(func(result uint32) {
		batchContains(batch.handle, column.ID, list.Ptr, list.Len, ignore, result)
	})
}

// StartsWith gives rows whose text starts so.
func (batch Batch) StartsWith(column Text, text string) Mask {
	return batch.search(column, text, batchStartsWith)
}

// EndsWith gives rows whose text ends so.
func (batch Batch) EndsWith(column Text, text string) Mask {
	return batch.search(column, text, batchEndsWith)
}

// Matches gives rows where a regular expression is found anywhere.
func (batch Batch) Matches(column Text, pattern string) Mask {
	return batch.search(column, pattern, batchMatches)
}

// Present gives rows that have a value.
func (batch Batch) Present(column uint32) Mask {
	return maskResult(func(result uint32) { batchPresent(batch.handle, column, result) })
}

// Sample gives `ratio` of the rows, each for itself.
func (batch Batch) Sample(ratio float64) Mask {
	return maskResult(func(result uint32) { batchSample(batch.handle, 0, 0, ratio, result) })
}

// SampleBy gives `ratio` of the values: rows with one text are all in or all out.
func (batch Batch) SampleBy(column Text, ratio float64) Mask {
	return maskResult(func(result uint32) { batchSample(batch.handle, 1, column.ID, ratio, result) })
}

// MaskOf makes a mask of a bitmap.
func (batch Batch) MaskOf(bits []byte) Mask {
	list := abi.ListOf(bits)
	return maskResult(func(result uint32) { batchMaskOf(batch.handle, list.Ptr, list.Len, result) })
}

// Keep marks all but these rows as dropped. The mask is given up.
func (batch Batch) Keep(mask Mask) error { return batch.mark(mask, batchKeep) }

// Discard marks these rows as dropped. The mask is given up.
func (batch Batch) Discard(mask Mask) error { return batch.mark(mask, batchDiscard) }

func (batch Batch) mark(mask Mask, call func(batch, mask, result uint32)) error {
	defer mask.Close()
	if mask.err != nil {
		return mask.err
	}
	return done(func(result uint32) { call(batch.handle, mask.handle, result) })
}

// where gives a mask that may be missing as the interface has it.
func where(mask *Mask) (uint32, uint32, error) {
	if mask == nil {
		return 0, 0, nil
	}
	return 1, mask.handle, mask.err
}

// Put sets a constant as Compare has it, in all rows or in these.
func (batch Batch) Put(column uint32, value any, mask *Mask) error {
	some, handle, err := where(mask)
	if err != nil {
		return err
	}
	kind, bits, length := constant(value)
	return done(func(result uint32) {
		batchPut(batch.handle, column, kind, bits, length, some, handle, result)
	})
}

// Copy copies a column to another, in all rows or in these.
func (batch Batch) Copy(source, into uint32, mask *Mask) error {
	some, handle, err := where(mask)
	if err != nil {
		return err
	}
	return done(func(result uint32) { batchCopy(batch.handle, source, into, some, handle, result) })
}

// Clear takes the values of a column away, in all rows or in these.
func (batch Batch) Clear(column uint32, mask *Mask) error {
	some, handle, err := where(mask)
	if err != nil {
		return err
	}
	return done(func(result uint32) { batchClear(batch.handle, column, some, handle, result) })
}

// Hash replaces values by the first 32 hexadecimal digits of their HMAC-SHA-256.
func (batch Batch) Hash(column Text, key string, mask *Mask) error {
	some, handle, err := where(mask)
	if err != nil {
		return err
	}
	list := abi.ListOfString(key)
	return done(func(result uint32) {
		batchHash(batch.handle, column.ID, list.Ptr, list.Len, some, handle, result)
	})
}

// Truncate cuts texts between characters.
func (batch Batch) Truncate(column Text, bytesMax uint32) error {
	return done(func(result uint32) { batchTruncate(batch.handle, column.ID, bytesMax, result) })
}

// Lowercase makes ASCII letters small.
func (batch Batch) Lowercase(column Text) error {
	return done(func(result uint32) { batchLowercase(batch.handle, column.ID, result) })
}

func extractions(list []Extraction) abi.List {
	return abi.ListOfRecords(list, 12, func(mem abi.Mem, extraction Extraction) {
		mem.SetString(0, extraction.Path)
		mem.SetU32(8, extraction.Into)
	})
}

// JSON sets columns from the fields of a JSON object, and gives the rows that are objects.
func (batch Batch) JSON(source Text, fields ...Extraction) Mask {
	list := extractions(fields)
	return maskResult(func(result uint32) { batchJSON(batch.handle, source.ID, list.Ptr, list.Len, result) })
}

// Logfmt sets columns from `key=value` pairs, and gives the rows that have one of the keys.
func (batch Batch) Logfmt(source Text, keys ...Extraction) Mask {
	list := extractions(keys)
	return maskResult(func(result uint32) { batchLogfmt(batch.handle, source.ID, list.Ptr, list.Len, result) })
}

// Regex sets columns from the named groups of a regular expression, and gives the rows that match.
func (batch Batch) Regex(source Text, pattern string, groups ...Extraction) Mask {
	return batch.extract(source, pattern, groups, batchRegex)
}

// Grok sets columns from the fields of a Grok pattern, and gives the rows that match.
func (batch Batch) Grok(source Text, pattern string, fields ...Extraction) Mask {
	return batch.extract(source, pattern, fields, batchGrok)
}

func (batch Batch) extract(source Text, pattern string, into []Extraction,
	call func(batch, source, pattern, length, into, count, result uint32)) Mask {
	text, list := abi.ListOfString(pattern), extractions(into)
	return maskResult(func(result uint32) {
		call(batch.handle, source.ID, text.Ptr, text.Len, list.Ptr, list.Len, result)
	})
}

// Redact replaces every match of a regular expression, and gives the rows that had one.
func (batch Batch) Redact(column Text, pattern, replacement string) Mask {
	text, with := abi.ListOfString(pattern), abi.ListOfString(replacement)
	return maskResult(func(result uint32) {
		batchRedact(batch.handle, column.ID, text.Ptr, text.Len, with.Ptr, with.Len, result)
	})
}
