// Suppresses the events of some services while they are deployed.
package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"lincei/rule"
)

type plugin struct {
	From     string
	Until    string
	Services []string
	// minutes of the day in UTC; the window goes over midnight where from is later
	from, until uint64
}

func (*plugin) Describe() rule.Info {
	return rule.Info{
		Name:        "{{name}}",
		Version:     "0.1.0",
		Description: "Suppresses the events of some services while they are deployed.",
	}
}

func (plugin *plugin) Init(config string) (err error) {
	if err = json.Unmarshal([]byte(config), plugin); err != nil {
		return err
	}
	if plugin.from, err = minutes("from", plugin.From); err != nil {
		return err
	}
	plugin.until, err = minutes("until", plugin.Until)
	return err
}

// minutes gives the minute of the day of a time as 22:00.
func minutes(key, text string) (uint64, error) {
	at, err := time.Parse("15:04", text)
	if err != nil {
		return 0, fmt.Errorf("%s must be a time as 22:00, not %q", key, text)
	}
	return uint64(at.Hour()*60 + at.Minute()), nil
}

func (plugin *plugin) Decide(event *rule.Event, context *rule.Context) ([]rule.Action, error) {
	minute := context.Now / uint64(time.Minute) % (24 * 60)
	inside := plugin.from <= minute && minute < plugin.until
	if plugin.from > plugin.until {
		inside = plugin.from <= minute || minute < plugin.until
	}
	if service := event.Labels.Get("service"); inside && service != "" && slices.Contains(plugin.Services, service) {
		return []rule.Action{rule.Suppress("deploy window")}, nil
	}
	return nil, nil
}

func init() { rule.Run(&plugin{}) }

func main() {}
