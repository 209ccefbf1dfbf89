// Posts messages as JSON to a web hook.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"lincei/notifier"
)

type plugin struct{ URL string }

func (*plugin) Describe() notifier.Info {
	return notifier.Info{Name: "{{name}}", Version: "0.1.0", Description: "Posts messages as JSON to a web hook."}
}

func (plugin *plugin) Init(config string) error {
	if err := json.Unmarshal([]byte(config), plugin); err != nil {
		return err
	}
	if plugin.URL == "" {
		return errors.New("url is missing")
	}
	return nil
}

type hook struct {
	Subject string `json:"subject"`
	Text    string `json:"text"`
}

func (plugin *plugin) Send(message *notifier.Message) (notifier.Receipt, error) {
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(hook{message.Subject, message.Text}); err != nil {
		return notifier.Receipt{}, err
	}
	response, failure := notifier.Send(&notifier.Request{
		Method:  "POST",
		URL:     plugin.URL,
		Headers: []notifier.Header{{Name: "content-type", Value: "application/json"}},
		Body:    bytes.TrimSpace(body.Bytes()),
	})
	if failure != nil {
		return notifier.Receipt{}, failure
	}
	if response.Status >= 200 && response.Status < 300 {
		return notifier.Receipt{}, nil
	}
	failure = &notifier.Failure{Detail: fmt.Sprintf("the receiver answered %d", response.Status)}
	failure.Retry = response.Status == 429 || response.Status >= 500
	if after, ok := response.Header("retry-after"); ok && failure.Retry {
		// a date is left to the host
		if seconds, err := strconv.ParseUint(after, 10, 32); err == nil {
			failure.RetryAfter = uint32(seconds)
		}
	}
	return notifier.Receipt{}, failure
}

func init() { notifier.Run(&plugin{}) }

func main() {}
