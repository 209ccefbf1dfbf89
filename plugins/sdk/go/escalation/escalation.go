// Package escalation is what escalations are written with: they choose whom to page next, and see
// nothing but their arguments.
//
//	func init() { escalation.Run(&plugin{}) }
//	func main() {}
package escalation

import (
	"lincei/internal/abi"
	"lincei/oncall"
)

// Names of the package oncall, so that a plugin needs this one only.
type (
	Info       = oncall.PluginInfo
	Incident   = oncall.Incident
	Occurrence = oncall.Occurrence
)

var plugin Escalation

// Run makes this the plugin's escalation; call it from `init`.
func Run(escalation Escalation) { plugin = escalation }

//go:wasmexport describe
func describe() uint32 { return plugin.Describe().Write() }

//go:wasmexport cabi_post_describe
func postDescribe(uint32) { abi.Release() }

//go:wasmexport init
func initialize(config, length uint32) uint32 { return oncall.Init(plugin, config, length) }

//go:wasmexport cabi_post_init
func postInit(uint32) { abi.Release() }

// Escalation is what a plugin implements.
type Escalation interface {
	oncall.Plugin
	// Next gives the next step.
	Next(incident *Incident, history *History) (Step, error)
}

// History is what happened so far.
type History struct {
	Now         uint64
	TimeZone    string
	Step        uint32 // how often this plugin was asked for this incident before
	Occurrences []Occurrence
}

// Target is who or what can be paged.
type Target struct {
	kind uint8
	name string
}

// Person is a target.
func Person(name string) Target { return Target{0, name} }

// Schedule is whoever is on call.
func Schedule(name string) Target { return Target{1, name} }

// Team is a target.
func Team(name string) Target { return Target{2, name} }

// Channel is a target.
func Channel(name string) Target { return Target{3, name} }

// Step is what is done next. The zero value pages nobody and is no step; Pass leaves it to the policy.
type Step struct {
	kind    uint8
	targets []Target
	text    string
	seconds uint32
}

// Page pages, and asks for the next step after so many seconds, at least 10, unless somebody acknowledged.
func Page(note string, nextAfter uint32, targets ...Target) Step {
	return Step{0, targets, note, nextAfter}
}

// Wait asks again in so many seconds, at least 10.
func Wait(seconds uint32) Step { return Step{kind: 1, seconds: seconds} }

// Pass goes on with the policy's own next step.
func Pass() Step { return Step{kind: 2} }

// Stop pages nobody else; the text says why.
func Stop(reason string) Step { return Step{kind: 3, text: reason} }

func (step Step) write(mem abi.Mem) {
	mem.SetU8(0, step.kind)
	switch step.kind {
	case 0:
		mem.SetList(4, abi.ListOfRecords(step.targets, 12, func(mem abi.Mem, target Target) {
			mem.SetU8(0, target.kind)
			mem.SetString(4, target.name)
		}))
		mem.SetString(12, step.text)
		mem.SetU32(20, step.seconds)
	case 1:
		mem.SetU32(4, step.seconds)
	case 3:
		mem.SetString(4, step.text)
	}
}

//go:wasmexport next
func next(arguments uint32) uint32 {
	at := abi.Mem(arguments + oncall.IncidentSize)
	incident := oncall.ReadIncident(abi.Mem(arguments))
	history := &History{at.U64(0), at.String(8), at.U32(16), oncall.ReadOccurrences(at, 20)}
	var step Step
	var err error
	func() {
		defer abi.Recovered(&err)
		step, err = plugin.Next(incident, history)
	}()
	mem := abi.New(28)
	if err != nil {
		mem.SetU8(0, 1)
		mem.SetString(4, err.Error())
	} else {
		step.write(mem + 4)
	}
	return uint32(mem)
}

//go:wasmexport cabi_post_next
func postNext(uint32) { abi.Release() }
