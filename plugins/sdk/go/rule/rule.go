// Package rule is what rules are written with: they decide on events, and see nothing but their
// arguments.
//
//	func init() { rule.Run(&plugin{}) }
//	func main() {}
package rule

import (
	"lincei/internal/abi"
	"lincei/oncall"
)

// Names of the package oncall, so that a plugin needs this one only.
type (
	Info     = oncall.PluginInfo
	Event    = oncall.Event
	Alert    = oncall.Alert
	Labels   = oncall.Labels
	Severity = oncall.Severity
)

var plugin Rule

// Run makes this the plugin's rule; call it from `init`.
func Run(rule Rule) { plugin = rule }

//go:wasmexport describe
func describe() uint32 { return plugin.Describe().Write() }

//go:wasmexport cabi_post_describe
func postDescribe(uint32) { abi.Release() }

//go:wasmexport init
func initialize(config, length uint32) uint32 { return oncall.Init(plugin, config, length) }

//go:wasmexport cabi_post_init
func postInit(uint32) { abi.Release() }

// Rule is what a plugin implements.
type Rule interface {
	oncall.Plugin
	// Decide says what is to be done with an event, in this order.
	Decide(event *Event, context *Context) ([]Action, error)
}

// Context is what is known when an event is decided on.
type Context struct {
	Now      uint64
	TimeZone string
	Alert    *Alert // that the event's key belongs to; nil where there is none
	Memory   []byte // what the last Remember of this rule kept for the event's key
}

// Action is something to be done.
type Action struct {
	kind   uint8
	text   string
	value  string
	number uint32
	bytes  []byte
}

// SetSummary changes the event's summary.
func SetSummary(text string) Action { return Action{kind: 0, text: text} }

// SetSeverity changes the event's severity.
func SetSeverity(severity Severity) Action { return Action{kind: 1, number: uint32(severity)} }

// SetService changes the event's service.
func SetService(service string) Action { return Action{kind: 2, text: service} }

// SetKey changes the key that events are counted under.
func SetKey(key string) Action { return Action{kind: 3, text: key} }

// SetLabel changes a label.
func SetLabel(key, value string) Action { return Action{kind: 4, text: key, value: value} }

// Route lets another set of rules decide, by its name.
func Route(rules string) Action { return Action{kind: 5, text: rules} }

// Suppress counts it, but tells nobody; the text says why.
func Suppress(reason string) Action { return Action{kind: 6, text: reason} }

// Suspend tells nobody for so many seconds; a recovery before that ends it.
func Suspend(seconds uint32) Action { return Action{kind: 7, number: seconds} }

// Trigger opens an incident, or adds to the open one.
func Trigger() Action { return Action{kind: 8} }

// Recover says that the alert is over.
func Recover() Action { return Action{kind: 9} }

// Drop forgets the event.
func Drop(reason string) Action { return Action{kind: 10, text: reason} }

// Remember keeps this for the next event of the same key; at most 4 KiB.
func Remember(memory []byte) Action { return Action{kind: 11, bytes: memory} }

// Stop asks no further rules.
func Stop() Action { return Action{kind: 12} }

func (action Action) write(mem abi.Mem) {
	mem.SetU8(0, action.kind)
	switch action.kind {
	case 1:
		mem.SetU8(4, uint8(action.number))
	case 4:
		mem.SetString(4, action.text)
		mem.SetString(12, action.value)
	case 7:
		mem.SetU32(4, action.number)
	case 8, 9, 12:
	case 11:
		mem.SetList(4, abi.ListOf(action.bytes))
	default:
		mem.SetString(4, action.text)
	}
}

func readContext(mem abi.Mem) *Context {
	context := &Context{Now: mem.U64(0), TimeZone: mem.String(8), Memory: mem.Bytes(96)}
	if mem.U8(16) == 1 {
		alert := oncall.ReadAlert(mem + 24)
		context.Alert = &alert
	}
	return context
}

//go:wasmexport decide
func decide(arguments uint32) uint32 {
	event, context := oncall.ReadEvent(abi.Mem(arguments)), readContext(abi.Mem(arguments+oncall.EventSize))
	var actions []Action
	var err error
	func() {
		defer abi.Recovered(&err)
		actions, err = plugin.Decide(event, context)
	}()
	mem := abi.Result(err)
	if err == nil {
		mem.SetList(4, abi.ListOfRecords(actions, 20, func(mem abi.Mem, action Action) { action.write(mem) }))
	}
	return uint32(mem)
}

//go:wasmexport cabi_post_decide
func postDecide(uint32) { abi.Release() }
