//go:build !wasip1

package notifier

// Tests of a plugin's own rules run without the host.
const outside = "only the host has this"

func httpSend(method, methodLength, url, urlLength, headers, headersCount, body, bodyLength, timeoutMs, result uint32) {
	panic(outside)
}

func secretsExists(name, length uint32) uint32 { panic(outside) }
