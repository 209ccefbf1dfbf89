// Package oncall has events, alerts and incidents as plugins see them. Times are nanoseconds since the Unix
// epoch, UTC; 0 stands for none.
package oncall

import "lincei/internal/abi"

// Labels are keys and values.
type Labels []Label

// Label is one of them.
type Label struct{ Key, Value string }

// Get gives the value of a label, of several with one key the first; the empty text where there is none.
func (labels Labels) Get(key string) string {
	for _, label := range labels {
		if label.Key == key {
			return label.Value
		}
	}
	return ""
}

// Severity of events, alerts and incidents.
type Severity uint8

// Severities.
const (
	Critical Severity = iota
	Error
	Warning
	Info
)

// Event is what a sender said.
type Event struct {
	ID                           string
	Received                     uint64
	Integration, Summary, Source string
	Severity                     Severity
	Labels                       Labels
	Body                         string // as it was sent, as JSON
}

// AlertStatus is what state an alert is in.
type AlertStatus uint8

// States of alerts.
const (
	AlertFiring AlertStatus = iota
	AlertAcknowledged
	AlertResolved
	AlertSuppressed
)

// Alert is what events were counted in.
type Alert struct {
	ID, Key                    string
	Status                     AlertStatus
	Severity                   Severity
	Summary, Service           string
	Labels                     Labels
	Started, LastEvent, Events uint64
}

// IncidentStatus is what state an incident is in.
type IncidentStatus uint8

// States of incidents.
const (
	IncidentTriggered IncidentStatus = iota
	IncidentAcknowledged
	IncidentResolved
)

// Incident is the ticket that people work on.
type Incident struct {
	ID                    string
	Number                uint64
	Title                 string
	Status                IncidentStatus
	Severity              Severity
	Service               string
	Labels                Labels
	Created, Acknowledged uint64
	Responders            []string
	Alerts                []Alert
}

// Occurrence is what happened to an incident.
type Occurrence struct {
	At                  uint64
	Kind, Actor, Detail string
}

func readString(mem abi.Mem) string { return mem.String(0) }

func readLabel(mem abi.Mem) Label { return Label{mem.String(0), mem.String(8)} }

func readLabels(mem abi.Mem, offset uint32) Labels { return abi.Records(mem, offset, 16, readLabel) }

// EventSize is the size of the record in bytes.
const EventSize = 64

// ReadEvent reads the record.
func ReadEvent(mem abi.Mem) *Event {
	return &Event{
		ID: mem.String(0), Received: mem.U64(8), Integration: mem.String(16), Summary: mem.String(24),
		Source: mem.String(32), Severity: Severity(mem.U8(40)), Labels: readLabels(mem, 44), Body: mem.String(52),
	}
}

const alertSize = 72

// ReadAlert reads the record.
func ReadAlert(mem abi.Mem) Alert {
	return Alert{
		ID: mem.String(0), Key: mem.String(8), Status: AlertStatus(mem.U8(16)), Severity: Severity(mem.U8(17)),
		Summary: mem.String(20), Service: mem.String(28), Labels: readLabels(mem, 36),
		Started: mem.U64(48), LastEvent: mem.U64(56), Events: mem.U64(64),
	}
}

// IncidentSize is the size of the record in bytes.
const IncidentSize = 80

// ReadIncident reads the record.
func ReadIncident(mem abi.Mem) *Incident {
	return &Incident{
		ID: mem.String(0), Number: mem.U64(8), Title: mem.String(16), Status: IncidentStatus(mem.U8(24)),
		Severity: Severity(mem.U8(25)), Service: mem.String(28), Labels: readLabels(mem, 36),
		Created: mem.U64(48), Acknowledged: mem.U64(56),
		Responders: abi.Records(mem, 64, 8, readString), Alerts: abi.Records(mem, 72, alertSize, ReadAlert),
	}
}

// ReadOccurrences reads a list of records.
func ReadOccurrences(mem abi.Mem, offset uint32) []Occurrence {
	return abi.Records(mem, offset, 32, func(mem abi.Mem) Occurrence {
		return Occurrence{mem.U64(0), mem.String(8), mem.String(16), mem.String(24)}
	})
}

// PluginInfo is what a plugin says of itself.
type PluginInfo struct{ Name, Version, Description string }

// Write writes the record.
func (info PluginInfo) Write() uint32 {
	mem := abi.New(24)
	mem.SetString(0, info.Name)
	mem.SetString(8, info.Version)
	mem.SetString(16, info.Description)
	return uint32(mem)
}

// Plugin is what rules, notifiers and escalations have in common.
type Plugin interface {
	// Describe is asked once when the plugin is installed.
	Describe() PluginInfo
	// Init makes the instance ready. The configuration is JSON.
	Init(config string) error
}

// Init calls a plugin's Init, and writes its result.
func Init(plugin Plugin, config, length uint32) uint32 {
	var err error
	func() {
		defer abi.Recovered(&err)
		err = plugin.Init(abi.String(config, length))
	}()
	return uint32(abi.Result(err))
}
