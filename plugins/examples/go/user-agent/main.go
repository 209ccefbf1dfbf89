// Takes the name and version of the browser and of the operating system from user agents.
package main

import "lincei/operator"

// Names are those of the OpenTelemetry semantic conventions for user agents.
var (
	list      operator.Columns
	original  = list.Text("attributes.user_agent.original", operator.Read)
	name      = list.Text("attributes.user_agent.name", operator.ReadWrite)
	version   = list.Text("attributes.user_agent.version", operator.ReadWrite)
	osName    = list.Text("attributes.user_agent.os.name", operator.ReadWrite)
	osVersion = list.Text("attributes.user_agent.os.version", operator.ReadWrite)
)

// cacheMax bounds the cache: few user agents make most of the traffic.
const cacheMax = 4096

type plugin struct{ cache map[string]agent }

func (*plugin) Describe() operator.Info {
	return operator.Info{
		Name:        "user-agent",
		Version:     "1.0.0",
		Description: "Takes the name and version of the browser and of the operating system from user agents.",
		Signals:     []operator.Signal{operator.Logs, operator.Spans},
	}
}

func (plugin *plugin) Init(config string) error {
	plugin.cache = make(map[string]agent)
	return nil
}

func (plugin *plugin) OnRecord(record operator.Record, edit *operator.Edit) operator.Keep {
	text, ok := record.Text(original)
	if !ok {
		return operator.Yes
	}
	found, ok := plugin.cache[text]
	if !ok {
		found = parse(text)
		if len(plugin.cache) == cacheMax {
			clear(plugin.cache)
		}
		// a copy of its own: the text is part of the batch, which would stay as long as the cache
		found = found.clone()
		plugin.cache[string([]byte(text))] = found
	}
	for _, part := range []struct {
		column operator.Text
		value  string
	}{{name, found.name}, {version, found.version}, {osName, found.osName}, {osVersion, found.osVersion}} {
		if part.value != "" {
			edit.SetText(part.column, part.value)
		}
	}
	return operator.Yes
}

func init() { operator.Run(&plugin{}, &list) }

func main() {}
