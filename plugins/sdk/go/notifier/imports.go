//go:build wasip1

package notifier

//go:wasmimport lincei:plugin/http@1.0.0 send
func httpSend(method, methodLength, url, urlLength, headers, headersCount, body, bodyLength, timeoutMs, result uint32)

//go:wasmimport lincei:plugin/secrets@1.0.0 exists
func secretsExists(name, length uint32) uint32
