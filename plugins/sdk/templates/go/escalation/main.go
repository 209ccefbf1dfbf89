// Pages the last committer first.
package main

import "lincei/escalation"

type plugin struct{}

func (plugin) Describe() escalation.Info {
	return escalation.Info{Name: "{{name}}", Version: "0.1.0", Description: "Pages the last committer first."}
}

func (plugin) Init(config string) error { return nil }

func (plugin) Next(incident *escalation.Incident, history *escalation.History) (escalation.Step, error) {
	committer := incident.Labels.Get("committer")
	if committer == "" || history.Step > 0 {
		return escalation.Pass(), nil
	}
	return escalation.Page("last committer", 300, escalation.Person(committer)), nil
}

func init() { escalation.Run(plugin{}) }

func main() {}
