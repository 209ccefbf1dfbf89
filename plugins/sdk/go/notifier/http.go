package notifier

import (
	"strings"

	"lincei/internal/abi"
)

// Header of a request or an answer.
type Header struct{ Name, Value string }

// Request goes to a host on the plugin's list. `${secret:NAME}` in its URL, in values of headers or in its body
// is replaced on its way out.
type Request struct {
	Method    string
	URL       string
	Headers   []Header
	Body      []byte
	TimeoutMs uint32 // 1 to 30,000; 0 for 10,000
}

// Response is an answer.
type Response struct {
	Status  int
	Headers []Header
	Body    []byte // at most 256 KiB
}

// Header gives the value of a header, and whether there is one; names have no case.
func (response *Response) Header(name string) (string, bool) {
	for _, header := range response.Headers {
		if strings.EqualFold(header.Name, name) {
			return header.Value, true
		}
	}
	return "", false
}

// Send sends a request. What the rules forbid fails for good; what got no answer can be tried again.
func Send(request *Request) (*Response, *Failure) {
	headers := abi.ListOfRecords(request.Headers, 16, func(mem abi.Mem, header Header) {
		mem.SetString(0, header.Name)
		mem.SetString(8, header.Value)
	})
	method, url, body := abi.ListOfString(request.Method), abi.ListOfString(request.URL), abi.ListOf(request.Body)
	mem := abi.New(24)
	httpSend(method.Ptr, method.Len, url.Ptr, url.Len, headers.Ptr, headers.Len, body.Ptr, body.Len,
		request.TimeoutMs, uint32(mem))
	if mem.U8(0) == 0 {
		read := func(mem abi.Mem) Header { return Header{mem.String(0), mem.String(8)} }
		return &Response{int(mem.U16(4)), abi.Records(mem, 8, 16, read), mem.Bytes(16)}, nil
	}
	switch mem.U8(4) {
	case 0, 1:
		return nil, &Failure{Detail: mem.String(8)}
	case 2:
		return nil, &Failure{Detail: mem.String(8), Retry: true}
	}
	return nil, &Failure{Detail: "no answer in time", Retry: true}
}

// SecretExists tells whether `${secret:NAME}` can be used.
func SecretExists(name string) bool {
	list := abi.ListOfString(name)
	return secretsExists(list.Ptr, list.Len) != 0
}
