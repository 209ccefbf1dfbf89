package main

import "strings"

// agent is what a user agent says of itself; what it does not say is empty.
type agent struct{ name, version, osName, osVersion string }

func (found agent) clone() agent {
	return agent{
		strings.Clone(found.name), strings.Clone(found.version),
		strings.Clone(found.osName), strings.Clone(found.osVersion),
	}
}

// products are tokens that name a browser. Browsers name those that they are like, too, so the order matters: what
// is built on Chromium says `Chrome`, and nearly all say `Safari`.
var products = []struct{ token, name string }{
	{"Edg/", "Edge"},
	{"EdgA/", "Edge"},
	{"EdgiOS/", "Edge"},
	{"OPR/", "Opera"},
	{"SamsungBrowser/", "Samsung Internet"},
	{"Vivaldi/", "Vivaldi"},
	{"YaBrowser/", "Yandex"},
	{"FxiOS/", "Firefox"},
	{"Firefox/", "Firefox"},
	{"CriOS/", "Chrome"},
	{"HeadlessChrome/", "Headless Chrome"},
	{"Chrome/", "Chrome"},
}

// tools are what a user agent begins with that is no browser.
var tools = []string{"curl/", "Wget/", "Go-http-client/", "python-requests/", "okhttp/", "kube-probe/", "Prometheus/"}

func parse(text string) agent {
	var found agent
	found.osName, found.osVersion = system(text)
	for _, tool := range tools {
		if strings.HasPrefix(text, tool) {
			found.name, found.version = tool[:len(tool)-1], versionAt(text[len(tool):])
			return found
		}
	}
	for _, product := range products {
		if _, after, ok := strings.Cut(text, product.token); ok {
			found.name, found.version = product.name, versionAt(after)
			return found
		}
	}
	// Safari says its version elsewhere
	if _, after, ok := strings.Cut(text, "Version/"); ok && strings.Contains(text, "Safari/") {
		found.name, found.version = "Safari", versionAt(after)
	}
	return found
}

// windows are the products of versions of the kernel.
var windows = map[string]string{"10.0": "10", "6.3": "8.1", "6.2": "8", "6.1": "7"}

func system(text string) (name, version string) {
	if _, after, ok := strings.Cut(text, "Windows NT "); ok {
		return "Windows", windows[versionAt(after)]
	}
	if _, after, ok := strings.Cut(text, "Android "); ok {
		return "Android", versionAt(after)
	}
	for _, device := range []string{"CPU iPhone OS ", "CPU OS "} {
		if _, after, ok := strings.Cut(text, device); ok {
			return "iOS", strings.ReplaceAll(versionAt(after), "_", ".")
		}
	}
	if _, after, ok := strings.Cut(text, "Mac OS X "); ok {
		return "macOS", strings.ReplaceAll(versionAt(after), "_", ".")
	}
	switch {
	case strings.Contains(text, "CrOS "):
		return "ChromeOS", ""
	case strings.Contains(text, "Android"):
		return "Android", ""
	case strings.Contains(text, "Linux"):
		return "Linux", ""
	}
	return "", ""
}

// versionAt gives the digits, full stops and underscores that a text begins with.
func versionAt(text string) string {
	end := strings.IndexFunc(text, func(c rune) bool { return (c < '0' || c > '9') && c != '.' && c != '_' })
	if end < 0 {
		end = len(text)
	}
	return strings.TrimRight(text[:end], "._")
}
