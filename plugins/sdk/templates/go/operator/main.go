// Drops what is below INFO, measures bodies, and classes failed requests.
package main

import "lincei/operator"

var (
	list       operator.Columns
	severity   = list.Ints("severity_number", operator.Read)
	body       = list.Text("body", operator.Read)
	status     = list.Ints("attributes.http.response.status_code", operator.Read)
	bodyLength = list.Ints("attributes.body.length", operator.Write)
	// read, too, so that records that do not set it keep the class they have
	errorClass = list.Text("attributes.error.class", operator.ReadWrite)
)

type plugin struct{}

func (plugin) Describe() operator.Info {
	return operator.Info{
		Name:        "{{name}}",
		Version:     "0.1.0",
		Description: "Drops what is below INFO, measures bodies, and classes failed requests.",
		Signals:     []operator.Signal{operator.Logs},
	}
}

func (plugin) Init(config string) error { return nil }

func (plugin) OnRecord(record operator.Record, edit *operator.Edit) operator.Keep {
	// 0 stands for unknown
	if number, ok := record.Int(severity); ok && number >= 1 && number <= 8 {
		return operator.No
	}
	if text, ok := record.Text(body); ok {
		edit.SetInt(bodyLength, int64(len(text)))
	}
	if code, ok := record.Int(status); ok && code >= 500 {
		edit.SetText(errorClass, "server")
	} else if ok && code >= 400 {
		edit.SetText(errorClass, "client")
	}
	return operator.Yes
}

func init() { operator.Run(plugin{}, &list) }

func main() {}
