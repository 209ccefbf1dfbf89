// Package notifier is what notifiers are written with: they deliver messages.
//
//	func init() { notifier.Run(&plugin{}) }
//	func main() {}
package notifier

import (
	"lincei/internal/abi"
	"lincei/oncall"
)

// Names of the package oncall, so that a plugin needs this one only.
type (
	Info     = oncall.PluginInfo
	Incident = oncall.Incident
)

var plugin Notifier

// Run makes this the plugin's notifier; call it from `init`.
func Run(notifier Notifier) { plugin = notifier }

//go:wasmexport describe
func describe() uint32 { return plugin.Describe().Write() }

//go:wasmexport cabi_post_describe
func postDescribe(uint32) { abi.Release() }

//go:wasmexport init
func initialize(config, length uint32) uint32 { return oncall.Init(plugin, config, length) }

//go:wasmexport cabi_post_init
func postInit(uint32) { abi.Release() }

// Notifier is what a plugin implements.
type Notifier interface {
	oncall.Plugin
	// Send delivers a message. An error that is no *Failure fails for good.
	Send(message *Message) (Receipt, error)
}

// Message is what is to be delivered.
type Message struct {
	ID       string // the same when one message is tried again
	Attempt  uint32 // from 1
	Target   string // whom it is for, as the contact says
	Subject  string
	Text     string
	URL      string // where to look at it
	Incident *Incident
}

// Receipt says that it was delivered.
type Receipt struct{ ProviderID string }

// Failure says why it was not.
type Failure struct {
	Detail     string
	Retry      bool   // whether it can help to try again
	RetryAfter uint32 // in seconds; 0 leaves it to the host
}

func (failure *Failure) Error() string { return failure.Detail }

func readMessage(mem abi.Mem) *Message {
	message := &Message{
		ID: mem.String(0), Attempt: mem.U32(8), Target: mem.String(12), Subject: mem.String(20),
		Text: mem.String(28), URL: mem.String(36),
	}
	if mem.U8(48) == 1 {
		message.Incident = oncall.ReadIncident(mem + 56)
	}
	return message
}

//go:wasmexport send
func send(arguments uint32) uint32 {
	message := readMessage(abi.Mem(arguments))
	var receipt Receipt
	var err error
	func() {
		defer abi.Recovered(&err)
		receipt, err = plugin.Send(message)
	}()
	mem := abi.New(20)
	if err == nil {
		mem.SetString(4, receipt.ProviderID)
		return uint32(mem)
	}
	failure, ok := err.(*Failure)
	if !ok {
		failure = &Failure{Detail: err.Error()}
	}
	mem.SetU8(0, 1)
	mem.SetString(4, failure.Detail)
	if failure.Retry {
		mem.SetU8(12, 1)
	}
	mem.SetU32(16, failure.RetryAfter)
	return uint32(mem)
}

//go:wasmexport cabi_post_send
func postSend(uint32) { abi.Release() }
